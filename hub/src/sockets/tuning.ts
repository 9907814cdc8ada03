import { MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'
import type { FloodLimits } from './floodGuard.ts'

/** The bounds of all links, each with its reason. */
export const socketsTuning = {
  /** A smaller difference between an agent's clock and the hub's is the way of its message: a busy line takes a second. */
  sameClockMs: 2_000,
  agent: {
    /** Ten frames a second while live; catching up, frames of 64 records fill a gigabit line with about as many. */
    messagesPerSecond: 5_000,
    /** A report has 1 KB, an edit of the longest draft 30 KB: nobody types or telephones a megabyte a second … */
    textBytesPerSecond: 1_048_576,
    /** … but an agent that was away for weeks sends the reports of all its calls at once. */
    textBytesAtOnce: 8 * 1_048_576,
  },
  worker: {
    /** A worker with 200 slots sends about 2,000 messages a second (renewals, acknowledgements, partials); five times that. */
    messagesPerSecond: 10_000,
    /** A final with its words has 10 KB at most every few seconds per slot, a partial less. */
    textBytesPerSecond: 16 * 1_048_576,
    textBytesAtOnce: 32 * 1_048_576,
  },
  wallboard: {
    /** A wallboard pings once in five seconds; a browser that says so much is broken, or none. */
    messagesPerSecond: 20,
    textBytesPerSecond: 16_384,
    textBytesAtOnce: 65_536,
  },
  /**
   * Text messages of one agent in the long run, over all its links: a day of telephone calls is some thousand. An agent that
   * sends more for hours is broken or hostile, also where the hub reads it only as fast as its turn allows.
   */
  steady: { perSecond: 50, atOnce: 20_000 },
  /**
   * Bytes of one agent, sound included: half a gigabit line, thousands of live calls. An agent that catches up faster waits, as
   * it would for a slower line.
   */
  pace: { perSecond: 64 * 1_048_576, atOnce: 128 * 1_048_576 },
  /**
   * Messages of one agent that are under way at once, over all its links. Some work of it waits for the disk, some for the
   * database; another agent never waits behind more than these.
   */
  underWay: 4,
  /** Messages of one link that wait: then its socket is not read until half of them are done. What waits in TCP is the agent's. */
  maxWaiting: 128,
  /** The same as bytes: the memory that one agent's waiting messages may take. */
  maxWaitingBytes: 1_048_576,
  /** A link that is not read for so long is named in the log and in `/health`: honest agents are caught up within seconds. */
  behindMs: 5 * SECOND_MS,
  /** A cause that is over stays in `/health` for this long, so that a person who is called finds it. */
  rememberMs: 10 * MINUTE_MS,
  /** One line of the log in so long for what one agent asks of others' things: enough for a person, and no flood. */
  foreignLineMs: MINUTE_MS,
  /** Drafts after a welcome leave in pages: the next page once this little waits in the agent's socket. */
  pageBytes: 131_072,
  /** Calls whose text so far is sent after a welcome: a technician has a few at once, and each is a query. */
  maxCallsCaughtUp: 50,
} as const satisfies Record<'agent' | 'worker' | 'wallboard', FloodLimits> & Record<string, object | number>

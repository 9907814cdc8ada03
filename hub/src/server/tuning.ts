import { SECOND_MS } from '@3cx-ninja/protocol'

/** All durations and bounds of the server; their reasons stand beside the values. */
export interface ServerTuning {
  readonly handshakeMs: number
  readonly headersMs: number
  readonly requestMs: number
  readonly checkMs: number
  readonly refusalMs: number
  readonly closeMs: number
  readonly stopMs: number
  readonly gatherMs: number
  readonly maxPipelined: number
  readonly maxGreetingBytes: number
  readonly maxBytesAfterClose: number
  readonly maxFragments: number
  readonly maxBufferedChunks: number
  readonly maxGreetingsOfClient: number
  readonly maxGreetingsOfAddress: number
  readonly maxLinksOfClient: number
}

/** The values that the hub runs with, each with its reason. */
export const serverTuning: ServerTuning = {
  /** A TLS handshake takes two round trips; Node's own default of 120 s lets a silent peer keep its handle that long. */
  handshakeMs: 10 * SECOND_MS,
  /** A connection that has not sent a request by then is no client of ours. */
  headersMs: 10 * SECOND_MS,
  /** The largest body is 256 KiB: two minutes are enough for the slowest line. */
  requestMs: 120 * SECOND_MS,
  /** How often the two above are checked; Node's own default of 30 s would treble them. */
  checkMs: 5 * SECOND_MS,
  /** A refused peer that does not close is cut: it must not hold a handle forever. */
  refusalMs: 2 * SECOND_MS,
  /** A peer answers a close within a round trip; the default of ws, 30 s, keeps what a hostile one has sent for that long. */
  closeMs: 2 * SECOND_MS,
  /** Sockets get this long to answer the close on stop; agents reconnect anyway. */
  stopMs: 2 * SECOND_MS,
  /** Sound may wait this long to leave together with that of other calls: nothing compared with the 600 ms that end an utterance. */
  gatherMs: 5,
  /** Requests of one connection that may wait behind its first one: no client of ours pipelines, a proxy rarely does. */
  maxPipelined: 8,
  /** A hello has at most 300 bytes: before it no socket may send more than this. */
  maxGreetingBytes: 8_192,
  /** What was on its way when the hub closed the socket may still arrive; behind it the hub stops reading. */
  maxBytesAfterClose: 65_536,
  /** Clients send each message in one frame; a browser or proxy splits a large one into frames of some kilobytes. */
  maxFragments: 64,
  /** A message of 256 KiB in TCP segments is 190 pieces; each piece of one byte would keep an object of a hundred. */
  maxBufferedChunks: 1_024,
  /** Sockets of one client between upgrade and hello: one is right, two happen after a cut line. */
  maxGreetingsOfClient: 4,
  /** The same of one address, also behind a proxy: a whole office connects again after a power cut, each socket for a moment. */
  maxGreetingsOfAddress: 256,
  /** Links of one client: an agent has one, a screen one for each of its tabs. */
  maxLinksOfClient: 4,
}

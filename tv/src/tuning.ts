import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'

/** Every duration and limit of the wallboard, with its reason. */
export const wallboardTuning = {
  /** Elapsed times tick once a second; nothing on the wallboard moves faster. */
  tickMs: SECOND_MS,
  /** A hub on the company network answers in milliseconds; until this time the wallboard shows "connecting", not an alarm. */
  patienceMs: 4 * SECOND_MS,
  /** A wallboard has no operator, so a refused one retries automatically, slowly enough never to be locked out. */
  refusedRetryMs: MINUTE_MS,
  /** Timeout of the request that checks whether the hub answers HTTP. */
  probeMs: 3 * SECOND_MS,
  /** A browser hides the reason of a failed socket: this many failures in a row while the hub answers HTTP are a refusal. */
  refusalsBelieved: 2,
  /** A screen's cookie lasts 14 days and is renewed this often while the page is open: a week off is no reason for a new link. */
  renewMs: 6 * HOUR_MS,
  /** The picture moves by a few pixels each minute, so that no edge burns in. */
  shiftMs: MINUTE_MS,
  /** A common service level (80/20) answers eight of ten calls within this time; a longer ringing call is late. */
  ringLateMs: 20 * SECOND_MS,
  /** A caller who is on hold for longer feels forgotten. */
  holdLateMs: 2 * MINUTE_MS,
  /** A call of this length may need a colleague. */
  talkLongMs: 20 * MINUTE_MS,
  /** Lines kept of one call: more than any card can show. The hub keeps as many. */
  linesKept: 40,
  linesShown: 14,
  /** Items that fit at a size readable from five meters; the wallboard counts the rest. */
  cards: 6,
  agentRows: 7,
  agentCells: 14,
  ticketRows: 5,
  /** Fewer rows fit while a band above explains a failure, and still fewer while the band asks for a key. */
  ticketRowsUnderBand: 3,
  ticketRowsUnderForm: 2,
} as const

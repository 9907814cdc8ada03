import { MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'

/** All durations and amounts of the wallboard, with their reasons. */
export const wallboardTuning = {
  /** Elapsed times tick once a second; nothing on the wallboard moves faster by itself. */
  tickMs: SECOND_MS,
  /** A hub on the company network answers in milliseconds; until then "connecting" is shown, not an alarm. */
  patienceMs: 4 * SECOND_MS,
  /** Nobody stands at the wallboard to press a key: a refused wallboard asks again by itself, slowly enough never to be locked out. */
  refusedRetryMs: MINUTE_MS,
  /** How long the page waits for an answer when it asks whether the hub is there at all. */
  probeMs: 3 * SECOND_MS,
  /** A browser does not tell why a socket was not opened: that many times "the hub answers, but not to us" is a refusal. */
  refusalsBelieved: 2,
  /** The picture moves by a few pixels each minute, so that no edge burns in. */
  shiftMs: MINUTE_MS,
  /** Eight calls of ten are answered within this where a service level is kept (80/20): after it, somebody should. */
  ringLateMs: 20 * SECOND_MS,
  /** A caller on hold for longer believes to be forgotten. */
  holdLateMs: 2 * MINUTE_MS,
  /** A call of this length may need a colleague. */
  talkLongMs: 20 * MINUTE_MS,
  /** Lines kept of one call; more than any card can show. The hub keeps as many. */
  linesKept: 40,
  linesShown: 14,
  /** What fits at five metres' size; the rest is counted. */
  cards: 6,
  agentRows: 7,
  agentCells: 14,
  ticketRows: 5,
  /** Fewer while a band above says what is wrong, and fewer still while it asks for a key. */
  ticketRowsUnderBand: 3,
  ticketRowsUnderForm: 2,
} as const

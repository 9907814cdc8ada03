import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'

/** All durations and counts of detection, with their reasons. */
export const detectionTuning = {
  /** A source that failed is started again after these, then always after the last one: sound servers restart within seconds. */
  retryMs: [SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS, 15 * SECOND_MS, MINUTE_MS] as readonly number[],
  /** Links accepted per `linkWindowMs`: a telephone opens one per ringing call, a hostile page as many as it can. */
  linksPerWindow: 10,
  linkWindowMs: MINUTE_MS,
  /** A ring that the hub reports this late was answered, or given up: no telephone rings longer at one extension. */
  staleRingMs: 2 * MINUTE_MS,
  /** A talk this old has ended unseen: the longest call of a helpdesk is shorter. */
  staleTalkMs: 4 * HOUR_MS,
  /** An extension has a few calls at once; a hub that reports more is broken. */
  maxLegs: 50,
}
/** The limits and durations of call detection, overridden only by tests. */
export type DetectionTuning = typeof detectionTuning

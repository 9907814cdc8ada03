import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'

/** All durations and counts of detection, with their reasons. */
export const detectionTuning = {
  /** A source that failed is tried again after these, then after the last one for ever: sound servers restart within seconds. */
  againMs: [SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS, 15 * SECOND_MS, MINUTE_MS] as readonly number[],
  /** Links accepted per `linkWindowMs`: a telephone opens one per ringing call, a hostile page as many as it can. */
  linksPerWindow: 10,
  linkWindowMs: MINUTE_MS,
  /** A ring that the hub tells of so late was answered, or given up: no telephone rings longer at one extension. */
  staleRingMs: 2 * MINUTE_MS,
  /** Nor a talk that nobody has seen the end of: the longest call of a helpdesk, and some more. */
  staleTalkMs: 4 * HOUR_MS,
  /** An extension has a few calls at once; a hub that tells of more is broken. */
  maxLegs: 50,
}
export type DetectionTuning = typeof detectionTuning

import { MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'

/** All durations and counts of detection, with their reasons. */
export const detectionTuning = {
  /** A source that failed is tried again after these, then after the last one for ever: sound servers restart within seconds. */
  againMs: [SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS, 15 * SECOND_MS, MINUTE_MS] as readonly number[],
  /** Links accepted per `linkWindowMs`: a telephone opens one per ringing call, a hostile page as many as it can. */
  linksPerWindow: 10,
  linkWindowMs: MINUTE_MS,
}
export type DetectionTuning = typeof detectionTuning

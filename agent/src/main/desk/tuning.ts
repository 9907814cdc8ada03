import { SECOND_MS } from '@3cx-ninja/protocol'

/** All durations of the desk, with their reasons. */
export const deskTuning = {
  /** Time between two snapshots: faster than the eye reads, slow enough that a storm of partials costs little. */
  snapshotMs: 100,
  /** Time between two levels: the meter looks alive. */
  levelsMs: 100,
  /** Time between two polls of what changes without an event, such as the amount that waits for the hub. */
  pollMs: SECOND_MS,
  /** Lines of a call go to disk this long after they came, many at once; a crash loses no more of the history. */
  keepMs: 3 * SECOND_MS,
}
export type DeskTuning = typeof deskTuning

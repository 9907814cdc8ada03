import { SECOND_MS } from '@3cx-ninja/protocol'

/** All durations of the desk, with their reasons. */
export const deskTuning = {
  /** Between two snapshots: quicker than the eye reads, slow enough that a storm of partials costs little. */
  snapshotMs: 100,
  /** Between two levels: a meter that looks alive. */
  levelsMs: 100,
  /** What changes without an event (what waits for the hub) is looked at this often. */
  pollMs: SECOND_MS,
  /** Words of a call go to disk this long after they came, many at once; a crash loses no more of the history. */
  keepMs: 3 * SECOND_MS,
}
export type DeskTuning = typeof deskTuning

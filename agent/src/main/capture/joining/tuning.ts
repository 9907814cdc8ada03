import { SECOND_MS } from '@3cx-ninja/protocol'

/** All durations and ratios of joining two sources on one clock, with their reasons. */
export const joinerTuning = {
  /** A source that is this far behind counts as lost, and the other one goes on: longer than the late start of an idle monitor (1.7 s measured). */
  lateMs: 3 * SECOND_MS,
  /** How long the first pieces of a source are watched before its clock is trusted: a burst after a slow start comes within it. */
  settleMs: 300,
  /** The least delayed piece within this gives the clock: the others waited somewhere. 100 ppm move it by half a ms meanwhile. */
  watchMs: 5 * SECOND_MS,
  /** A source later than this has lost audio: silence replaces it at once. Earlier audio is never cut, only played faster. */
  jumpMs: 60,
  /** Deviation is worked off within about this. */
  settleIntoMs: 2 * SECOND_MS,
  /** Ordinary resampling ratio: 1,000 ppm covers any crystal and is inaudible. */
  bend: 0.001,
  /** Resampling ratio where a source is more than `farMs` off: audible, but nothing is lost. */
  farBend: 0.02,
  farMs: 20,
  /** Audio that comes back this late is dropped: its time has been given out as silence. */
  tooLateMs: 500,
  /** A longer backlog is a source that runs away, not a clock that drifts. */
  backlogMs: 6 * SECOND_MS,
}
/** The numbers of the clock joiner, overridden only by tests. */
export type JoinerTuning = typeof joinerTuning

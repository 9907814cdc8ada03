import { SECOND_MS } from '@3cx-ninja/protocol'

/** How two sources are brought onto one clock, with the reasons. */
export const joinerTuning = {
  /** A source that is this far behind counts as lost, and the other one goes on: longer than the late start of an idle monitor (1.7 s measured). */
  lateMs: 3 * SECOND_MS,
  /** How long the first pieces of a source are watched before its clock is believed: a burst behind a slow start comes within it. */
  settleMs: 300,
  /** The least delayed piece within this tells the clock: the others waited somewhere. 100 ppm move it by half a ms meanwhile. */
  watchMs: 5 * SECOND_MS,
  /** A source later than this has lost sound: silence takes its place at once. Earlier sound is never cut, only played faster. */
  jumpMs: 60,
  /** Deviation is worked off within about this. */
  settleIntoMs: 2 * SECOND_MS,
  /** Ordinary bend: 1,000 ppm covers any crystal, and nobody hears it. */
  bend: 0.001,
  /** Bend where a source is more than `farMs` off: heard, but nothing is lost. */
  farBend: 0.02,
  farMs: 20,
  /** Sound that comes back this late is left away: its time has been given out as silence. */
  tooLateMs: 500,
  /** More than this waiting is a source that runs away, not a clock that drifts. */
  backlogMs: 6 * SECOND_MS,
}
export type JoinerTuning = typeof joinerTuning

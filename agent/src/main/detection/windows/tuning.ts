import { SECOND_MS, MINUTE_MS } from '@3cx-ninja/protocol'

/** All durations of the Windows call sources, with their reasons. */
export const windowsTuning = {
  /** Windows' clock may be set right shortly after the start: an entry this little before it is trusted. */
  bootToleranceMs: MINUTE_MS,
  /** While a softphone uses the microphone, the processes are checked this often: a crash may leave its entry open. */
  aliveEveryMs: 5 * SECOND_MS,
  /** Titles change with the call and the caller is wanted on screen at once; one poll costs 1 to 5 ms of CPU. */
  titlesEveryMs: SECOND_MS,
  /** Without a running softphone there is no title: only the list of processes is read. */
  noClientEveryMs: 5 * SECOND_MS,
  /** A virus scanner may examine the helper that watches the sessions first. */
  helperBeginMs: 15 * SECOND_MS,
  /** The helper writes a line every 10 s; Windows' sound service can delay it. */
  helperStallMs: 30 * SECOND_MS,
  /** The helper ends within a second of its input's end; after this it is killed. */
  helperStopMs: 2 * SECOND_MS,
}
/** The durations of the Windows sources, overridden only by tests. */
export type WindowsTuning = typeof windowsTuning

import { SECOND_MS, MINUTE_MS } from '@3cx-ninja/protocol'

/** All durations of the Windows call sources, with their reasons. */
export const windowsTuning = {
  /** Windows' clock may be set right shortly after the start: an entry so little before it is believed. */
  bootToleranceMs: MINUTE_MS,
  /** While a softphone holds the microphone: is it still running? A crash may leave its entry open. */
  aliveEveryMs: 5 * SECOND_MS,
  /** Titles change with the call and the caller is wanted on screen at once; one look costs 1 to 5 ms of CPU. */
  titlesEveryMs: SECOND_MS,
  /** Without a running softphone there is no title: only the list of processes is read. */
  noClientEveryMs: 5 * SECOND_MS,
}
export type WindowsTuning = typeof windowsTuning

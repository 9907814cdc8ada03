import type { Clock } from '@3cx-ninja/protocol'

/**
 * Returns a wall clock that does not jump during a call: its value when the first call began, run on. Wall-clock stamps give
 * durations and order of calls; a clock that is set in mid-call (NTP, by hand) would make talks of minus
 * three hours, and one call of two.
 */
export function createSteadyWallClock(
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
  isAnyOngoing: () => boolean,
): () => number {
  let aheadMs = clock.nowMs() - clock.monotonicMs()
  return () => {
    if (!isAnyOngoing()) aheadMs = clock.nowMs() - clock.monotonicMs()
    return Math.round(clock.monotonicMs() + aheadMs) // stamps are whole, a monotonic clock is not
  }
}

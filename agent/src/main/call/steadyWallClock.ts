import type { Clock } from '@3cx-ninja/protocol'

/**
 * Wall-clock time that does not jump while a call is on: the clock as it stood when the first one began, run on. Durations
 * and order of calls are told by wall-clock stamps; a clock that is set in mid-call (NTP, by hand) would make talks of minus
 * three hours, and one call of two.
 */
export function createSteadyWallClock(
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
  isAnyOn: () => boolean,
): () => number {
  let aheadMs = clock.nowMs() - clock.monotonicMs()
  return () => {
    if (!isAnyOn()) aheadMs = clock.nowMs() - clock.monotonicMs()
    return Math.round(clock.monotonicMs() + aheadMs) // stamps are whole, a monotonic clock is not
  }
}

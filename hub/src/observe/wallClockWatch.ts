import { HOUR_MS, SECOND_MS, type Clock } from '@3cx-ninja/protocol'

/** A leap of the machine's clock. */
export interface ClockLeap {
  /** How far it was moved: forward, or back with a minus. */
  readonly byMs: number
}

/** The steps by which a time service corrects a clock are far smaller. */
const LEAP_MS = 10 * SECOND_MS
/** So long a leap is shown: times of calls from before and after it do not fit together. */
const SHOWN_MS = HOUR_MS

/**
 * Returns a function that returns the last leap of the wall clock, as seen between two of its calls, for an hour; undefined:
 * there was none. It knows a leap by the monotonic clock, which none moves.
 */
export function createWallClockWatch(
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): () => ClockLeap | undefined {
  const offset = () => clock.nowMs() - clock.monotonicMs()
  let lastOffset = offset()
  let leap: (ClockLeap & { readonly atMs: number }) | undefined
  return () => {
    const byMs = offset() - lastOffset
    lastOffset += byMs
    if (Math.abs(byMs) >= LEAP_MS) leap = { byMs, atMs: clock.monotonicMs() }
    return leap && clock.monotonicMs() - leap.atMs < SHOWN_MS ? leap : undefined
  }
}

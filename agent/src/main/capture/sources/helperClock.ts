/** A larger difference between the helper's time and the arrival means that the helper uses another clock. */
const MAX_OFFSET_MS = 3_000

/**
 * Returns a function that returns the time at which a helper's audio was captured, on this process' monotonic clock. Both run on the same hardware counter,
 * so they differ by a constant, and a frame can only arrive after its capture: the least difference seen is that constant
 * plus the shortest way through the pipe. Frames without a time, or with an absurd one, count from their arrival.
 */
export function createHelperClock(): (capturedMs: number | undefined, arrivedMs: number) => number {
  let least: number | undefined
  return (capturedMs, arrivedMs) => {
    if (capturedMs === undefined) return arrivedMs
    const apart = arrivedMs - capturedMs
    if (least !== undefined && Math.abs(apart - least) > MAX_OFFSET_MS) return arrivedMs
    least = Math.min(least ?? apart, apart)
    return capturedMs + least
  }
}

/** More than this between the helper's time and the arrival: its clock is not the one it should be. */
const BELIEVABLE_MS = 3_000

/**
 * The time at which a helper's sound was captured, on this process' monotonic clock. Both run on the same hardware counter,
 * so they differ by a constant, and a frame can only arrive after it was captured: the least difference seen is that
 * constant and the shortest way through the pipe. Frames without a time, or with an absurd one, count from their arrival.
 */
export function createHelperClock(): (capturedMs: number | undefined, arrivedMs: number) => number {
  let least: number | undefined
  return (capturedMs, arrivedMs) => {
    if (capturedMs === undefined) return arrivedMs
    const apart = arrivedMs - capturedMs
    if (least !== undefined && Math.abs(apart - least) > BELIEVABLE_MS) return arrivedMs
    least = Math.min(least ?? apart, apart)
    return capturedMs + least
  }
}

import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'

/** An amount that refills with time: what is taken at once is bounded, and so is what is taken in the long run. */
export interface Budget {
  /** Takes the amount; returns false, and takes it all the same, when that was more than is left. */
  take(amount: number): boolean
}

/** Creates a full budget of `atOnce`, which refills by `perSecond`. */
export function createBudget({
  clock,
  perSecond,
  atOnce,
}: {
  readonly clock: Clock
  readonly perSecond: number
  readonly atOnce: number
}): Budget {
  let left = atOnce
  let countedMs = clock.monotonicMs()
  return {
    take(amount) {
      const nowMs = clock.monotonicMs()
      left = Math.min(atOnce, left + ((nowMs - countedMs) / SECOND_MS) * perSecond) - amount
      countedMs = nowMs
      if (left >= 0) return true
      left = Math.max(left, -atOnce) // a client that stops is allowed again within a known time
      return false
    },
  }
}

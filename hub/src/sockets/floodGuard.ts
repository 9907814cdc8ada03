import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'

/** Counts messages in windows of one second. */
export interface FloodGuard {
  /** false: more than allowed in this second; close the link (`tooMany`). */
  allows(): boolean
}

export function createFloodGuard({ clock, perSecond }: { clock: Clock; perSecond: number }): FloodGuard {
  let windowMs = clock.monotonicMs()
  let count = 0
  return {
    allows() {
      const nowMs = clock.monotonicMs()
      if (nowMs - windowMs >= SECOND_MS) {
        windowMs = nowMs
        count = 0
      }
      count += 1
      return count <= perSecond
    },
  }
}

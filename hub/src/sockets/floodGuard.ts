import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'

/** Counts the messages of one link in windows of one second. */
export interface FloodGuard {
  /** false: more than allowed in this second; close the link (`tooMany`). */
  allows(): boolean
}

/** Creates the guard of one link, which allows `perSecond` messages in each second. */
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

/**
 * Creates one guard for many clients that request without a link. Forgets every count with each new second, so that a
 * client that requests no more costs nothing.
 */
export function createFloodGuards({ clock, perSecond }: { clock: Clock; perSecond: number }) {
  const counts = new Map<string, number>()
  let windowMs = clock.monotonicMs()
  return {
    allows(id: string): boolean {
      const nowMs = clock.monotonicMs()
      if (nowMs - windowMs >= SECOND_MS) {
        windowMs = nowMs
        counts.clear()
      }
      const count = (counts.get(id) ?? 0) + 1
      counts.set(id, count)
      return count <= perSecond
    },
    /** How many are counted at this moment. */
    get size() {
      return counts.size
    },
  }
}

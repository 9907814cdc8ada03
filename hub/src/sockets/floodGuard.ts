import { createBudget, type Budget } from '@3cx-ninja/node-kit/budget.ts'
import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'

/** What one link may send; more closes it. Rule L9. */
export interface FloodLimits {
  readonly messagesPerSecond: number
  readonly textBytesPerSecond: number
  /** Text that may come at once, after a time with less. */
  readonly textBytesAtOnce: number
}

/** Counts the messages of one link, and the length of its texts. */
export interface FloodGuard {
  /** Counts one message. false: more than allowed; close the link (`tooMany`). */
  allows(data: string | Uint8Array): boolean
}

/**
 * Creates the guard of one link. `steady`: what its client may send as text in the long run, over all its links; the client
 * that reconnects goes on with what is left.
 */
export function createFloodGuard({
  clock,
  limits,
  steady,
}: {
  readonly clock: Clock
  readonly limits: FloodLimits
  readonly steady?: Budget | undefined
}): FloodGuard {
  let windowMs = clock.monotonicMs()
  let count = 0
  const text = createBudget({ clock, perSecond: limits.textBytesPerSecond, atOnce: limits.textBytesAtOnce })
  return {
    allows(data) {
      const nowMs = clock.monotonicMs()
      if (nowMs - windowMs >= SECOND_MS) {
        windowMs = nowMs
        count = 0
      }
      count += 1
      if (count > limits.messagesPerSecond) return false
      return typeof data !== 'string' || (text.take(data.length) && (steady?.take(1) ?? true))
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

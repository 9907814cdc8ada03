import type { Clock } from '@3cx-ninja/protocol'
import { createSerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import { abortableSleep } from '@3cx-ninja/node-kit/abortableSleep.ts'
import { RATE_WINDOW_MS } from './tuning.ts'

/** Limits the requests per second of one account; requests wait in order. */
export interface RateLimit {
  /** Resolves when one more request may leave; first come, first served. Never rejects. */
  turn(): Promise<void>
}

/**
 * Returns a limit of `perSecond` requests in any window of one second, wherever the window begins: a plain token bucket
 * would allow twice that at its edge.
 */
export function createRateLimit({ clock, perSecond }: { clock: Clock; perSecond: number }): RateLimit {
  const sentAtMs: number[] = []
  const queue = createSerialQueue()
  const next = async () => {
    for (;;) {
      const nowMs = clock.monotonicMs()
      while (sentAtMs.length > 0 && (sentAtMs[0] ?? 0) <= nowMs - RATE_WINDOW_MS) sentAtMs.shift()
      if (sentAtMs.length < perSecond) return void sentAtMs.push(nowMs)
      await abortableSleep(clock, (sentAtMs[0] ?? nowMs) + RATE_WINDOW_MS - nowMs)
    }
  }
  return { turn: () => queue.run(next) }
}

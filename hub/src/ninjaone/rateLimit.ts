import type { Clock } from '@3cx-ninja/protocol'

export interface RateLimit {
  /** Resolves when one more request may leave; first come, first served. */
  turn(): Promise<void>
}

/** A little over a second: requests that leave a second apart may arrive closer. */
const WINDOW_MS = 1_100

/** At most `perSecond` turns in any window of one second, wherever it begins: a plain token bucket would allow twice that at its edge. */
export function createRateLimit({ clock, perSecond }: { clock: Clock; perSecond: number }): RateLimit {
  const taken: number[] = []
  let queue: Promise<void> = Promise.resolve()
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve))
  const next = async () => {
    for (;;) {
      const nowMs = clock.monotonicMs()
      while (taken.length > 0 && (taken[0] ?? 0) <= nowMs - WINDOW_MS) taken.shift()
      if (taken.length < perSecond) {
        taken.push(nowMs)
        return
      }
      await wait((taken[0] ?? nowMs) + WINDOW_MS - nowMs)
    }
  }
  return { turn: () => (queue = queue.then(next)) }
}

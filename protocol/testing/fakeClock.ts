import type { Clock } from '../src/clock.ts'

export interface FakeClock extends Clock {
  /** Moves time forward and fires due timers in order, with one macrotask between two so that promises settle. */
  advance(ms: number): Promise<void>
  /** Moves the wall clock only, as a user or NTP does. */
  jumpWallClock(ms: number): void
  readonly pending: number
}

/** Returns a clock that stands still until the test moves it. */
export function createFakeClock(startMs = Date.UTC(2026, 0, 5, 9, 0, 0)): FakeClock {
  let monotonic = 0
  let wallClockOffset = startMs
  let nextId = 1
  const timers = new Map<number, { dueMs: number; action: () => void }>()
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

  const after = (delayMs: number, action: () => void) => {
    const id = nextId++
    timers.set(id, { dueMs: monotonic + Math.max(0, delayMs), action })
    return () => void timers.delete(id)
  }

  return {
    nowMs: () => wallClockOffset + monotonic,
    monotonicMs: () => monotonic,
    after,
    timeout(delayMs) {
      const controller = new AbortController()
      after(delayMs, () => controller.abort(new DOMException('timed out', 'TimeoutError')))
      return controller.signal
    },
    jumpWallClock: (ms) => void (wallClockOffset += ms),
    async advance(ms) {
      const end = monotonic + ms
      await settle()
      for (;;) {
        const next = [...timers.entries()]
          .filter(([, t]) => t.dueMs <= end)
          .sort(([a, x], [b, y]) => x.dueMs - y.dueMs || a - b)[0]
        if (!next) break
        timers.delete(next[0])
        monotonic = Math.max(monotonic, next[1].dueMs)
        next[1].action()
        await settle()
      }
      monotonic = end
      await settle()
    },
    get pending() {
      return timers.size
    },
  }
}

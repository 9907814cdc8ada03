/** The page's clock. No other file of the renderer uses timers. */
export const pageClock = {
  monotonicMs: () => performance.now(),
  wallClockMs: () => Date.now(),
  after(delayMs: number, action: () => void): () => void {
    const timer = setTimeout(action, delayMs)
    return () => clearTimeout(timer)
  },
}
export type PageClock = typeof pageClock

const TICK_MS = 250
const watchers = new Set<() => void>()
let tickedAtMs = performance.now()
let timer: ReturnType<typeof setInterval> | undefined

/** Calls its subscribers four times a second; without subscribers its timer stops. */
export const ticker = {
  subscribe(watcher: () => void): () => void {
    watchers.add(watcher)
    timer ??= setInterval(() => {
      tickedAtMs = performance.now()
      for (const each of watchers) each()
    }, TICK_MS)
    return () => {
      watchers.delete(watcher)
      if (watchers.size > 0) return
      clearInterval(timer)
      timer = undefined
    }
  },
  now: () => tickedAtMs,
}

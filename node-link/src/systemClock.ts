import type { Clock } from '@3cx-ninja/protocol'

/** The real clock of a Node process. Only main, app and start files use it. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.max(0, Math.min(delayMs, 2 ** 31 - 1)))
    return () => {
      clearTimeout(timer)
    }
  },
  timeout: (delayMs) => AbortSignal.timeout(delayMs),
}

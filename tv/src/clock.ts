import type { Clock } from '@3cx-ninja/protocol'

const LONGEST_MS = 2 ** 31 - 1

/** The real clock of a browser page. Only `main.ts` and `app.ts` use it. */
export const browserClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.max(0, Math.min(delayMs, LONGEST_MS)))
    return () => clearTimeout(timer)
  },
  timeout: (delayMs) => AbortSignal.timeout(delayMs),
}

import { asWallClockMs, type Clock } from '@3cx-ninja/protocol'

/** The real clock of a Node process. Only main, app and start files use it. */
export const systemClock: Clock = {
  // A machine whose clock was never set runs from 1970: its times would be refused wherever they are sent or stored.
  nowMs: () => asWallClockMs(Date.now()),
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.max(0, Math.min(delayMs, 2 ** 31 - 1)))
    return () => {
      clearTimeout(timer)
    }
  },
  // Node takes whole milliseconds only, and a deadline may be computed.
  timeout: (delayMs) => AbortSignal.timeout(Math.max(0, Math.round(delayMs))),
}

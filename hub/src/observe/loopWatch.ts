import { monitorEventLoopDelay } from 'node:perf_hooks'
import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'

/** How long work waits for its turn in this process. */
export interface LoopWatch {
  /** Returns the delay in ms that one of a hundred turns exceeded, in the last 10 to 20 s. */
  delayMs(): number
  stop(): void
}

const WINDOW_MS = 10 * SECOND_MS
const RESOLUTION_MS = 20
const NS_PER_MS = 1e6

/** Starts to measure, in windows, so that one slow minute is forgotten after the next. */
export function startLoopWatch(clock: Clock): LoopWatch {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  let previousMs = 0
  // The measure itself includes the pause between two samples.
  const now = () =>
    histogram.count === 0 ? 0 : Math.max(0, histogram.percentile(99) / NS_PER_MS - RESOLUTION_MS)
  let cancel: () => void = () => undefined
  const turn = () => {
    previousMs = now()
    histogram.reset()
    cancel = clock.after(WINDOW_MS, turn)
  }
  cancel = clock.after(WINDOW_MS, turn)
  return {
    delayMs: () => Math.max(previousMs, now()),
    stop() {
      cancel()
      histogram.disable()
    },
  }
}

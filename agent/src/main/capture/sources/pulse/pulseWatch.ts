import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import type { Pactl } from './pactl.ts'
import type { PulseState } from './pulseState.ts'

export interface PulseWatchListener {
  /** At the start and after each change: the whole state. Linux tells streams no event of their own. */
  state(state: PulseState): void
  /** Cause and remedy. The watch goes on trying; the next `state` says that it is well again. */
  failed(error: Error): void
}

const AGAIN_MS = [SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS]
/** Until the first line of `pactl subscribe` nobody knows whether it listens yet: looked at again after this. */
const LISTENING_YET_MS = 100
/** Moving a volume slider makes some fifty events a second: the lists are read at most this often, the first time at once. */
const SPACING_MS = 100

/** Keeps an eye on the sound server: `pactl subscribe` as the trigger, its lists as the truth. */
export function watchPulse(
  { pactl, clock }: { readonly pactl: Pactl; readonly clock: Clock },
  listener: PulseWatchListener,
): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const isStopped = () => stopping.signal.aborted
  let unsubscribe: () => Promise<void> = () => Promise.resolve()
  let cancelTimer: () => void = () => undefined
  let failures = 0
  let isAwake = false
  let reading: Promise<void> | undefined
  let readAtMs = -SPACING_MS
  let cancelSpacing: (() => void) | undefined
  let isStale = false
  const takeStale = () => {
    const was = isStale
    isStale = false
    return was
  }

  const refresh = () => {
    if (reading) {
      isStale = true
      return
    }
    const early = readAtMs + SPACING_MS - clock.monotonicMs()
    if (early > 0) {
      cancelSpacing ??= clock.after(early, () => {
        cancelSpacing = undefined
        refresh()
      })
      return
    }
    readAtMs = clock.monotonicMs()
    reading = read().finally(() => {
      reading = undefined
      if (takeStale() && !isStopped()) refresh()
    })
  }
  const read = async () => {
    try {
      const state = await pactl.read(stopping.signal)
      if (isStopped()) return
      failures = 0
      listener.state(state)
    } catch (error) {
      if (!isStopped()) fail(error instanceof Error ? error : new Error(String(error)))
    }
  }
  const fail = (error: Error) => {
    listener.failed(error)
    const wait = AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)] ?? SECOND_MS
    failures += 1
    const closing = unsubscribe()
    cancelTimer()
    cancelTimer = clock.after(wait, () => void closing.then(open))
  }
  const open = () => {
    if (isStopped()) return
    isAwake = false
    unsubscribe = pactl.subscribe({
      changed: refresh,
      awake: () => (isAwake = true),
      ended: fail,
    })
    untilAwake()
  }
  /** Each look makes the server tell of a client that comes and goes: the subscription has heard it, or comes too late. */
  const untilAwake = () => {
    refresh()
    cancelTimer()
    cancelTimer = clock.after(LISTENING_YET_MS, () => {
      if (!isAwake) untilAwake()
    })
  }
  open()
  return {
    async stop() {
      stopping.abort()
      cancelTimer()
      cancelSpacing?.()
      await Promise.all([unsubscribe(), reading])
    },
  }
}

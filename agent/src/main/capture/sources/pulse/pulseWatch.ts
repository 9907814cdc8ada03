import { SECOND_MS, toError, type Clock } from '@3cx-ninja/protocol'
import type { Pactl } from './pactl.ts'
import type { PulseState } from './pulseState.ts'
import { pulseTuning } from '../tuning.ts'

/** The callbacks of a watch of the sound server's state. */
export interface PulseWatchListener {
  /** The whole state, at the start and after each change. Linux has no event of its own for a single stream. */
  state(state: PulseState): void
  /** Cause and remedy. The watch retries by itself; the next `state` reports the recovery. */
  failed(error: Error): void
}

interface PulseWatch {
  readonly pactl: Pactl
  readonly clock: Clock
  readonly listener: PulseWatchListener
  readonly stopping: AbortController
  unsubscribe: () => Promise<void>
  failures: number
  /** The subscription has sent a line. */
  isAwake: boolean
  reading: Promise<void> | undefined
  /** A change came while the lists were being read. */
  isStale: boolean
  readAtMs: number
  cancelTimer: () => void
  cancelSpacing: (() => void) | undefined
}

/**
 * Watches the sound server: `pactl subscribe` as the trigger, its lists as the truth. States: subscribing (the lists are
 * read every 100 ms until the subscription sends a line), awake, failed (subscribed again after a growing delay), stopped.
 * `stop` resolves once no process is left; the listener is not called afterwards.
 */
export function watchPulse(
  { pactl, clock }: { readonly pactl: Pactl; readonly clock: Clock },
  listener: PulseWatchListener,
): { stop(): Promise<void> } {
  const watch: PulseWatch = {
    pactl,
    clock,
    listener,
    stopping: new AbortController(),
    unsubscribe: () => Promise.resolve(),
    failures: 0,
    isAwake: false,
    reading: undefined,
    isStale: false,
    readAtMs: -pulseTuning.spacingMs,
    cancelTimer: () => undefined,
    cancelSpacing: undefined,
  }
  open(watch)
  return {
    async stop() {
      watch.stopping.abort()
      watch.cancelTimer()
      watch.cancelSpacing?.()
      await Promise.all([watch.unsubscribe(), watch.reading])
    },
  }
}

function open(watch: PulseWatch): void {
  if (watch.stopping.signal.aborted) return
  watch.isAwake = false
  watch.unsubscribe = watch.pactl.subscribe({
    changed: () => refresh(watch),
    awake: () => (watch.isAwake = true),
    ended: (error) => fail(watch, error),
  })
  refreshUntilAwake(watch)
}

/** Each read makes the server report a client that comes and goes: either the subscription gets that line, or it is not ready yet. */
function refreshUntilAwake(watch: PulseWatch): void {
  refresh(watch)
  watch.cancelTimer()
  watch.cancelTimer = watch.clock.after(pulseTuning.subscribingMs, () => {
    if (!watch.isAwake) refreshUntilAwake(watch)
  })
}

function refresh(watch: PulseWatch): void {
  const { clock } = watch
  if (watch.reading) {
    watch.isStale = true
    return
  }
  const earlyMs = watch.readAtMs + pulseTuning.spacingMs - clock.monotonicMs()
  if (earlyMs > 0) {
    watch.cancelSpacing ??= clock.after(earlyMs, () => {
      watch.cancelSpacing = undefined
      refresh(watch)
    })
    return
  }
  watch.readAtMs = clock.monotonicMs()
  watch.reading = read(watch).finally(() => {
    const { isStale } = watch
    watch.reading = undefined
    watch.isStale = false
    if (isStale && !watch.stopping.signal.aborted) refresh(watch)
  })
}

async function read(watch: PulseWatch): Promise<void> {
  const { signal } = watch.stopping
  try {
    const state = await watch.pactl.read(signal)
    if (signal.aborted) return
    watch.failures = 0
    watch.listener.state(state)
  } catch (error) {
    if (!signal.aborted) fail(watch, toError(error))
  }
}

function fail(watch: PulseWatch, error: Error): void {
  watch.listener.failed(error)
  const { retryMs } = pulseTuning
  const delayMs = retryMs[Math.min(watch.failures, retryMs.length - 1)] ?? SECOND_MS
  watch.failures += 1
  const closing = watch.unsubscribe()
  watch.cancelTimer()
  watch.cancelTimer = watch.clock.after(delayMs, () => void closing.then(() => open(watch)))
}

import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import type { AudioSource } from '../sources/audioSource.ts'

/** The current levels of both channels, as the window's meters show them. */
export interface Levels {
  /** Peak as a share of full scale, 0 to 1. */
  readonly agent: number
  readonly caller: number
}

const FULL_SCALE = 32_768

/** Returns the same source, which also calls `onLevels` with the peak of each block: the screen shows what the recording gets. */
export function withLevels(source: AudioSource, onLevels: (levels: Levels) => void): AudioSource {
  return {
    name: source.name,
    start: (listener) =>
      source.start({
        ...listener,
        block(block) {
          listener.block(block)
          onLevels({ agent: peakOf(block.agent), caller: peakOf(block.caller) })
        },
      }),
  }
}

/**
 * Returns a meter that calls `onLevels` every `everyMs` with the peaks since the last call, and with zeros once nothing was
 * added for a second; then its timer rests until the next `add`.
 */
export function createLevelMeter(needs: {
  readonly clock: Clock
  readonly everyMs: number
  readonly onLevels: (levels: Levels) => void
}) {
  const { clock, everyMs } = needs
  let loudest: Levels | undefined
  let listening = false
  let cancel: (() => void) | undefined
  let missed = 0

  const publish = () => {
    if (loudest) {
      missed = 0
      needs.onLevels(loudest)
      loudest = undefined
    } else missed += 1
    if (missed * everyMs >= SECOND_MS) {
      listening = false
      cancel = undefined
      needs.onLevels({ agent: 0, caller: 0 })
      return
    }
    cancel = clock.after(everyMs, publish)
  }
  return {
    /** Adds the peaks of one block. */
    add(levels: Levels) {
      loudest = {
        agent: Math.max(levels.agent, loudest?.agent ?? 0),
        caller: Math.max(levels.caller, loudest?.caller ?? 0),
      }
      listening = true
      missed = 0
      cancel ??= clock.after(everyMs, publish)
    },
    /** Returns whether audio came within the last second. */
    isListening: () => listening,
    /** Cancels the timer. Safe twice. */
    stop: () => cancel?.(),
  }
}

function peakOf(samples: Int16Array): number {
  let peak = 0
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample))
  return Math.min(1, peak / FULL_SCALE)
}

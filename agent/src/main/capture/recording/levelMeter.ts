import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import type { AudioSource } from '../sources/audioSource.ts'

export interface Levels {
  /** The loudest sample as a share of full scale, 0 to 1. */
  readonly agent: number
  readonly caller: number
}

const FULL_SCALE = 32_768

/** The same source; `onLevels` hears how loud each block is. What is shown is what the recording gets. */
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

/** The loudest of what came since the last one, at most so often; silence when nothing comes any more. */
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

  const beat = () => {
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
    cancel = clock.after(everyMs, beat)
  }
  return {
    add(levels: Levels) {
      loudest = {
        agent: Math.max(levels.agent, loudest?.agent ?? 0),
        caller: Math.max(levels.caller, loudest?.caller ?? 0),
      }
      listening = true
      missed = 0
      cancel ??= clock.after(everyMs, beat)
    },
    /** Sound came within the last second. */
    isListening: () => listening,
    stop: () => cancel?.(),
  }
}

function peakOf(samples: Int16Array): number {
  let peak = 0
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample))
  return Math.min(1, peak / FULL_SCALE)
}

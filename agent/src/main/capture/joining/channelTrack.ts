import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import { createSourceSegment, type SourceSegment } from './sourceSegment.ts'
import type { JoinerTuning } from './tuning.ts'

const PER_MS = SAMPLE_RATE_HZ / 1_000
const BLOCK_MS = SAMPLES_PER_RECORD / PER_MS

/** One channel on the common clock: its source's pieces in, blocks of the time asked for out. */
export interface ChannelTrack {
  /** `endMs`: when the last of these samples was captured (or arrived), on the monotonic clock. */
  push(samples: Int16Array, endMs: number): void
  /** Another device or process from here on, with a clock of its own. What came before is still given out. */
  restart(): void
  /** Nothing comes for now, and nobody shall wait for it. */
  markLost(): void
  /** Whether the block that begins at `fromMs` is there, or will not come any more. */
  isReady(fromMs: number, nowMs: number): boolean
  /** Nobody waits for it until it is heard again. */
  isLost(): boolean
  /** The block that begins at `fromMs`; `heard` is false when the source gave nothing of it. */
  read(fromMs: number): { readonly samples: Int16Array; readonly hasAudio: boolean }
  /** Samples that came too late or too many to have a place. */
  lostSamples(): number
}

export function createChannelTrack(tuning: JoinerTuning): ChannelTrack {
  /** Oldest first; all but the last have ended. */
  let stretches: SourceSegment[] = []
  /** The source was waited for in vain: until it is heard again, nobody waits. */
  let isLost = false
  let lost = 0

  const current = () => {
    const last = stretches.at(-1)
    return last?.hasEnded() ? undefined : last
  }

  return {
    push(samples, endMs) {
      let stretch = current()
      if (!stretch || isLost) {
        stretch?.end()
        stretch = createSourceSegment(tuning)
        stretches.push(stretch)
        isLost = false
      }
      stretch.push(samples, endMs)
    },
    restart() {
      current()?.end()
      isLost = false
    },
    markLost: () => void (isLost = true),
    isReady(fromMs, nowMs) {
      let there = 0
      for (const stretch of stretches) {
        stretch.settle(nowMs)
        there += stretch.available(fromMs + there / PER_MS)
        if (there >= SAMPLES_PER_RECORD) return true
      }
      if (isLost) return true
      isLost = nowMs - (fromMs + BLOCK_MS) > tuning.lateMs
      return isLost
    },
    isLost: () => isLost,
    read(fromMs) {
      const samples = new Int16Array(SAMPLES_PER_RECORD)
      let filled = 0
      let hasAudio = false
      for (const stretch of stretches) {
        if (filled === SAMPLES_PER_RECORD) break
        const given = stretch.fill(samples.subarray(filled), fromMs + filled / PER_MS)
        filled += given.filled
        hasAudio ||= given.hasAudio
      }
      stretches = stretches.filter((stretch) => {
        if (!stretch.isEmpty()) return true
        lost += stretch.lostSamples()
        return false
      })
      return { samples, hasAudio }
    },
    lostSamples: () => stretches.reduce((sum, stretch) => sum + stretch.lostSamples(), lost),
  }
}

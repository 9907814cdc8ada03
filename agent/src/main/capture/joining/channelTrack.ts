import { RECORD_MS, SAMPLES_PER_RECORD, SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import { createSourceSegment, type SourceSegment } from './sourceSegment.ts'
import type { JoinerTuning } from './tuning.ts'

const PER_MS = SAMPLE_RATE_HZ / 1_000

/**
 * One channel on the common clock: its source's pieces in, blocks of a requested time out. A track is current, or lost (its
 * source did not deliver for `lateMs`, or `markLost`), which the next push or `restart` ends. Knows nothing of the other
 * channel: `clockJoiner.ts` reads both.
 */
export interface ChannelTrack {
  /** Adds samples; `endMs`: when the last of them was captured (or arrived), on the monotonic clock. */
  push(samples: Int16Array, endMs: number): void
  /** Starts a new segment for another device or process with its own clock. What came before is still given out. */
  restart(): void
  /** Marks the track as lost: nothing comes for now, and the other channel must not wait for it. */
  markLost(): void
  /** Returns whether the block that begins at `fromMs` is complete, or will not come any more. */
  isReady(fromMs: number, nowMs: number): boolean
  /** Returns whether the track is lost. */
  isLost(): boolean
  /** Returns the block that begins at `fromMs`; `hasAudio` is false when the source gave nothing of it. */
  read(fromMs: number): { readonly samples: Int16Array; readonly hasAudio: boolean }
  /** Returns how many samples came too late or too many to be used. */
  lostSamples(): number
}

/** Creates a track without audio; it counts as lost `lateMs` after the first block that was due. */
export function createChannelTrack(tuning: JoinerTuning): ChannelTrack {
  /** Oldest first; all but the last have ended. */
  let segments: SourceSegment[] = []
  let isLost = false
  let lost = 0

  const current = () => {
    const last = segments.at(-1)
    return last?.hasEnded() ? undefined : last
  }

  return {
    push(samples, endMs) {
      let segment = current()
      if (!segment || isLost) {
        segment?.end()
        segment = createSourceSegment(tuning)
        segments.push(segment)
        isLost = false
      }
      segment.push(samples, endMs)
    },
    restart() {
      current()?.end()
      isLost = false
    },
    markLost: () => void (isLost = true),
    isReady(fromMs, nowMs) {
      let there = 0
      for (const segment of segments) {
        segment.settle(nowMs)
        there += segment.available(fromMs + there / PER_MS)
        if (there >= SAMPLES_PER_RECORD) return true
      }
      if (isLost) return true
      isLost = nowMs - (fromMs + RECORD_MS) > tuning.lateMs
      return isLost
    },
    isLost: () => isLost,
    read(fromMs) {
      const samples = new Int16Array(SAMPLES_PER_RECORD)
      let filled = 0
      let hasAudio = false
      for (const segment of segments) {
        if (filled === SAMPLES_PER_RECORD) break
        const given = segment.fill(samples.subarray(filled), fromMs + filled / PER_MS)
        filled += given.filled
        hasAudio ||= given.hasAudio
      }
      segments = segments.filter((segment) => {
        if (!segment.isEmpty()) return true
        lost += segment.lostSamples()
        return false
      })
      return { samples, hasAudio }
    },
    lostSamples: () => segments.reduce((sum, segment) => sum + segment.lostSamples(), lost),
  }
}

import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import { interpolate, REACH } from './interpolate.ts'
import type { JoinerTuning } from './tuning.ts'

const PER_MS = SAMPLE_RATE_HZ / 1_000
const BUCKET_MS = 500

/**
 * One segment: the samples of a source between a start and its end or loss, with one clock of their own. States: watched
 * (`settleMs`, nothing is given out), settled, ended (given out to its last sample).
 */
export interface SourceSegment {
  /** Adds samples; `endMs`: monotonic time of the last of them. Drops the oldest above `backlogMs`. */
  push(samples: Int16Array, endMs: number): void
  /** Ends the segment: nothing more comes; what is there is still given out. */
  end(): void
  /** Returns whether `end` was called. */
  hasEnded(): boolean
  /** Returns whether the segment has ended and all of it is given out. */
  isEmpty(): boolean
  /** Settles the clock once it was watched for long enough. */
  settle(nowMs: number): void
  /** Returns how many samples it can give from `fromMs` on for certain, silence before its beginning included. */
  available(fromMs: number): number
  /** Writes the samples of `fromMs` into `out` and returns how many; `filled` is less than requested only when no more exist. */
  fill(out: Int16Array, fromMs: number): { readonly filled: number; readonly hasAudio: boolean }
  /** Returns how many samples came too late or too many to be used. */
  lostSamples(): number
}

/**
 * Creates an empty segment. The times at which its pieces come give the source's clock: sample n was captured at
 * `offset + n / 16` ms. A piece may come late but never early, so the least delayed piece of the last seconds gives the
 * offset; the offset moves as the clocks drift apart, and the audio is resampled to follow it.
 */
export function createSourceSegment(tuning: JoinerTuning): SourceSegment {
  const queue = createSampleQueue()
  let offsets: { readonly fromMs: number; leastMs: number }[] = []
  let firstPieceMs: number | undefined
  let isSettled = false
  let ended = false
  let lost = 0
  /** Number, among all samples of the segment, of the one to be given next; it grows by fractions. */
  let position: number | undefined

  const offsetMs = () => Math.min(...offsets.map(({ leastMs }) => leastMs))
  const positionAt = (timeMs: number) => (timeMs - offsetMs()) * PER_MS
  const remaining = () => queue.end() - (position ?? 0) - (ended ? 0 : REACH)

  const begin = (fromMs: number): number => {
    const due = positionAt(fromMs)
    if (due <= tuning.tooLateMs * PER_MS) return 0
    lost += Math.min(due, queue.end())
    return Math.min(due, queue.end())
  }

  return {
    push(samples, endMs) {
      queue.push(samples)
      firstPieceMs ??= endMs
      const leastMs = endMs - queue.end() / PER_MS
      const newest = offsets.at(-1)
      if (newest && endMs - newest.fromMs < BUCKET_MS) newest.leastMs = Math.min(newest.leastMs, leastMs)
      else offsets.push({ fromMs: endMs, leastMs })
      offsets = offsets.filter(({ fromMs }) => endMs - fromMs <= tuning.watchMs)
      const surplus = queue.end() - (position ?? 0) - tuning.backlogMs * PER_MS
      if (surplus > 0) {
        position = (position ?? 0) + surplus
        lost += surplus
        queue.dropBefore(Math.floor(position) - REACH)
      }
    },
    end: () => void (ended = true),
    hasEnded: () => ended,
    isEmpty: () => ended && queue.end() - (position ?? 0) < 1,
    settle(nowMs) {
      isSettled ||= ended || (firstPieceMs !== undefined && nowMs - firstPieceMs >= tuning.settleMs)
    },
    available(fromMs) {
      if (!isSettled) return 0
      const silence = position === undefined ? Math.max(0, -positionAt(fromMs)) : 0
      const most = 1 + tuning.farBend
      return silence + Math.floor(remaining() / most)
    },
    fill(out, fromMs) {
      if (!isSettled) return { filled: 0, hasAudio: false }
      position ??= begin(fromMs)
      const early = position - positionAt(fromMs)
      const isFirst = position === 0
      const silence =
        early > (isFirst ? 0 : tuning.jumpMs * PER_MS) ? Math.min(out.length, Math.round(early)) : 0
      const rest = out.length - silence
      const step = 1 + bendFor(silence > 0 ? 0 : -early, tuning)
      const count = Math.max(0, Math.min(rest, Math.floor(remaining() / step)))
      queue.read(out.subarray(silence, silence + count), position, step)
      position += count * step
      queue.dropBefore(Math.floor(position) - REACH)
      return { filled: silence + count, hasAudio: count > 0 }
    },
    lostSamples: () => Math.round(lost),
  }
}

/** Returns how much faster (+) or slower (-) a source that is `lateSamples` late is played. */
export function bendFor(lateSamples: number, tuning: JoinerTuning): number {
  const most = Math.abs(lateSamples) > tuning.farMs * PER_MS ? tuning.farBend : tuning.bend
  return Math.max(-most, Math.min(most, lateSamples / (tuning.settleIntoMs * PER_MS)))
}

/** Returns a queue of samples by their number since the beginning; the oldest are dropped as they are given out. */
function createSampleQueue() {
  let samples = new Int16Array(4 * SAMPLES_PER_RECORD)
  let first = 0
  let length = 0
  return {
    end: () => first + length,
    push(added: Int16Array) {
      if (length + added.length > samples.length) {
        const larger = new Int16Array(2 * (length + added.length))
        larger.set(samples.subarray(0, length))
        samples = larger
      }
      samples.set(added, length)
      length += added.length
    },
    /** Drops everything before sample `end`. */
    dropBefore(end: number) {
      const count = Math.min(length, end - first)
      if (count < SAMPLES_PER_RECORD) return // not worth moving memory
      samples.copyWithin(0, count, length)
      first += count
      length -= count
    },
    read(out: Int16Array, from: number, step: number) {
      const queued = samples.subarray(0, length)
      for (let index = 0; index < out.length; index++) {
        const at = from + index * step - first
        const whole = Math.floor(at)
        out[index] = interpolate(queued, whole, at - whole)
      }
    },
  }
}

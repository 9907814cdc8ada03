import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import { interpolate, REACH } from './interpolate.ts'
import type { JoinerTuning } from './tuning.ts'

const PER_MS = SAMPLE_RATE_HZ / 1_000
const BUCKET_MS = 500

/** What a source gives between a start and its end or loss: samples with one clock of their own. */
export interface SourceSegment {
  push(samples: Int16Array, endMs: number): void
  /** Nothing more comes; what is there is still given out. */
  end(): void
  hasEnded(): boolean
  /** Ended, and given out. */
  isEmpty(): boolean
  /** Believes the clock once it was watched for long enough. */
  settle(nowMs: number): void
  /** Samples that it can give from `fromMs` on for certain, silence before its beginning included. */
  available(fromMs: number): number
  /** Writes what belongs at `fromMs`; `filled` is less than asked for only when it has no more. */
  fill(out: Int16Array, fromMs: number): { readonly filled: number; readonly hasAudio: boolean }
  lostSamples(): number
}

/**
 * The source's clock is learned from when its pieces come: sample n was captured at `offset + n / 16` ms. A piece may come
 * late but never early, so the least delayed of the last seconds tells the offset; it moves as the clocks drift apart, and
 * the sound is bent after it.
 */
export function createSourceSegment(tuning: JoinerTuning): SourceSegment {
  const sound = createSampleQueue()
  let offsets: { readonly fromMs: number; leastMs: number }[] = []
  let firstPieceMs: number | undefined
  let isSettled = false
  let ended = false
  let lost = 0
  /** Number, among all samples of the stretch, of the one to be given next; it grows by fractions. */
  let position: number | undefined

  const offsetMs = () => Math.min(...offsets.map(({ leastMs }) => leastMs))
  const placeAt = (timeMs: number) => (timeMs - offsetMs()) * PER_MS
  const remaining = () => sound.end() - (position ?? 0) - (ended ? 0 : REACH)

  const begin = (fromMs: number): number => {
    const due = placeAt(fromMs)
    if (due <= tuning.tooLateMs * PER_MS) return 0
    lost += Math.min(due, sound.end())
    return Math.min(due, sound.end())
  }

  return {
    push(samples, endMs) {
      sound.push(samples)
      firstPieceMs ??= endMs
      const leastMs = endMs - sound.end() / PER_MS
      const newest = offsets.at(-1)
      if (newest && endMs - newest.fromMs < BUCKET_MS) newest.leastMs = Math.min(newest.leastMs, leastMs)
      else offsets.push({ fromMs: endMs, leastMs })
      offsets = offsets.filter(({ fromMs }) => endMs - fromMs <= tuning.watchMs)
      const surplus = sound.end() - (position ?? 0) - tuning.backlogMs * PER_MS
      if (surplus > 0) {
        position = (position ?? 0) + surplus
        lost += surplus
        sound.forget(Math.floor(position) - REACH)
      }
    },
    end: () => void (ended = true),
    hasEnded: () => ended,
    isEmpty: () => ended && sound.end() - (position ?? 0) < 1,
    settle(nowMs) {
      isSettled ||= ended || (firstPieceMs !== undefined && nowMs - firstPieceMs >= tuning.settleMs)
    },
    available(fromMs) {
      if (!isSettled) return 0
      const silence = position === undefined ? Math.max(0, -placeAt(fromMs)) : 0
      const most = 1 + tuning.farBend
      return silence + Math.floor(remaining() / most)
    },
    fill(out, fromMs) {
      if (!isSettled) return { filled: 0, hasAudio: false }
      position ??= begin(fromMs)
      const early = position - placeAt(fromMs)
      const isFirst = position === 0
      const silence =
        early > (isFirst ? 0 : tuning.jumpMs * PER_MS) ? Math.min(out.length, Math.round(early)) : 0
      const rest = out.length - silence
      const step = 1 + bendFor(silence > 0 ? 0 : -early, tuning)
      const count = Math.max(0, Math.min(rest, Math.floor(remaining() / step)))
      sound.read(out.subarray(silence, silence + count), position, step)
      position += count * step
      sound.forget(Math.floor(position) - REACH)
      return { filled: silence + count, hasAudio: count > 0 }
    },
    lostSamples: () => Math.round(lost),
  }
}

/** How much faster (+) or slower (-) a source that is `behind` samples late is played. */
export function bendFor(behind: number, tuning: JoinerTuning): number {
  const most = Math.abs(behind) > tuning.farMs * PER_MS ? tuning.farBend : tuning.bend
  return Math.max(-most, Math.min(most, behind / (tuning.settleIntoMs * PER_MS)))
}

/** Samples by their number since the beginning; the oldest are forgotten as they are given out. */
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
    /** Everything before this number. */
    forget(before: number) {
      const count = Math.min(length, before - first)
      if (count < SAMPLES_PER_RECORD) return // not worth moving memory
      samples.copyWithin(0, count, length)
      first += count
      length -= count
    },
    read(out: Int16Array, from: number, step: number) {
      const known = samples.subarray(0, length)
      for (let index = 0; index < out.length; index++) {
        const at = from + index * step - first
        const whole = Math.floor(at)
        out[index] = interpolate(known, whole, at - whole)
      }
    },
  }
}

import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import type { WorkerTuning } from '../tuning.ts'
import { createCutter, framesRemembered, rmsOf, type Cut, type Cutter } from './cutter.ts'
import type { SpeechDetector, SpeechStream } from './speechDetector.ts'

/** A piece of one channel in samples of the part's clock, `toSample` exclusive. */
export interface Sound {
  readonly fromSample: number
  readonly toSample: number
  readonly samples: Int16Array
}
export type Speech = { readonly kind: 'opened' } | { readonly kind: 'closed'; readonly sound: Sound }

/** Finds what is said on one channel of one part. Calls must not overlap: await each. */
export interface SpeechChannel {
  /** Sound from `firstSample` on. A jump forward is silence; sound from before is ignored. */
  take(firstSample: number, samples: Int16Array): Promise<void>
  end(): Promise<void>
  /** Samples said so far by an open utterance; 0 when none is open. */
  openSamples(): number
  openSound(): Sound | undefined
  /** What the open utterance will be if nothing more is said: known long before the silence is long enough to close it. */
  pausedSound(): Sound | undefined
  /** Where that ends. */
  pausedAt(): number | undefined
  /** First sample not yet looked at. */
  headSample(): number
}

export interface SpeechChannelNeeds {
  readonly detector: SpeechDetector
  readonly tuning: WorkerTuning
  readonly maxPieceSeconds: number
  /** Sound before this is passed over: its text is known. */
  readonly resumeSample: number
  readonly onSpeech: (speech: Speech) => void
}

/** A longer hole ends what is open and costs no work; a shorter one is filled with silence. */
const LONG_HOLE_SAMPLES = SAMPLE_RATE_HZ

export function createSpeechChannel(needs: SpeechChannelNeeds): SpeechChannel {
  const { tuning, detector } = needs
  const size = tuning.frameSamples
  const resumeFrame = Math.ceil(needs.resumeSample / size)
  const framesOf = (seconds: number) => Math.floor((seconds * SAMPLE_RATE_HZ) / size)
  const cutterTuning = {
    ...tuning,
    maxFrames: framesOf(needs.maxPieceSeconds),
    searchFrames: framesOf(Math.min(tuning.forceCutSearchMs / 1_000, needs.maxPieceSeconds / 2)),
  }
  /** Both begin anew behind each utterance, so that a reader who begins there hears the same. */
  let hearing: { readonly stream: SpeechStream; readonly cutter: Cutter } | undefined
  /** Next sample expected; undefined before the first sound. */
  let next: number | undefined
  let filling = new Int16Array(size)
  /** Frames that an open or coming utterance may need, the first of them numbered `firstKept`. */
  let kept: Int16Array[] = []
  let firstKept = 0
  let openFrom: number | undefined

  const soundOf = (from: number, to: number): Sound => {
    const samples = new Int16Array((to - from) * size)
    for (let frame = from; frame < to; frame++)
      samples.set(kept[frame - firstKept] ?? [], (frame - from) * size)
    return { fromSample: from * size, toSample: to * size, samples }
  }
  const tell = (cut: Cut) => {
    openFrom = cut.kind === 'opened' ? cut.from : undefined
    needs.onSpeech(cut.kind === 'opened' ? cut : { kind: 'closed', sound: soundOf(cut.from, cut.to) })
  }
  const forget = () => {
    const needed = openFrom ?? firstKept + kept.length - framesRemembered(tuning)
    const drop = Math.min(kept.length, Math.max(0, needed - firstKept))
    kept.splice(0, drop)
    firstKept += drop
  }
  const hear = async (number: number): Promise<Cut | undefined> => {
    hearing ??= { stream: detector.openStream(), cutter: createCutter(cutterTuning, number) }
    const frame = kept[number - firstKept] ?? new Int16Array(size)
    return hearing.cutter.frame({ probability: await hearing.stream.probability(frame), rms: rmsOf(frame) })
  }
  const lookAt = async (frame: Int16Array, number: number) => {
    if (number < resumeFrame) return
    if (kept.length === 0) firstKept = number
    kept.push(frame)
    for (let at = number; at <= number; at++) {
      const cut = await hear(at)
      if (!cut) continue
      tell(cut)
      if (cut.kind === 'opened') continue
      hearing = undefined
      at = cut.to - 1
    }
    forget()
  }
  const push = async (samples: Int16Array) => {
    let at = 0
    while (at < samples.length) {
      const position = next ?? 0
      const room = size - (position % size)
      const piece = samples.subarray(at, at + room)
      filling.set(piece, position % size)
      at += piece.length
      next = position + piece.length
      if (next % size !== 0) continue
      const frame = filling
      filling = new Int16Array(size)
      await lookAt(frame, next / size - 1)
    }
  }
  /** Frames keep their grid from sample 0 of the part on, so that another reader cuts at the same places. */
  const startAt = (sample: number) => {
    const cut = hearing?.cutter.end()
    if (cut) tell(cut)
    hearing = undefined
    kept = []
    filling = new Int16Array(size)
    next = sample
  }

  return {
    async take(firstSample, samples) {
      next ??= firstSample
      if (firstSample - next >= LONG_HOLE_SAMPLES) startAt(firstSample)
      else if (firstSample > next) await push(new Int16Array(firstSample - next))
      const known = Math.max(0, next - firstSample)
      if (known < samples.length) await push(samples.subarray(known))
    },
    async end() {
      if (next !== undefined && next % size !== 0) await push(new Int16Array(size - (next % size)))
      startAt(next ?? 0)
    },
    openSamples: () => (openFrom === undefined ? 0 : (firstKept + kept.length - openFrom) * size),
    openSound: () => (openFrom === undefined ? undefined : soundOf(openFrom, firstKept + kept.length)),
    pausedSound() {
      const end = hearing?.cutter.endIfOver()
      return openFrom === undefined || end === undefined ? undefined : soundOf(openFrom, end)
    },
    pausedAt() {
      const end = hearing?.cutter.endIfOver()
      return end === undefined ? undefined : end * size
    },
    headSample: () => next ?? 0,
  }
}

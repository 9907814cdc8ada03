import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import type { WorkerTuning } from '../tuning.ts'
import {
  createEndpointer,
  framesRemembered,
  rmsOf,
  type Endpointer,
  type EndpointerTuning,
  type UtteranceBoundary,
} from './endpointer.ts'
import type { SpeechDetector, SpeechStream } from './speechDetector.ts'

/** A stretch of one channel in samples of the part's clock, `toSample` exclusive. */
export interface AudioSegment {
  readonly fromSample: number
  readonly toSample: number
  readonly samples: Int16Array
}
export type SpeechEvent =
  { readonly kind: 'opened' } | { readonly kind: 'closed'; readonly segment: AudioSegment }

/**
 * Finds the utterances of one channel of one part. Either no utterance is open, or one is open from `opened` to `closed`.
 * Calls must not overlap: each must be awaited. Knows nothing of words: channelTranscriber.ts has the segments transcribed.
 */
export interface SpeechChannel {
  /**
   * Resolves once the audio from `firstSample` on is processed. A jump forward counts as silence; samples that were
   * processed before are ignored. Rejects when the speech detector fails.
   */
  write(firstSample: number, samples: Int16Array): Promise<void>
  /** Closes an open utterance at the end of the audio. */
  end(): Promise<void>
  /** Returns the samples spoken so far by an open utterance; 0 when none is open. */
  openSamples(): number
  openSegment(): AudioSegment | undefined
  /** Returns what the open utterance will be if nothing more is said: certain long before the silence is long enough to close it. */
  pausedSegment(): AudioSegment | undefined
  /** Returns the sample at which `pausedSegment` ends. */
  pausedAt(): number | undefined
  /** Returns the first sample that is not yet processed. */
  headSample(): number
}

export interface SpeechChannelNeeds {
  readonly detector: SpeechDetector
  readonly tuning: WorkerTuning
  readonly maxPieceSeconds: number
  /** Audio before this sample is skipped: it is transcribed already. */
  readonly resumeSample: number
  readonly onSpeech: (event: SpeechEvent) => void
}

/** A longer hole closes an open utterance and costs no work; a shorter one is filled with silence. */
const LONG_HOLE_SAMPLES = SAMPLE_RATE_HZ

interface ChannelState {
  readonly needs: SpeechChannelNeeds
  readonly frameSamples: number
  readonly resumeFrame: number
  readonly endpointerTuning: EndpointerTuning
  /** Detector and endpointer start again after each utterance, so that a reader that starts there finds the same utterances. */
  endpointing: { readonly stream: SpeechStream; readonly endpointer: Endpointer } | undefined
  /** The next sample expected; undefined before the first audio. */
  nextSample: number | undefined
  /** The frame that is not full yet. */
  filling: Int16Array
  /** Frames that an open or coming utterance may need, the first of them numbered `firstKept`. */
  readonly kept: Int16Array[]
  firstKept: number
  openFrom: number | undefined
}

/** Creates a channel without an open utterance. */
export function createSpeechChannel(needs: SpeechChannelNeeds): SpeechChannel {
  const state = initialState(needs)
  return {
    write: (firstSample, samples) => write(state, firstSample, samples),
    async end() {
      const { nextSample, frameSamples } = state
      const rest = (nextSample ?? 0) % frameSamples
      if (rest !== 0) await pushSamples(state, new Int16Array(frameSamples - rest))
      restartAt(state, state.nextSample ?? 0)
    },
    openSamples: () =>
      state.openFrom === undefined ? 0 : (endOfKept(state) - state.openFrom) * state.frameSamples,
    openSegment: () =>
      state.openFrom === undefined ? undefined : segmentOf(state, state.openFrom, endOfKept(state)),
    pausedSegment() {
      const end = state.endpointing?.endpointer.endIfOver()
      return state.openFrom === undefined || end === undefined
        ? undefined
        : segmentOf(state, state.openFrom, end)
    },
    pausedAt() {
      const end = state.endpointing?.endpointer.endIfOver()
      return end === undefined ? undefined : end * state.frameSamples
    },
    headSample: () => state.nextSample ?? 0,
  }
}

function initialState(needs: SpeechChannelNeeds): ChannelState {
  const { tuning, maxPieceSeconds, resumeSample } = needs
  const { frameSamples, forceCutSearchMs } = tuning
  const framesOf = (seconds: number) => Math.floor((seconds * SAMPLE_RATE_HZ) / frameSamples)
  return {
    needs,
    frameSamples,
    resumeFrame: Math.ceil(resumeSample / frameSamples),
    endpointerTuning: {
      ...tuning,
      maxFrames: framesOf(maxPieceSeconds),
      searchFrames: framesOf(Math.min(forceCutSearchMs / 1_000, maxPieceSeconds / 2)),
    },
    endpointing: undefined,
    nextSample: undefined,
    filling: new Int16Array(frameSamples),
    kept: [],
    firstKept: 0,
    openFrom: undefined,
  }
}

async function write(state: ChannelState, firstSample: number, samples: Int16Array): Promise<void> {
  const next = (state.nextSample ??= firstSample)
  if (firstSample - next >= LONG_HOLE_SAMPLES) restartAt(state, firstSample)
  else if (firstSample > next) await pushSamples(state, new Int16Array(firstSample - next))
  const processed = Math.max(0, state.nextSample - firstSample)
  if (processed < samples.length) await pushSamples(state, samples.subarray(processed))
}

async function pushSamples(state: ChannelState, samples: Int16Array): Promise<void> {
  const size = state.frameSamples
  let offset = 0
  while (offset < samples.length) {
    const position = state.nextSample ?? 0
    const added = samples.subarray(offset, offset + size - (position % size))
    state.filling.set(added, position % size)
    offset += added.length
    const next = position + added.length
    state.nextSample = next
    if (next % size !== 0) continue
    const frame = state.filling
    state.filling = new Int16Array(size)
    await processFrame(state, frame, next / size - 1)
  }
}

async function processFrame(state: ChannelState, frame: Int16Array, number: number): Promise<void> {
  if (number < state.resumeFrame) return
  if (state.kept.length === 0) state.firstKept = number
  state.kept.push(frame)
  // A forced cut closes an utterance before this frame: the frames after the cut are processed again from there.
  for (let at = number; at <= number; at++) {
    const boundary = await boundaryAt(state, at)
    if (!boundary) continue
    report(state, boundary)
    if (boundary.kind === 'opened') continue
    state.endpointing = undefined
    at = boundary.to - 1
  }
  dropFrames(state)
}

async function boundaryAt(state: ChannelState, number: number): Promise<UtteranceBoundary | undefined> {
  const { stream, endpointer } = (state.endpointing ??= {
    stream: state.needs.detector.openStream(),
    endpointer: createEndpointer(state.endpointerTuning, number),
  })
  const frame = state.kept[number - state.firstKept] ?? new Int16Array(state.frameSamples)
  return endpointer.frame({ probability: await stream.probability(frame), rms: rmsOf(frame) })
}

function report(state: ChannelState, boundary: UtteranceBoundary): void {
  state.openFrom = boundary.kind === 'opened' ? boundary.from : undefined
  state.needs.onSpeech(
    boundary.kind === 'opened'
      ? { kind: 'opened' }
      : { kind: 'closed', segment: segmentOf(state, boundary.from, boundary.to) },
  )
}

/** Frames keep their grid from sample 0 of the part on, so that another reader cuts at the same samples. */
function restartAt(state: ChannelState, sample: number): void {
  const boundary = state.endpointing?.endpointer.end()
  if (boundary) report(state, boundary)
  state.endpointing = undefined
  state.kept.length = 0
  state.filling = new Int16Array(state.frameSamples)
  state.nextSample = sample
}

function dropFrames(state: ChannelState): void {
  const needed = state.openFrom ?? endOfKept(state) - framesRemembered(state.needs.tuning)
  const count = Math.min(state.kept.length, Math.max(0, needed - state.firstKept))
  state.kept.splice(0, count)
  state.firstKept += count
}

const endOfKept = ({ firstKept, kept }: ChannelState) => firstKept + kept.length

function segmentOf({ kept, firstKept, frameSamples }: ChannelState, from: number, to: number): AudioSegment {
  const samples = new Int16Array((to - from) * frameSamples)
  for (let frame = from; frame < to; frame++)
    samples.set(kept[frame - firstKept] ?? [], (frame - from) * frameSamples)
  return { fromSample: from * frameSamples, toSample: to * frameSamples, samples }
}

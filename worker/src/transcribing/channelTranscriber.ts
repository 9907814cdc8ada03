import type { Channel, RecordingId, Utterance, UtteranceId, Word } from '@3cx-ninja/protocol'
import type { DecoderPool } from '../decoders/decoderPool.ts'
import type { AudioSegment, SpeechEvent } from '../endpointing/speechChannel.ts'
import type { Transcription } from '../engines/enginePort.ts'
import type { Manifest } from '../model/manifest.ts'
import { SAMPLES_PER_MS, type WorkerTuning } from '../tuning.ts'
import { agreedWords } from './agreement.ts'
import {
  decodeFinal,
  NO_SPEECH,
  NOT_UNDERSTOOD,
  pieceOf,
  type DecodeContext,
  type SpeculativeDecode,
} from './decodeFinal.ts'
import { filterHallucination } from './hallucinationFilter.ts'

export interface ChannelTranscriberNeeds {
  readonly recordingId: RecordingId
  readonly channel: Channel
  readonly part: number
  readonly language: string
  readonly vocabulary: string
  readonly live: boolean
  /** Text of the final before the first one here, for the prompt; empty for none. */
  readonly previousText: string
  readonly pool: Pick<DecoderPool, 'final' | 'partial' | 'waiting'>
  readonly manifest: Manifest
  readonly tuning: WorkerTuning
  readonly newUtteranceId: () => UtteranceId
  readonly signal: AbortSignal
  /** Removes echo of the other channel; undefined if nothing else remains. */
  readonly removeEcho?: (segment: AudioSegment) => AudioSegment | undefined
  /** Resolves with whether the words of this segment are an echo of the other channel's words. */
  readonly isEcho?: (text: string, segment: AudioSegment) => Promise<boolean>
  readonly onUtterance: (utterance: Utterance, spokenMs: number) => void
  /** No decoder can run: the lease must go to another worker. */
  readonly onDown: (error: unknown) => void
}

/**
 * Turns the speech of one channel of one part into utterances. Endpointing opens an utterance; while it is open, partials
 * show the words on which two hypotheses agree, and each pause starts a speculative decode; endpointing closes it, and its
 * final is the speculative decode of the same audio, or a new decode. Finals are sent in the order in which utterances
 * closed. Knows nothing of records and frames: the speech channel finds the segments.
 */
export interface ChannelTranscriber {
  /** Opens an utterance, or closes it and queues its final. `spokenMs`: when the segment's end was spoken, on the worker's monotonic clock. */
  speech(event: SpeechEvent, spokenMs: number): void
  /** Returns whether a partial is due for an open utterance of this many samples. */
  wantsPartial(openSamples: number): boolean
  /** Decodes the open utterance so far; sends a partial if it agrees with the hypothesis before it. */
  partial(segment: AudioSegment, spokenMs: number): void
  /**
   * Returns whether to decode an utterance that may be over, ending at this sample, before the silence after it is long
   * enough. False while finals are queued: the speculative decode may be wasted. False, too, before the text that goes into
   * its prompt is settled.
   */
  wantsSpeculativeDecode(pausedAt: number | undefined): boolean
  /** Decodes the segment now: if the silence lasts, its text is the final's; if not, a partial's. */
  speculate(segment: AudioSegment, spokenMs: number): void
  /** Resolves when few enough finals wait that more audio can be read, or when the signal aborts. */
  capacity(): Promise<void>
  /** Resolves when the finals of all utterances closed so far are sent. Never rejects. */
  settled(): Promise<void>
}

const MAX_TEXT = 4_000
const MAX_WORDS = 600

interface OpenUtterance {
  readonly id: UtteranceId
  /** The text of the last partial sent. */
  shownText: string
  lastHypothesis: readonly string[]
  nextPartialSamples: number
  decodingPartial: boolean
  /** The sample at which the last speculative decode ended. */
  speculatedAt: number | undefined
  speculative: SpeculativeDecode | undefined
}
interface TranscriberState {
  readonly needs: ChannelTranscriberNeeds & Required<Pick<ChannelTranscriberNeeds, 'removeEcho' | 'isEcho'>>
  open: OpenUtterance | undefined
  previousText: string
  /** Settles when the final of the utterance closed last is sent. */
  lastFinal: Promise<void>
  readonly unsentFinals: Set<Promise<void>>
}

/** Creates a transcriber without an open utterance. */
export function createChannelTranscriber(needs: ChannelTranscriberNeeds): ChannelTranscriber {
  const state: TranscriberState = {
    needs: { removeEcho: (segment) => segment, isEcho: async () => false, ...needs },
    open: undefined,
    previousText: needs.previousText,
    lastFinal: Promise.resolve(),
    unsentFinals: new Set(),
  }
  return {
    speech(event, spokenMs) {
      if (event.kind === 'opened') state.open = openedUtterance(state)
      else closeUtterance(state, event.segment, spokenMs)
    },
    wantsPartial: (openSamples) =>
      needs.live &&
      state.open !== undefined &&
      !state.open.decodingPartial &&
      openSamples >= state.open.nextPartialSamples,
    partial: (segment, spokenMs) => startPartial(state, segment, spokenMs),
    wantsSpeculativeDecode: (pausedAt) =>
      needs.live &&
      state.open !== undefined &&
      pausedAt !== undefined &&
      state.open.speculatedAt !== pausedAt &&
      needs.pool.waiting().finals === 0 &&
      !(needs.manifest.prompt && state.unsentFinals.size > 0),
    speculate: (segment, spokenMs) => startSpeculativeDecode(state, segment, spokenMs),
    async capacity() {
      while (state.unsentFinals.size > needs.tuning.maxWaitingFinals && !needs.signal.aborted)
        await Promise.race(state.unsentFinals)
    },
    settled: () => state.lastFinal,
  }
}

function openedUtterance({ needs }: TranscriberState): OpenUtterance {
  return {
    id: needs.newUtteranceId(),
    shownText: '',
    lastHypothesis: [],
    nextPartialSamples: needs.tuning.partialFromMs * SAMPLES_PER_MS,
    decodingPartial: false,
    speculatedAt: undefined,
    speculative: undefined,
  }
}

function startPartial(state: TranscriberState, segment: AudioSegment, spokenMs: number): void {
  const { needs, open } = state
  if (!open || open.decodingPartial) return
  open.nextPartialSamples = samplesOfNextPartial(state, segment)
  const cleaned = needs.removeEcho(segment)
  if (!cleaned) return
  open.decodingPartial = true
  // The state object is the channel's key in the pool: a newer partial of this channel replaces a waiting one.
  const decoded = needs.pool.partial(pieceOf(cleaned, contextOf(state)), state).catch(() => undefined)
  void decoded.then((transcription) => {
    open.decodingPartial = false
    showPartial(state, open, { transcription, segment: cleaned, spokenMs })
  })
}

function startSpeculativeDecode(state: TranscriberState, segment: AudioSegment, spokenMs: number): void {
  const { needs, open } = state
  if (!open) return
  open.speculatedAt = segment.toSample
  const cleaned = needs.removeEcho(segment)
  if (!cleaned) return
  const piece = pieceOf(cleaned, contextOf(state))
  const transcription = needs.pool.final(piece)
  open.speculative = { piece, transcription }
  open.nextPartialSamples = samplesOfNextPartial(state, segment)
  transcription.then(
    (decoded) => showPartial(state, open, { transcription: decoded, segment: cleaned, spokenMs }),
    () => undefined, // The close of the utterance awaits the same promise and reports the failure.
  )
}

function samplesOfNextPartial({ needs }: TranscriberState, segment: AudioSegment): number {
  return segment.samples.length + needs.tuning.partialEveryMs * SAMPLES_PER_MS
}

function showPartial(
  state: TranscriberState,
  utterance: OpenUtterance,
  decoded: {
    readonly transcription: Transcription | undefined
    readonly segment: AudioSegment
    readonly spokenMs: number
  },
): void {
  const { transcription, segment, spokenMs } = decoded
  if (!transcription || state.needs.signal.aborted || state.open !== utterance) return
  if (filterHallucination(transcription) !== 'accepted') return
  const hypothesis = transcription.text.split(' ')
  const agreed = agreedWords(utterance.lastHypothesis, hypothesis).join(' ')
  utterance.lastHypothesis = hypothesis
  if (agreed === '' || agreed === utterance.shownText) return
  utterance.shownText = agreed
  const partial = { id: utterance.id, kind: 'partial', segment, text: agreed, words: [] } as const
  state.needs.onUtterance(utteranceOf(state, partial), spokenMs)
}

function closeUtterance(state: TranscriberState, segment: AudioSegment, spokenMs: number): void {
  const { needs } = state
  const closed = state.open ?? openedUtterance(state)
  state.open = undefined
  const cleaned = needs.removeEcho(segment)
  const decode = async () =>
    cleaned ? decodeFinal(cleaned, contextOf(state), needs.pool, closed.speculative) : NO_SPEECH
  // A prompt holds the previous final, and the text must not depend on how fast the audio came: one final after the other.
  const decoded = needs.manifest.prompt ? state.lastFinal.then(decode) : decode()
  decoded.catch(() => undefined) // Awaited below, in the order of the finals.
  const sent = state.lastFinal.then(async () =>
    sendFinal(state, closed, { transcription: await decoded, segment, cleaned, spokenMs }),
  )
  const settled = sent.catch((error: unknown) => {
    if (!needs.signal.aborted) needs.onDown(error)
  })
  state.lastFinal = settled
  state.unsentFinals.add(settled)
  void settled.then(() => state.unsentFinals.delete(settled))
}

async function sendFinal(
  state: TranscriberState,
  { id, shownText }: OpenUtterance,
  closed: {
    readonly transcription: Transcription
    readonly segment: AudioSegment
    readonly cleaned: AudioSegment | undefined
    readonly spokenMs: number
  },
): Promise<void> {
  const { segment, cleaned, spokenMs } = closed
  const { isEcho, signal, onUtterance } = state.needs
  const decodedText = closed.transcription.text
  const isEchoed = decodedText !== '' && (await isEcho(decodedText, cleaned ?? segment))
  const { text, words } = isEchoed ? NO_SPEECH : closed.transcription
  if (signal.aborted) return
  // An empty final withdraws a partial that was shown; without a partial, silence needs no message.
  if (text === '' && shownText === '') return
  if (text !== '' && text !== NOT_UNDERSTOOD) state.previousText = text
  // The end stays that of the whole segment: a worker that takes the call over resumes after it.
  const spoken = { ...segment, fromSample: cleaned?.fromSample ?? segment.fromSample }
  const final = { id, kind: 'final', segment: spoken, text, words: timedWords(words, spoken) } as const
  onUtterance(utteranceOf(state, final), spokenMs)
}

function contextOf({ needs, previousText }: TranscriberState): DecodeContext {
  const { manifest, language, vocabulary, signal } = needs
  return { manifest, language, vocabulary, previousText, signal }
}

function utteranceOf(
  { needs }: TranscriberState,
  spoken: {
    readonly id: UtteranceId
    readonly kind: Utterance['state']
    readonly segment: AudioSegment
    readonly text: string
    readonly words: readonly Word[]
  },
): Utterance {
  return {
    utteranceId: spoken.id,
    recordingId: needs.recordingId,
    channel: needs.channel,
    part: needs.part,
    state: spoken.kind,
    fromMs: Math.floor(spoken.segment.fromSample / SAMPLES_PER_MS),
    toMs: Math.floor(spoken.segment.toSample / SAMPLES_PER_MS),
    text: spoken.text.slice(0, MAX_TEXT),
    words: spoken.words.slice(0, MAX_WORDS),
  }
}

/** An engine counts a word's times from the piece's first sample, and sometimes beyond the piece's end. */
function timedWords(words: Transcription['words'], segment: AudioSegment): Word[] {
  const offsetMs = Math.floor(segment.fromSample / SAMPLES_PER_MS)
  const endMs = Math.floor(segment.toSample / SAMPLES_PER_MS)
  return words.map(({ text, fromMs, toMs, confidence }) => ({
    text: text.slice(0, 120),
    fromMs: Math.min(endMs, offsetMs + fromMs),
    toMs: Math.min(endMs, offsetMs + Math.max(fromMs, toMs)),
    confidence,
  }))
}

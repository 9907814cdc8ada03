import {
  SAMPLE_RATE_HZ,
  type Channel,
  type Clock,
  type RecordingId,
  type Utterance,
  type UtteranceId,
  type Word,
} from '@3cx-ninja/protocol'
import type { DecoderPool, Piece } from '../decoders/decoderPool.ts'
import type { Heard } from '../engines/enginePort.ts'
import { audioContextFor, type Manifest } from '../model/manifest.ts'
import type { Sound, Speech } from '../segmenting/speechChannel.ts'
import { SAMPLES_PER_MS, type WorkerTuning } from '../tuning.ts'
import { agreedWords } from './agreement.ts'
import { judge } from './guards.ts'

export interface ChannelTranscriberNeeds {
  readonly recordingId: RecordingId
  readonly channel: Channel
  readonly part: number
  readonly language: string
  readonly vocabulary: string
  readonly live: boolean
  /** Text of the final before the first one here, for the prompt; empty for none. */
  readonly textBefore: string
  readonly pool: Pick<DecoderPool, 'final' | 'partial' | 'waiting'>
  readonly manifest: Manifest
  readonly tuning: WorkerTuning
  readonly clock: Clock
  readonly newUtteranceId: () => UtteranceId
  readonly signal: AbortSignal
  /** Leaves away what is only the other channel's echo; nothing where all of it is. */
  readonly withoutEcho?: (sound: Sound) => Sound | undefined
  /** Whether the words of this sound are an echo of the other channel's. */
  readonly isEcho?: (text: string, sound: Sound) => Promise<boolean>
  readonly onUtterance: (utterance: Utterance, heardMs: number) => void
  /** No decoder can run: the lease must go to somebody else. */
  readonly onDown: (error: unknown) => void
}

/** Turns what is said on one channel of one part into utterances: finals in order, partials of the open one. */
export interface ChannelTranscriber {
  /** `heardMs`: when the sound's end was said, on the worker's monotonic clock. */
  speech(speech: Speech, heardMs: number): void
  /** Whether it is time to show what is said so far by the open utterance, of which there are this many samples. */
  wantsPartial(openSamples: number): boolean
  partial(sound: Sound, heardMs: number): void
  /** Whether to decode an utterance that may be over, ending at this sample, before the silence behind it is long enough. */
  wantsEarly(pausedAt: number | undefined): boolean
  /** If the silence lasts, its text is the final's; if not, a partial's. */
  early(sound: Sound, heardMs: number): void
  /** Resolves when few enough finals wait that more sound can be taken in. */
  room(): Promise<void>
  /** Resolves when all finals are sent. */
  settled(): Promise<void>
}

/** Shown where a piece broke every decoder that tried it: a person can still listen to it. */
const NOT_UNDERSTOOD = '[…]'
const NOTHING: Heard = { text: '', words: [], noSpeech: 1 }
/** Prompt: a model follows the end of it; more only costs time. */
const PROMPT_CHARACTERS = 200
const MAX_TEXT = 4_000
const MAX_WORDS = 600

interface OpenUtterance {
  readonly id: UtteranceId
  /** The last partial sent. */
  shown: string
  lastTry: readonly string[]
  nextSamples: number
  busy: boolean
  /** Where it was last decoded as if it were over. */
  pausedAt: number | undefined
  early: Early | undefined
}
/** A decode begun before the utterance was over. */
interface Early {
  readonly piece: Piece
  readonly heard: Promise<Heard | undefined>
}

export function createChannelTranscriber(needs: ChannelTranscriberNeeds): ChannelTranscriber {
  const { pool, manifest, tuning, signal } = needs
  const { withoutEcho = (sound: Sound) => sound, isEcho = () => Promise.resolve(false) } = needs
  let open: OpenUtterance | undefined
  let before = needs.textBefore
  let order: Promise<void> = Promise.resolve()
  const waiting = new Set<Promise<void>>()
  const key = {}

  const pieceOf = ({ samples }: Sound, window: 'short' | 'full'): Piece => ({
    samples,
    language: needs.language,
    prompt: manifest.prompt ? [needs.vocabulary, before].join(' ').trim().slice(-PROMPT_CHARACTERS) : '',
    audioContext: window === 'full' ? undefined : audioContextFor(manifest, samples.length / SAMPLE_RATE_HZ),
    signal,
  })
  const utteranceOf = (
    id: UtteranceId,
    state: Utterance['state'],
    sound: Sound,
    text: string,
    words: readonly Word[],
  ) => ({
    utteranceId: id,
    recordingId: needs.recordingId,
    channel: needs.channel,
    part: needs.part,
    state,
    fromMs: Math.floor(sound.fromSample / SAMPLES_PER_MS),
    toMs: Math.floor(sound.toSample / SAMPLES_PER_MS),
    text: text.slice(0, MAX_TEXT),
    words: words.slice(0, MAX_WORDS),
  })

  const understand = async (sound: Sound | undefined, early: Early | undefined): Promise<Heard> => {
    if (!sound) return NOTHING
    const piece = pieceOf(sound, 'short')
    const heard = await (early && isSame(early.piece, piece) ? early.heard : pool.final(piece))
    if (!heard) return { text: NOT_UNDERSTOOD, words: [], noSpeech: 0 }
    const verdict = judge(heard)
    if (verdict === 'fine') return heard
    if (verdict !== 'loops' || manifest.audioContext === 'full') return NOTHING
    const again = await pool.final(pieceOf(sound, 'full'))
    return again && judge(again) === 'fine' ? again : NOTHING
  }

  const ownWords = async (heard: Heard, sound: Sound): Promise<Heard> =>
    heard.text !== '' && (await isEcho(heard.text, sound)) ? NOTHING : heard

  const close = (sound: Sound, heardMs: number) => {
    const { id, shown, early } = open ?? { id: needs.newUtteranceId(), shown: '', early: undefined }
    open = undefined
    const own = withoutEcho(sound)
    // Where the text before helps, it must be the same text however fast the sound came: one final after the other.
    const understood = manifest.prompt ? order.then(() => understand(own, early)) : understand(own, early)
    understood.catch(() => undefined) // told below, in order
    const sent = order.then(async () => {
      const heard = await ownWords(await understood, own ?? sound)
      if (signal.aborted) return
      // A partial that was shown is taken back by an empty final; silence that nobody saw needs no message.
      if (heard.text === '' && shown === '') return
      if (heard.text !== '' && heard.text !== NOT_UNDERSTOOD) before = heard.text
      // Its end stays that of the sound: who takes over goes on behind it.
      const spoken = { ...sound, fromSample: own?.fromSample ?? sound.fromSample }
      needs.onUtterance(utteranceOf(id, 'final', spoken, heard.text, wordsOf(heard, spoken)), heardMs)
    })
    const settled = sent.catch((error: unknown) => {
      if (!signal.aborted) needs.onDown(error)
    })
    order = settled
    waiting.add(settled)
    void settled.then(() => waiting.delete(settled))
  }

  const tryPartial = async (utterance: OpenUtterance, sound: Sound, heardMs: number) => {
    const heard = await pool.partial(pieceOf(sound, 'short'), key).catch(() => undefined)
    utterance.busy = false
    show(utterance, heard, sound, heardMs)
  }
  const show = (utterance: OpenUtterance, heard: Heard | undefined, sound: Sound, heardMs: number) => {
    if (!heard || signal.aborted || open !== utterance || judge(heard) !== 'fine') return
    const words = heard.text.split(' ')
    const agreed = agreedWords(utterance.lastTry, words).join(' ')
    utterance.lastTry = words
    if (agreed === '' || agreed === utterance.shown) return
    utterance.shown = agreed
    needs.onUtterance(utteranceOf(utterance.id, 'partial', sound, agreed, []), heardMs)
  }

  return {
    speech(speech, heardMs) {
      switch (speech.kind) {
        case 'opened': {
          const nextSamples = tuning.partialFromMs * SAMPLES_PER_MS
          open = {
            id: needs.newUtteranceId(),
            shown: '',
            lastTry: [],
            nextSamples,
            busy: false,
            pausedAt: undefined,
            early: undefined,
          }
          return
        }
        case 'closed':
          return close(speech.sound, heardMs)
      }
    },
    wantsPartial: (openSamples) =>
      needs.live && open !== undefined && !open.busy && openSamples >= open.nextSamples,
    partial(sound, heardMs) {
      if (!open || open.busy) return
      open.busy = true
      open.nextSamples = sound.samples.length + tuning.partialEveryMs * SAMPLES_PER_MS
      const own = withoutEcho(sound)
      if (own) void tryPartial(open, own, heardMs)
      else open.busy = false
    },
    // Not where finals wait: it may be for nothing. Nor before the text that goes into its prompt is known.
    wantsEarly: (pausedAt) =>
      needs.live &&
      open !== undefined &&
      pausedAt !== undefined &&
      open.pausedAt !== pausedAt &&
      pool.waiting().finals === 0 &&
      !(manifest.prompt && waiting.size > 0),
    early(sound, heardMs) {
      if (!open) return
      const utterance = open
      utterance.pausedAt = sound.toSample
      const own = withoutEcho(sound)
      if (!own) return
      const piece = pieceOf(own, 'short')
      const heard = pool.final(piece)
      utterance.early = { piece, heard }
      utterance.nextSamples = sound.samples.length + tuning.partialEveryMs * SAMPLES_PER_MS
      heard.then(
        (words) => show(utterance, words, own, heardMs),
        () => undefined, // told when the utterance is closed
      )
    },
    async room() {
      while (waiting.size > tuning.maxWaitingFinals && !signal.aborted) await Promise.race(waiting)
    },
    settled: () => order,
  }
}

/** Whether both are one question to the engine, so that the answer to one is that to the other. */
function isSame(one: Piece, other: Piece): boolean {
  const bytes = ({ samples }: Piece) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  const { prompt, audioContext } = other
  return one.prompt === prompt && one.audioContext === audioContext && bytes(one).equals(bytes(other))
}

/** The engine's times are after the piece's first sample, and sometimes beyond its end. */
function wordsOf(heard: Heard, sound: Sound): Word[] {
  const offsetMs = Math.floor(sound.fromSample / SAMPLES_PER_MS)
  const endMs = Math.floor(sound.toSample / SAMPLES_PER_MS)
  return heard.words.map(({ text, fromMs, toMs, confidence }) => ({
    text: text.slice(0, 120),
    fromMs: Math.min(endMs, offsetMs + fromMs),
    toMs: Math.min(endMs, offsetMs + Math.max(fromMs, toMs)),
    confidence,
  }))
}

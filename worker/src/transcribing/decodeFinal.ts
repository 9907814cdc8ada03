import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import type { DecoderPool, Piece } from '../decoders/decoderPool.ts'
import type { AudioSegment } from '../endpointing/speechChannel.ts'
import type { Transcription } from '../engines/enginePort.ts'
import { audioContextFor, type Manifest } from '../model/manifest.ts'
import { filterHallucination } from './hallucinationFilter.ts'

/** Shown where a piece broke every decoder that tried it: a person can still listen to it. */
export const NOT_UNDERSTOOD = '[…]'
/** The transcription of a segment in which nobody spoke. */
export const NO_SPEECH: Transcription = { text: '', words: [], noSpeech: 1 }
/** A model follows the end of its prompt; a longer one only costs time. */
const PROMPT_CHARACTERS = 200

/** What a decode depends on besides the audio. */
export interface DecodeContext {
  readonly manifest: Manifest
  readonly language: string
  readonly vocabulary: string
  /** Text of the final before this one, for the prompt; empty for none. */
  readonly previousText: string
  readonly signal: AbortSignal
}

/** A decode that was started before its utterance was certainly over. */
export interface SpeculativeDecode {
  readonly piece: Piece
  readonly transcription: Promise<Transcription | undefined>
}

/** Returns the decoders' input for a segment; `short` cuts the encoder's window to the audio where the model allows that. */
export function pieceOf(
  { samples }: AudioSegment,
  context: DecodeContext,
  window: 'short' | 'full' = 'short',
): Piece {
  const { manifest, language, vocabulary, previousText, signal } = context
  return {
    samples,
    language,
    prompt: manifest.prompt ? [vocabulary, previousText].join(' ').trim().slice(-PROMPT_CHARACTERS) : '',
    audioContext: window === 'full' ? undefined : audioContextFor(manifest, samples.length / SAMPLE_RATE_HZ),
    signal,
  }
}

/**
 * Resolves with the final transcription of a segment. A speculative decode of the very same input is used instead of a new
 * one; a text that loops is decoded once more with the whole window; what the hallucination filter refuses becomes
 * NO_SPEECH; a segment that broke the engine too often becomes NOT_UNDERSTOOD. Rejects with EngineDown.
 */
export async function decodeFinal(
  segment: AudioSegment,
  context: DecodeContext,
  pool: Pick<DecoderPool, 'final'>,
  speculative: SpeculativeDecode | undefined,
): Promise<Transcription> {
  const piece = pieceOf(segment, context)
  const isDecoded = speculative !== undefined && isSameInput(speculative.piece, piece)
  const transcription = await (isDecoded ? speculative.transcription : pool.final(piece))
  if (!transcription) return { text: NOT_UNDERSTOOD, words: [], noSpeech: 0 }
  const verdict = filterHallucination(transcription)
  if (verdict === 'accepted') return transcription
  if (verdict !== 'loops' || context.manifest.audioContext === 'full') return NO_SPEECH
  const second = await pool.final(pieceOf(segment, context, 'full'))
  return second && filterHallucination(second) === 'accepted' ? second : NO_SPEECH
}

/** Whether both pieces are one input to the engine, so that the answer to one is the answer to the other. */
function isSameInput(one: Piece, other: Piece): boolean {
  const bytes = ({ samples }: Piece) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  return (
    one.prompt === other.prompt && one.audioContext === other.audioContext && bytes(one).equals(bytes(other))
  )
}

import { z } from 'zod'
import { recordingId, utteranceId } from './ids.ts'
import { channel, partNumber } from './recording.ts'
import { partMs, text } from './units.ts'

/** One recognized word with its time in the part, as the engine reports it. */
export const word = z.object({
  text: text(120),
  fromMs: partMs,
  toMs: partMs,
  /** 0 to 1, as the engine reports it. */
  confidence: z.number().min(0).max(1),
})
export type Word = z.infer<typeof word>

/** What one speaker said, with times in ms after sample 0 of the part; the next partial or the final replaces a partial. Rules U1 to U3. */
export const utterance = z.object({
  utteranceId,
  recordingId,
  channel,
  part: partNumber,
  state: z.enum(['partial', 'final']),
  fromMs: partMs,
  toMs: partMs,
  text: text(4_000),
  words: z.array(word).max(600),
})
export type Utterance = z.infer<typeof utterance>

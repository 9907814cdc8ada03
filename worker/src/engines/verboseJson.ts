import { z } from 'zod'
import { EngineBroken, type Heard } from './enginePort.ts'

/** The answer that whisper-server and OpenAI-compatible servers share (`response_format=verbose_json`). Seconds. */
const answer = z.object({
  text: z.string().default(''),
  segments: z
    .array(
      z.object({
        no_speech_prob: z.number().optional(),
        words: z
          .array(
            z.object({
              word: z.string(),
              start: z.number().default(0),
              end: z.number().default(0),
              probability: z.number().optional(),
            }),
          )
          .optional(),
      }),
    )
    .default([]),
  words: z
    .array(
      z.object({ word: z.string(), start: z.number(), end: z.number(), probability: z.number().optional() }),
    )
    .optional(),
})

const unit = (value: number) => Math.min(1, Math.max(0, value))
const ms = (seconds: number) => Math.max(0, Math.round(seconds * 1_000))

/** Throws EngineBroken for anything else. */
export function parseVerboseJson(text: string): Heard {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new EngineBroken('the engine did not answer JSON', { cause })
  }
  const parsed = answer.safeParse(value)
  if (!parsed.success) throw new EngineBroken(`the engine answered something else: ${text.slice(0, 120)}`)
  const { segments, words } = parsed.data
  const all = words ?? segments.flatMap((segment) => segment.words ?? [])
  const noSpeech = segments.length === 0 ? 0 : Math.min(...segments.map((one) => one.no_speech_prob ?? 0))
  return {
    text: parsed.data.text.replaceAll(/\s+/g, ' ').trim(),
    words: all
      .map(({ word, start, end, probability }) => ({
        text: word.trim(),
        fromMs: ms(start),
        toMs: ms(Math.max(start, end)),
        confidence: unit(probability ?? 1),
      }))
      .filter((word) => word.text !== ''),
    noSpeech: unit(noSpeech),
  }
}

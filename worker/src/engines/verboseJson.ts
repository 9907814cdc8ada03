import { z } from 'zod'
import { EngineBroken, type Transcription, type TranscribedWord } from './enginePort.ts'

const token = z.object({
  word: z.string(),
  start: z.number().default(0),
  end: z.number().default(0),
  probability: z.number().optional(),
})
type Token = z.infer<typeof token>

/** The answer that whisper-server and OpenAI-compatible servers share (`response_format=verbose_json`); its times are seconds. */
const answer = z.object({
  text: z.string().default(''),
  segments: z
    .array(
      z.object({
        no_speech_prob: z.number().optional(),
        words: z.array(token).optional(),
      }),
    )
    .default([]),
  words: z.array(token).optional(),
})

const unit = (value: number) => Math.min(1, Math.max(0, value))
const ms = (seconds: number) => Math.max(0, Math.round(seconds * 1_000))
const tidy = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

/** Returns the transcription that a `verbose_json` answer holds. Throws EngineBroken for any other text. */
export function parseVerboseJson(text: string): Transcription {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new EngineBroken('the engine did not answer JSON', { cause })
  }
  const parsed = answer.safeParse(value)
  if (!parsed.success) {
    // The message names fields only, never their values: those may be a caller's words, and the log gets the message.
    const fields = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'answer'}: ${message}`)
    throw new EngineBroken(`the engine answered something else (${fields.slice(0, 3).join('; ')})`)
  }
  const { segments, words } = parsed.data
  const wholeText = tidy(parsed.data.text)
  const noSpeech = segments.length === 0 ? 0 : Math.min(...segments.map((one) => one.no_speech_prob ?? 0))
  return {
    text: wholeText,
    words: wordsOf(wholeText, words ?? segments.flatMap((segment) => segment.words ?? [])),
    noSpeech: unit(noSpeech),
  }
}

/**
 * whisper.cpp answers tokens, of which one with a leading space begins a word; other servers answer whole words. Letters that
 * a token boundary cuts in two come from the whole text.
 */
function wordsOf(wholeText: string, tokens: readonly Token[]): TranscribedWord[] {
  const spaced = tokens.some(({ word }) => word.startsWith(' '))
  const groups: Token[][] = []
  for (const token of tokens) {
    if (token.word === '') continue
    if (!spaced || groups.length === 0 || token.word.startsWith(' ')) groups.push([token])
    else groups.at(-1)?.push(token)
  }
  const texts = wholeText.split(' ')
  return groups
    .map((group, index) => ({
      text:
        texts.length === groups.length ? (texts[index] ?? '') : tidy(group.map(({ word }) => word).join('')),
      fromMs: ms(group[0]?.start ?? 0),
      toMs: ms(Math.max(...group.map(({ start, end }) => Math.max(start, end)))),
      confidence: unit(group.reduce((sum, { probability }) => sum + (probability ?? 1), 0) / group.length),
    }))
    .filter((word) => word.text !== '')
}

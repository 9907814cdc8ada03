import { expect, it } from 'vitest'
import { maskConversation } from '../../src/masking/maskSecrets.ts'
import { conversationOf, corpusOf, type CorpusLine } from '../../testing/maskCorpus.ts'

/**
 * Two hundred lines of a reader who had not seen the mask. Their first score, before anything was changed because of it: 98
 * of 100 ordinary lines unchanged, 30 of 45 with a check digit, 24 of 55 others masked. The limits below only rise.
 */
const LEAST = { ordinary: 100, checked: 40, other: 34 }

interface Secret {
  readonly utterance: number
  readonly text: string
}

const secretsOf = ({ said }: CorpusLine): readonly Secret[] =>
  said.flatMap((line, utterance) =>
    [...line.matchAll(/\[\[(.*?)\]\]/gsu)].map(([, text = '']) => ({ utterance, text })),
  )

/** Nothing of a secret of three characters or more is left, unless the same stands elsewhere in the utterance. */
function isHidden({ utterance, text }: Secret, before: string, after: string | undefined): boolean {
  if (after === undefined || after.includes(text)) return false
  const rest = before.replaceAll(text, '')
  const pieces = [...text.matchAll(/[\p{L}\p{N}]{3,}/gu)].map(([piece]) => piece)
  return utterance >= 0 && pieces.every((piece) => rest.includes(piece) || !after.includes(piece))
}

it('[A1] scores the lines of a reader who had not seen the mask', () => {
  const score = { ordinary: 0, checked: 0, other: 0 }
  const all = { ordinary: 0, checked: 0, other: 0 }
  for (const line of corpusOf('fresh')) {
    const said = conversationOf(line)
    const masked = maskConversation(said)
    const secrets = secretsOf(line)
    const kind = secrets.length === 0 ? 'ordinary' : line.check ? 'checked' : 'other'
    const isRight =
      kind === 'ordinary'
        ? said.every(({ text }, index) => masked[index] === text)
        : secrets.every((one) => isHidden(one, said[one.utterance]?.text ?? '', masked[one.utterance]))
    all[kind] += 1
    if (isRight) score[kind] += 1
  }
  process.stdout.write(`mask, lines of a fresh reader: ${JSON.stringify({ score, of: all })}\n`)
  expect(all).toEqual({ ordinary: 100, checked: 45, other: 55 })
  expect(score.ordinary).toBeGreaterThanOrEqual(LEAST.ordinary)
  expect(score.checked).toBeGreaterThanOrEqual(LEAST.checked)
  expect(score.other).toBeGreaterThanOrEqual(LEAST.other)
})

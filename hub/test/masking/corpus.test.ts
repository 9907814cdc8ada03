import { expect, it } from 'vitest'
import { maskConversation } from '../../src/masking/maskSecrets.ts'
import { conversationOf, corpusOf, expectedOf, type CorpusLine } from '../../testing/maskCorpus.ts'

const textOf = (line: CorpusLine) => line.said.join(' | ')

it.each(corpusOf('own-mask').map((line) => [textOf(line), line] as const))('[A1] masks %s', (_, line) => {
  expect(maskConversation(conversationOf(line))).toEqual(expectedOf(line))
})

it.each(corpusOf('own-keep').map((line) => [textOf(line), line] as const))('[A1] keeps %s', (_, line) => {
  expect(maskConversation(conversationOf(line))).toEqual(expectedOf(line))
})

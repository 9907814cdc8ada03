import { readFileSync } from 'node:fs'
import type { Said } from '../src/masking/conversation.ts'
import { MASK } from '../src/masking/maskSecrets.ts'

/** One line of the corpus: utterances as an engine writes them, each secret in [[double brackets]]; without any, all stays. */
export interface CorpusLine {
  readonly language: string
  readonly kind?: string
  /** The secret has check digits: it must be masked without exception. */
  readonly check?: boolean
  readonly said: readonly string[]
}

/** Returns the lines of one file of `hub/test/masking/corpus`. */
export function corpusOf(name: string): readonly CorpusLine[] {
  const path = new URL(`../test/masking/corpus/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as readonly CorpusLine[]
}

/** Returns the conversation that a line writes down as 'caller: Mon code PIN c'est le [[4711]].'. */
export function conversationOf({ said }: CorpusLine): readonly Said[] {
  return said.map((line) => {
    const [, channel, text = ''] = /^(agent|caller): (.*)$/su.exec(line) ?? []
    if (channel !== 'agent' && channel !== 'caller') throw new Error(`no side in: ${line}`)
    return { channel, text: text.replace(/\[\[|\]\]/g, '') }
  })
}

/** Returns the texts as they must come out. */
export function expectedOf({ said }: CorpusLine): readonly string[] {
  return said.map((line) => line.replace(/^\w+: /, '').replace(/\[\[.*?\]\]/gsu, MASK))
}

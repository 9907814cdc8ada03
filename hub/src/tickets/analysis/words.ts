import { NEGATIONS } from './lexicon.ts'

/** Lower case, plain apostrophes, single blanks: how text and lexicon are compared. Accents count. */
export function plain(text: string): string {
  return text.toLowerCase().replace(/[’ʼ]/g, "'").replace(/\s+/g, ' ').trim()
}

const WORD = /[\p{L}\p{N}]/u

/** Where `phrase` stands in `text` as whole words ('stem*' may go on); -1 when nowhere. Both are plain. */
export function indexOfPhrase(text: string, phrase: string): number {
  const isStem = phrase.endsWith('*')
  const wanted = plain(isStem ? phrase.slice(0, -1) : phrase)
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const before = text[at - 1] ?? ' '
    const behind = text[at + wanted.length] ?? ' '
    if (!WORD.test(before) && (isStem || !WORD.test(behind))) return at
  }
  return -1
}

/** Whether the words just before turn the meaning: "pas urgent", "ce n'est plus bloqué". */
export function isNegated(text: string, at: number): boolean {
  const before = text
    .slice(0, at)
    .split(/[^\p{L}\p{N}']+/u)
    .filter(Boolean)
    .slice(-3)
  return before.slice(-2).some((word) => NEGATIONS.includes(word))
}

export interface Found {
  readonly phrase: string
  readonly at: number
}

/** Phrases of the list that stand in the text, not negated (a phrase that itself holds a negation is taken as it is). */
export function findPhrases(text: string, phrases: readonly string[]): readonly Found[] {
  const compared = plain(text)
  return phrases.flatMap((phrase) => {
    const at = indexOfPhrase(compared, phrase)
    const ownNegation = plain(phrase)
      .split(' ')
      .some((word) => NEGATIONS.includes(word))
    return at >= 0 && (ownNegation || !isNegated(compared, at)) ? [{ phrase, at }] : []
  })
}

/** Sentences of a spoken text, in order. */
export function sentencesOf(text: string): readonly string[] {
  return text
    .split(/(?<=[.!?…])\s+/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

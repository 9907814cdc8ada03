import { FILLERS, NEGATIONS } from './lexicon.ts'

/** Returns the text in lower case with plain apostrophes and single blanks, as text and lexicon are compared. Accents count. */
export function plain(text: string): string {
  return text.toLowerCase().replace(/[’ʼ]/g, "'").replace(/\s+/g, ' ').trim()
}

const WORD = /[\p{L}\p{N}]/u
/** The end of a clause: a negation before it does not negate the words after it. */
const CLAUSE_END = /[,.;:!?…]/

export interface Found {
  /** The words as they were said, a stem up to its word's end. */
  readonly words: string
  readonly at: number
}

/** A phrase of the lexicon, prepared once: a call is analyzed again after each utterance. */
interface Wanted {
  readonly words: string
  readonly isStem: boolean
  readonly endsClause: boolean
  readonly hasNegation: boolean
}
const ready = new WeakMap<readonly string[], readonly Wanted[]>()

function wantedOf(phrases: readonly string[]): readonly Wanted[] {
  const known = ready.get(phrases)
  if (known) return known
  const made = phrases.map((phrase): Wanted => {
    const isStem = phrase.endsWith('*')
    const endsClause = phrase.endsWith('|')
    const words = plain(isStem || endsClause ? phrase.slice(0, -1) : phrase)
    const hasNegation = words.split(/[ ']/).some((word) => NEGATIONS.includes(word))
    return { words, isStem, endsClause, hasNegation }
  })
  ready.set(phrases, made)
  return made
}

/**
 * Returns every occurrence of the phrase in `text` as whole words. 'stem*' may go on to the end of its word; 'word|' must end
 * its clause ("super, merci" but not "super lent").
 */
function occurrencesOf(text: string, { words, isStem, endsClause }: Wanted): readonly Found[] {
  let at = text.indexOf(words)
  if (at < 0) return NOWHERE
  const occurrences: Found[] = []
  for (; at >= 0; at = text.indexOf(words, at + 1)) {
    const following = text.slice(at + words.length)
    if (WORD.test(text[at - 1] ?? ' ')) continue
    if (!isStem && WORD.test(following[0] ?? ' ')) continue
    if (endsClause && following.trim() !== '' && !CLAUSE_END.test(following[0] ?? '')) continue
    const rest = isStem ? (/^[\p{L}\p{N}]*/u.exec(following)?.[0] ?? '') : ''
    occurrences.push({ words: words + rest, at })
  }
  return occurrences
}
const NOWHERE: readonly Found[] = []

/** Returns whether the preceding words negate the phrase: "pas du tout urgent", "ce n'est plus bloqué"; not "de plus en plus urgent". */
export function isNegated(text: string, at: number): boolean {
  const clause = text.slice(0, at).split(CLAUSE_END).at(-1) ?? ''
  const words = clause.split(/[^\p{L}\p{N}']+/u).filter(Boolean)
  const nearest = words.findLastIndex((word) => !FILLERS.includes(word))
  const word = words[nearest]
  if (word === undefined || !NEGATIONS.includes(word)) return false
  // "plus" alone says more, not less: it negates only behind "ne".
  return (
    word !== 'plus' || words.slice(Math.max(0, nearest - 4), nearest).some((one) => /^(ne|n'.*)$/.test(one))
  )
}

/** Returns the phrases of the list that the text holds without a negation (a phrase may hold a negation itself). */
export function findPhrases(text: string, phrases: readonly string[]): readonly Found[] {
  const compared = plain(text)
  return wantedOf(phrases).flatMap((wanted) => {
    const found = occurrencesOf(compared, wanted).find(
      ({ at }) => wanted.hasNegation || !isNegated(compared, at),
    )
    return found ? [found] : NOWHERE
  })
}

/** Returns the phrases that the text is about, also when they are missing: "plus d'internet"; not "ce n'est pas l'imprimante". */
export function findTopics(text: string, phrases: readonly string[]): readonly Found[] {
  const compared = plain(text)
  return wantedOf(phrases).flatMap((wanted) => {
    const found = occurrencesOf(compared, wanted).find(({ at }) => !DENIED.test(compared.slice(0, at)))
    return found ? [found] : NOWHERE
  })
}
const DENIED =
  /(ce n'est pas|c'est pas|ce n'était pas|rien à voir avec|it's not|it is not|it isn't|nothing to do with)( (un|une|le|la|les|du|de la|mon|ma|notre|votre|the|a|an|my|our|your))?( l'| d'| de l')?\s*$/

/** Returns the sentences of a spoken text, in order. */
export function sentencesOf(text: string): readonly string[] {
  return text
    .split(/(?<=[.!?…])\s+/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

import { ibanLength, isIban, modulo97 } from './checkDigits.ts'
import {
  nextPosition,
  spansOf,
  streamOf,
  type Proven,
  type Range,
  type Spoken,
  type Stream,
} from './conversation.ts'
import { readingsAt } from './spokenNumbers.ts'
import type { Token } from './tokens.ts'

/** Steps of the search from one beginning; the same rest at the same word is searched once. */
const MOST_STEPS = 20_000
/** From here on the account number of a partial is withheld until it is proven or refuted. */
const WITHHELD_CHARACTERS = 8
const SPELLED_AS = new Set(['comme', 'as', 'for', 'like'])
const LETTER = /^[a-z]$/i

interface Beginning {
  readonly country: string
  readonly characters: string
  readonly to: number
  /** The two letters are an ordinary word ('is', 'de'): only the plain reading of what follows counts. */
  readonly isWord: boolean
}

/** Codes of countries that are words: behind them a number of many readings would pass the check by chance. */
const WORDS = new Set([
  'is',
  'it',
  'de',
  'me',
  'se',
  'si',
  'no',
  'at',
  'es',
  'il',
  'do',
  'ad',
  'al',
  'ba',
  'so',
  'mu',
])

/** Returns the account numbers (IBAN) of one side, written, spelled or read out: length of the country, modulo 97. */
export function ibansIn(conversation: readonly Spoken[], channel: Spoken['channel']): readonly Proven[] {
  const stream = streamOf(conversation, channel)
  const found: Proven[] = []
  for (let from = 0; from < stream.tokens.length; from++) {
    const beginning = beginningAt(stream, from)
    const end = beginning && endOf(stream, beginning)
    if (!end) continue
    found.push({
      spans: spansOf(stream, [{ from, to: beginning.to }, ...end.ranges]),
      characters: end.characters,
    })
    from = end.to - 1
  }
  return found
}

/** 'FR76…', 'FR', 'F R', 'F comme François, R comme Robert'. */
function beginningAt({ tokens }: Stream, at: number): Beginning | undefined {
  const token = tokens[at]
  if (!token || token.isElided) return undefined
  const compact = token.text.replace(/[^a-z\d]/gi, '')
  if (token.kind === 'mixed' && /^[a-z]{2}\d/i.test(compact) && ibanLength(compact.slice(0, 2)) !== undefined)
    return {
      country: compact.slice(0, 2).toUpperCase(),
      characters: compact.slice(2),
      to: at + 1,
      isWord: false,
    }
  if (token.kind !== 'word') return undefined
  if (token.text.length === 2 && ibanLength(token.text) !== undefined) return { country: token.text.toUpperCase(), characters: '', to: at + 1, isWord: WORDS.has(token.text) } // prettier-ignore
  const first = letterAt(tokens, at)
  const second = first && letterAt(tokens, first.to)
  const country = `${first?.letter ?? ''}${second?.letter ?? ''}`
  return second && ibanLength(country) !== undefined
    ? { country: country.toUpperCase(), characters: '', to: second.to, isWord: false }
    : undefined
}

function letterAt(
  tokens: Stream['tokens'],
  at: number,
): { readonly letter: string; readonly to: number } | undefined {
  const token = tokens[at]
  if (!token || token.isElided || !LETTER.test(token.key)) return undefined
  return { letter: token.key, to: SPELLED_AS.has(tokens[at + 1]?.key ?? '') ? at + 3 : at + 1 }
}

interface End {
  readonly ranges: readonly Range[]
  readonly to: number
  readonly characters: string
}

function endOf(stream: Stream, { country, characters, to, isWord }: Beginning): End | undefined {
  const length = (ibanLength(country) ?? 0) - 2
  const searched = new Set<string>()
  let best: End | undefined
  /** Of two readings the one that leaves fewer words behind it counts. */
  const found = (end: End) => {
    if (!best || end.to > best.to) best = end
  }
  const search = (at: number, soFar: string, ranges: readonly Range[]): void => {
    if (soFar.length > length) return
    const key = `${at} ${soFar.length} ${soFar.slice(0, 2)} ${modulo97(soFar.slice(2))}`
    if (searched.has(key) || searched.size > MOST_STEPS) return
    searched.add(key)
    if (isIban(country + soFar)) found({ ranges, to: at, characters: country + soFar })
    if (soFar.length >= 2 && !/^\d{2}/.test(soFar)) return
    const isWithheld = stream.isOpen && at === stream.tokens.length && soFar.length >= WITHHELD_CHARACTERS
    if (isWithheld) found({ ranges, to: at, characters: '' })
    const next = nextPosition(
      stream,
      at,
      isWord || soFar.length < 2 ? {} : { joins: true, words: (token) => !mayBelong(token, soFar.length) },
    )
    if (next === undefined) return
    const steps = stepsAt(stream, next, soFar.length)
    for (const step of isWord ? steps.slice(0, 1) : steps) search(step.to, soFar + step.characters, [...ranges, { from: next, to: step.to }]) // prettier-ignore
  }
  search(to, characters, [])
  return best
}

/** Letters of an account number, as a single one or as those of its bank, are no words between two groups. */
const mayBelong = ({ text }: Token, length: number): boolean =>
  text.length === 1 || /^[A-Z]{2,6}$/.test(text) || (length === 2 && /^[a-z]{4}$/i.test(text))

/** What the next words add: digits, letters, or a bank's four letters as a word ('NWBK'). */
function stepsAt(
  { tokens }: Stream,
  at: number,
  length: number,
): readonly { to: number; characters: string }[] {
  const token = tokens[at]
  if (!token) return []
  const readings = readingsAt(tokens, at).map(({ to, digits }) => ({ to, characters: digits }))
  const letter = letterAt(tokens, at)
  if (letter) return [...readings, { to: letter.to, characters: letter.letter }]
  const compact = token.text.replace(/[^a-z\d]/gi, '')
  const isWritten = token.kind === 'mixed' || (token.kind === 'word' && /^[A-Z]{2,6}$/.test(token.text))
  const isBank = token.kind === 'word' && length === 2 && /^[a-z]{4}$/i.test(token.text)
  return isWritten || isBank ? [...readings, { to: at + 1, characters: compact }] : readings
}

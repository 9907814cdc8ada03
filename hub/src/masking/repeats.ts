import { isFiller, type Span, type Spoken } from './conversation.ts'
import { phraseEnd } from './readOut.ts'
import { readingsAt } from './spokenNumbers.ts'
import { isNoValue } from './values.ts'

/** A secret as it sounds: words and letters joined, numbers as digits; the same however it was written. */
interface Sounds {
  readonly all: string
  readonly parts: readonly string[]
  /** Where it was said first; ordinary words are its repetition only from there on. */
  readonly utterance: number
}

/** A shorter repetition may be anything. */
const LEAST_CHARACTERS = 4
/** A repetition of ordinary words is so short an utterance. */
const MOST_WORDS = 4
/** Words of spelling that have no sound of the secret. */
const SILENT =
  /^(?:avec|with|majuscules?|minuscules?|capital|uppercase|lowercase|upper|lower|case|comme|as|in|for|et|and)$/

interface Piece {
  readonly to: number
  readonly sound: string
}

interface Match {
  readonly from: number
  readonly to: number
}

/**
 * Returns where masked secrets are repeated, whole or in part, by either side: 'Soleil… deux mille vingt-six'. The numbers
 * are those that their check digits proved, for a repetition of one of their groups.
 */
export function repeatSpans(
  conversation: readonly Spoken[],
  known: readonly Span[],
  numbers: readonly string[],
): readonly Span[] {
  const named = known.flatMap((span) => {
    const one = conversation[span.utterance]
    if (!one || one.isOpen) return []
    const parts = partsOf(one, span)
    const all = parts.join('')
    return all.length >= LEAST_CHARACTERS ? [{ all, parts: joined(parts), utterance: span.utterance }] : []
  })
  const proven = numbers.map((number): Sounds => ({ all: number.toLowerCase(), parts: [], utterance: 0 }))
  const secrets: readonly Sounds[] = [...named, ...proven]
  if (secrets.length === 0) return []
  return conversation.flatMap(
    (one, utterance) =>
    matchesIn(one, utterance, secrets)
      .map(({ from, to }) => ({ utterance, start: one.tokens[from]?.start ?? 0, end: one.tokens[to - 1]?.end ?? 0 })) // prettier-ignore
      .filter((span) => !known.some((other) => other.utterance === utterance && span.start < other.end && span.end > other.start)), // prettier-ignore
  )
}

function matchesIn(one: Spoken, utterance: number, secrets: readonly Sounds[]): readonly Match[] {
  const found: Match[] = []
  for (let from = 0; from < one.tokens.length; from++) {
    if (piecesAt(one, from).length === 0) continue
    const ends = secrets.map((secret) => longestEnd(one, from, { secret, utterance }))
    const to = Math.max(...ends)
    if (to <= from) continue
    found.push({ from, to })
    from = to - 1
  }
  return found
}

/** Returns the end (exclusive) of the longest run from the token that the secret contains and that says enough of it; -1 for none. */
function longestEnd(
  one: Spoken,
  from: number,
  { secret, utterance }: { readonly secret: Sounds; readonly utterance: number },
): number {
  let best = -1
  const search = (at: number, sound: string, pieces: number): void => {
    for (const piece of piecesAt(one, at)) {
      const longer = sound + piece.sound
      if (!secret.all.includes(longer)) continue
      if (saysEnough(one, longer, { secret, pieces: pieces + 1, isLater: utterance >= secret.utterance })) best = Math.max(best, piece.to) // prettier-ignore
      const next = soundingFrom(one, piece.to)
      if (next !== undefined) search(next, longer, pieces + 1)
    }
  }
  search(from, '', 0)
  return best
}

function saysEnough(
  one: Spoken,
  sound: string,
  {
    secret,
    pieces,
    isLater,
  }: { readonly secret: Sounds; readonly pieces: number; readonly isLater: boolean },
): boolean {
  const { all, parts } = secret
  if (sound.length < LEAST_CHARACTERS) return false
  if (/^\d+$/.test(sound)) return sound === all || parts.includes(sound) || (all.length > 8 && all.indexOf(sound) % 2 === 0) // prettier-ignore
  if (/\d/.test(sound)) return true
  const isShort = isLater && one.tokens.length <= MOST_WORDS && !one.tokens.every(isNoValue)
  return isShort && (parts.includes(sound) || (sound === all && pieces > 0))
}

/** Returns the next token with a sound; words of spelling and fillers have none. */
function soundingFrom(one: Spoken, from: number): number | undefined {
  for (let at = from; at < one.tokens.length; at = silentEnd(one, at))
    if (silentEnd(one, at) === at) return at
  return undefined
}

/** Returns where the silence ends that begins at the token; the token itself where it has a sound. */
function silentEnd({ folded, tokens }: Spoken, at: number): number {
  const token = tokens[at]
  if (!token) return at
  // 'C comme Camille': the letter has a sound, the name has none.
  if (/^(?:comme|as|for|like)$/.test(token.key) && /^\p{L}$/u.test(tokens[at - 1]?.text ?? '')) return Math.min(tokens.length, at + (tokens[at + 1]?.key === 'in' ? 3 : 2)) // prettier-ignore
  const phrase = /^\p{L}$/u.test(token.text) ? undefined : phraseEnd(folded, token.start)
  if (phrase !== undefined) {
    const behind = tokens.findIndex(({ start }) => start >= phrase)
    return behind < 0 ? tokens.length : behind
  }
  return (isFiller(token) || SILENT.test(token.key)) && readingsAt(tokens, at).length === 0 ? at + 1 : at
}

function piecesAt(one: Spoken, at: number): readonly Piece[] {
  const token = one.tokens[at]
  if (!token || silentEnd(one, at) > at) return []
  const readings = readingsAt(one.tokens, at).map(({ to, digits }) => ({ to, sound: digits }))
  if (readings.length > 0) return readings
  const sound = token.key.replace(/[^\p{L}\p{N}]/gu, '')
  return sound === '' || token.isElided ? [] : [{ to: at + 1, sound }]
}

function partsOf(one: Spoken, { start, end }: Span): readonly string[] {
  const parts: string[] = []
  const first = one.tokens.findIndex((token) => token.start >= start)
  for (let at = first < 0 ? one.tokens.length : first; (one.tokens[at]?.end ?? Infinity) <= end;) {
    const [piece] = piecesAt(one, at)
    if (piece) parts.push(piece.sound)
    at = piece?.to ?? Math.max(at + 1, silentEnd(one, at))
  }
  return parts
}

/** 's', 'o', 'l' are one part: 'sol'; digits that follow each other are one number. */
function joined(parts: readonly string[]): readonly string[] {
  const found: string[] = []
  let wasSingle = false
  for (const part of parts) {
    const isSingle = part.length === 1 && /\p{L}/u.test(part)
    const isNumber = /^\d+$/.test(part)
    const last = found.at(-1)
    if (last !== undefined && ((isSingle && wasSingle) || (isNumber && /^\d+$/.test(last))))
      found[found.length - 1] = last + part // prettier-ignore
    else found.push(part)
    wasSingle = isSingle
  }
  return found
}

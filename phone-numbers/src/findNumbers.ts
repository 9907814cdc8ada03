import { compactOf, parseCompact, type PhoneNumber } from './compactNumber.ts'
import { plainText } from './numberText.ts'

export interface FoundNumber {
  readonly start: number
  readonly end: number
  readonly number: PhoneNumber
}

interface Group {
  readonly start: number
  readonly end: number
}

const DIGIT_GROUPS = /(?:\+\s?)?\d+/g
/** What may stand between two groups of one number: '02.40', '(0)2', '021/821’51’08', '06 - 12'. */
const BETWEEN = /^[\s().[\]/_'’‘·\p{Pd}]{0,3}$/u
/** More groups than a number written digit by digit has. */
const MAX_GROUPS = 16
/** Calling code and number, and the (0) between them. */
const MAX_DIGITS = 16
const MIN_DIGITS = 6
/** Days and network addresses have digits in groups, too; each of them would be a number in some country. */
const NO_NUMBERS = [
  /(?<!\d)\d{1,2}([/.-])\d{1,2}\1(?:19|20)\d{2}(?!\d)/g,
  /(?<!\d)(?:19|20)\d{2}([/.-])\d{1,2}\1\d{1,2}(?!\d)/g,
  /(?<![+\d.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?!\d|\.\d)/g,
]

/**
 * Returns the numbers of a text in its order, each with where it stands in `plainText(text)`. A number in national writing
 * counts only when it exists; one with + or 00 when its length is possible. Days and IPv4 addresses are no numbers.
 */
export function findNumbers(text: string, country: string): readonly FoundNumber[] {
  return findBy(text, existingIn(country))
}

/**
 * Returns the public numbers of a field in E.164, each once: '02 40 11 22 33 / 06 12 34 56 78', 'mobile: 06-12-34-56-78'.
 * A slash inside a number (Belgium, Switzerland: '02/512.34.56') separates nothing where the whole is a number.
 */
export function numbersIn(text: string, country: string): readonly string[] {
  const pieces = plainLines(text).flatMap((piece) => splitBySlash(piece, country))
  return [...new Set(pieces.flatMap((piece) => publicNumbers(piece, country)))]
}

const plainLines = (text: string) => text.split(/[;|,\n\r]+/).map(plainText)

function splitBySlash(piece: string, country: string): readonly string[] {
  const spaced = piece.split(/\s\/\s/)
  if (spaced.length > 1 && spaced.every((part) => wholeNumber(part, country))) return spaced
  if (wholeNumber(piece, country)) return [piece]
  const parts = piece.split('/')
  return parts.some((part) => wholeNumber(part, country)) ? parts : [piece]
}

function publicNumbers(piece: string, country: string): readonly string[] {
  const whole = wholeNumber(piece, country)
  if (whole) return [whole]
  return findNumbers(piece, country).flatMap(({ number }) => (number.kind === 'public' ? [number.e164] : []))
}

/** A field that holds nothing but one number may hold one that the metadata does not know yet. */
function wholeNumber(piece: string, country: string): string | undefined {
  if (/\p{L}/u.test(piece)) return undefined
  const number = parseCompact(compactOf(piece.trim()), country)
  return number?.kind === 'public' ? number.e164 : undefined
}

export type Judge = (candidate: Candidate) => PhoneNumber | undefined
export interface Candidate {
  readonly text: string
  readonly compact: string
  /** A letter stands directly before or behind it, as in a serial number. */
  readonly touchesLetter: boolean
}

/** Written with +, 00 or the 0 of the country; else a number only when nothing of the text begins so. */
const isPrefixed = (compact: string) => /^[+0]/.test(compact)

function existing({ compact, touchesLetter }: Candidate, country: string): PhoneNumber | undefined {
  const number = parseCompact(compact, country)
  if (number?.kind !== 'public') return undefined
  if (number.isValid) return isPrefixed(compact) || !touchesLetter ? number : undefined
  return compact.startsWith('+') ? number : undefined
}

/**
 * Returns what the judges accept, the first judge before the second, each of them the longest number from the left. Numbers
 * that begin with + or 0 go first: an extension in front ('201 02 40 11 22 33') must not swallow half of one.
 */
export function findBy(text: string, judges: readonly Judge[]): readonly FoundNumber[] {
  const plain = plainText(text)
  if (plain.replace(/\D/g, '').length < MIN_DIGITS) return []
  const found: FoundNumber[] = []
  for (const run of runsOf(plain))
    for (const judge of judges)
      for (const rest of remaining(run, found)) found.push(...scan(rest, plain, judge))
  return found.sort((a, b) => a.start - b.start)
}

/** The judges of numbers that can be called in the country. */
export const existingIn = (country: string): readonly Judge[] => [
  (one) => (isPrefixed(one.compact) ? existing(one, country) : undefined),
  (one) => existing(one, country),
]

/** Digit groups that stand close enough to be one number. */
function runsOf(plain: string): readonly (readonly Group[])[] {
  const masked = NO_NUMBERS.reduce(
    (kept, pattern) => kept.replace(pattern, (whole) => 'x'.repeat(whole.length)),
    plain,
  )
  const runs: Group[][] = []
  let last: Group | undefined
  for (const match of masked.matchAll(DIGIT_GROUPS)) {
    const group = { start: match.index, end: match.index + match[0].length }
    const joins = last && !match[0].includes('+') && BETWEEN.test(masked.slice(last.end, group.start))
    if (joins) runs.at(-1)?.push(group)
    else runs.push([group])
    last = group
  }
  return runs
}

function scan(run: readonly Group[], plain: string, judge: Judge): readonly FoundNumber[] {
  const found: FoundNumber[] = []
  for (let from = 0; from < run.length; from++) {
    for (let to = Math.min(run.length, from + MAX_GROUPS); to > from; to--) {
      const one = candidateOf(run, { from, to }, plain)
      const number = one && judge(one.candidate)
      if (!number) continue
      found.push({ start: one.start, end: one.end, number })
      from = to - 1
      break
    }
  }
  return found
}

function candidateOf(
  run: readonly Group[],
  { from, to }: { readonly from: number; readonly to: number },
  plain: string,
) {
  const [first, last] = [run[from], run[to - 1]]
  if (!first || !last) return undefined
  const text = plain.slice(first.start, last.end)
  const digits = text.replace(/\D/g, '').length
  if (digits < MIN_DIGITS || digits > MAX_DIGITS) return undefined
  const touchesLetter = /[\p{L}_]/u.test(plain.slice(Math.max(0, first.start - 1), first.start) + plain.slice(last.end, last.end + 1)) // prettier-ignore
  // '(02) 40 …': the bracket belongs to the number when its other half lies inside.
  const opens = /^[^(]*\)/.test(text) && plain[first.start - 1] === '('
  return {
    start: first.start - (opens ? 1 : 0),
    end: last.end,
    candidate: { text, compact: compactOf(text), touchesLetter },
  }
}

/** The groups before, between and behind what was found. */
function remaining(run: readonly Group[], found: readonly FoundNumber[]): readonly (readonly Group[])[] {
  const rests: Group[][] = [[]]
  for (const group of run) {
    const isFound = found.some(({ start, end }) => group.start >= start && group.end <= end)
    if (isFound) rests.push([])
    else rests.at(-1)?.push(group)
  }
  return rests.filter((rest) => rest.length > 0)
}

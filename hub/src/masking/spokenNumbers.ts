import type { Token } from './tokens.ts'

/** One reading of the tokens from a position on: the digits that a listener writes down, up to the token `to` (exclusive). */
export interface Reading {
  readonly to: number
  readonly digits: string
}

const table = (words: string, first: number, step = 1) =>
  words.split(' ').map((word, index) => [word, first + index * step] as const)
const UNITS = new Map([
  ...table('un deux trois quatre cinq six sept huit neuf', 1),
  ...table('one two three four five six seven eight nine', 1),
  ['une', 1],
] as const)
const TEENS = new Map([
  ...table('dix onze douze treize quatorze quinze seize', 10),
  ...table('ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen', 10),
])
const TENS = new Map([
  ...table('vingt trente quarante cinquante soixante septante huitante nonante', 20, 10),
  ...table('twenty thirty forty fifty sixty seventy eighty ninety', 20, 10),
  ...([['vingts', 20], ['octante', 80], ['fourty', 40]] as const), // prettier-ignore
])
const ZEROS = new Set(['zero', 'oh', 'nought', 'zeros'])
const REPEATS = new Map([['double', 2], ['triple', 3]]) // prettier-ignore
const HUNDRED = new Set(['cent', 'cents', 'hundred'])
const THOUSAND = new Set(['mille', 'thousand'])
/** Behind these words "o" is a letter, and "oh" an exclamation. */
const NUMBER_WORDS = new Set([...UNITS.keys(), ...TEENS.keys(), ...TENS.keys(), ...ZEROS, ...REPEATS.keys(), ...HUNDRED, ...THOUSAND]) // prettier-ignore

interface Value {
  readonly to: number
  readonly value: number
}

/** Returns whether the token is a number in digits or a word of a number. */
export function isNumeric(token: Token | undefined): boolean {
  return token !== undefined && (token.kind === 'digits' || NUMBER_WORDS.has(token.key))
}

/**
 * Returns every reading of the number that begins at the token, the longest first: 'soixante dix huit' is 78, or 70 and 8, or
 * 60 and 18. Words that a hyphen joins to one number are not torn apart.
 */
export function readingsAt(tokens: readonly Token[], at: number): readonly Reading[] {
  const token = tokens[at]
  if (!token) return []
  if (token.kind === 'digits') return [{ to: at + 1, digits: token.text }]
  const digit = zeroOrRepeat(tokens, at)
  if (digit) return [digit]
  if (!NUMBER_WORDS.has(token.key)) return []
  const values = belowMillion(tokens, at)
  const longest = new Map<number, number>()
  for (const { to, value } of values) if (!longest.has(to)) longest.set(to, value)
  const readings = [...longest].map(([to, value]) => ({ to, digits: String(value) }))
  const sorted = readings.sort((a, b) => b.to - a.to)
  const end = Math.max(endOfCompound(tokens, at), factorEnd(tokens, at, sorted[0]?.to ?? at))
  const whole = sorted.filter(({ to }) => to >= end)
  const torn = whole.length > 0 ? whole : sorted
  const untorn = torn.filter(({ to }) => tokens[to]?.isGlued !== true)
  return untorn.length > 0 ? untorn : torn
}

function zeroOrRepeat(tokens: readonly Token[], at: number): Reading | undefined {
  const token = tokens[at]
  if (!token) return undefined
  if (token.key === 'o' && isNumeric(tokens[at + 1]) && isNumeric(tokens[at - 1])) return { to: at + 1, digits: '0' } // prettier-ignore
  if (ZEROS.has(token.key)) return { to: at + 1, digits: '0' }
  const times = REPEATS.get(token.key)
  const next = tokens[at + 1]
  if (times === undefined || !next || next.afterPause) return undefined
  const digit = ZEROS.has(next.key) || next.key === 'o' ? 0 : (UNITS.get(next.key) ?? (/^\d$/.test(next.text) ? Number(next.text) : undefined)) // prettier-ignore
  return digit === undefined ? undefined : { to: at + 2, digits: String(digit).repeat(times) }
}

/** A number never goes on over punctuation: 'soixante, dix-huit' is 60 and 18. */
const follows = (tokens: readonly Token[], at: number) => {
  const token = tokens[at]
  return token && !token.afterPause && token.kind === 'word' ? token : undefined
}

function endOfCompound(tokens: readonly Token[], at: number): number {
  let end = at + 1
  while (tokens[end]?.isGlued) end++
  return end
}

/** 'Quarante-huit mille deux cent treize' is one number: nobody reads out 48, 1000, 200 and 13 as digits. */
function factorEnd(tokens: readonly Token[], at: number, longest: number): number {
  const isFactor = ({ key }: Token) => HUNDRED.has(key) || THOUSAND.has(key)
  const last = tokens.slice(at, longest).findLastIndex(isFactor)
  return last < 0 ? at : Math.min(longest, at + last + 2)
}

/** Returns the values from one word on, longer ones first where they end at the same token. */
function belowHundred(tokens: readonly Token[], at: number): readonly Value[] {
  const key = tokens[at]?.key ?? ''
  const unit = UNITS.get(key)
  if (unit !== undefined) {
    const twenty = follows(tokens, at + 1)?.key
    const isEighty = key === 'quatre' && (twenty === 'vingt' || twenty === 'vingts')
    return [...(isEighty ? withRest(tokens, at + 2, 80, true) : []), { to: at + 1, value: unit }]
  }
  const teen = TEENS.get(key)
  if (teen !== undefined) {
    const added = key === 'dix' ? (UNITS.get(follows(tokens, at + 1)?.key ?? '') ?? 0) : 0
    return [...(added >= 7 ? [{ to: at + 2, value: 10 + added }] : []), { to: at + 1, value: teen }]
  }
  const ten = TENS.get(key)
  return ten === undefined ? [] : withRest(tokens, at + 1, ten, key === 'soixante')
}

/** 'vingt' with 'et un', 'deux'; 'soixante' and 'quatre-vingt' with 'dix', 'et onze', 'dix-sept' as well. */
function withRest(tokens: readonly Token[], at: number, ten: number, takesTeens: boolean): readonly Value[] {
  const joined = ['et', 'and'].includes(follows(tokens, at)?.key ?? '') ? at + 1 : at
  const rests: Value[] = []
  const next = follows(tokens, joined)
  const unit = UNITS.get(next?.key ?? '')
  if (unit !== undefined && (joined === at || unit === 1)) rests.push({ to: joined + 1, value: ten + unit })
  if (takesTeens && next && TEENS.has(next.key) && (joined === at || next.key === 'onze'))
    for (const { to, value } of belowHundred(tokens, joined)) rests.push({ to, value: ten + value })
  return [...rests.sort((a, b) => b.to - a.to), { to: at, value: ten }]
}

function belowThousand(tokens: readonly Token[], at: number): readonly Value[] {
  const heads = belowHundred(tokens, at)
  const bare = HUNDRED.has(tokens[at]?.key ?? '') ? [{ to: at + 1, value: 100 }] : []
  const hundreds = heads.flatMap(({ to, value }) => {
    const isFactor = value > 1 && value < 20 && HUNDRED.has(follows(tokens, to)?.key ?? '')
    const isEnglish = value === 1 && follows(tokens, to)?.key === 'hundred'
    return isFactor || isEnglish ? [{ to: to + 1, value: value * 100 }] : []
  })
  return [...[...hundreds, ...bare].flatMap((one) => added(tokens, one, belowHundred)), ...heads]
}

function belowMillion(tokens: readonly Token[], at: number): readonly Value[] {
  const heads = belowThousand(tokens, at)
  const bare = tokens[at]?.key === 'mille' ? [{ to: at + 1, value: 1_000 }] : []
  const thousands = heads.flatMap(({ to, value }) =>
    THOUSAND.has(follows(tokens, to)?.key ?? '') ? [{ to: to + 1, value: value * 1_000 }] : [],
  )
  return [...[...thousands, ...bare].flatMap((one) => added(tokens, one, belowThousand)), ...heads]
}

type Below = (tokens: readonly Token[], at: number) => readonly Value[]

function added(tokens: readonly Token[], { to, value }: Value, below: Below): readonly Value[] {
  const from = follows(tokens, to)?.key === 'and' ? to + 1 : to
  const rests = follows(tokens, from) ? below(tokens, from) : []
  return [...rests.map((rest) => ({ to: rest.to, value: value + rest.value })), { to, value }]
}

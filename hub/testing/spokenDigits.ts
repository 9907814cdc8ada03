/** A stream of choices that a seed repeats. */
export interface Choices {
  /** Returns a whole number from 0 up to, but not including, the bound. */
  below(bound: number): number
  pick<T>(from: readonly T[]): T
  digits(count: number): string
}

export type Spelling = 'fr-FR' | 'fr-CH' | 'fr-BE' | 'en'
export const SPELLINGS: readonly Spelling[] = ['fr-FR', 'fr-CH', 'fr-BE', 'en']

/** Creates the choices of a seed. */
export function choicesOf(seed: number): Choices {
  let state = seed >>> 0
  const below = (bound: number) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
  const pick = <T>(from: readonly T[]): T => {
    const chosen = from[below(from.length)]
    if (chosen === undefined) throw new Error('nothing to pick from')
    return chosen
  }
  return { below, pick, digits: (count) => Array.from({ length: count }, () => below(10)).join('') }
}

const FRENCH = 'zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf'.split(' ') // prettier-ignore
const ENGLISH = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ') // prettier-ignore
const FRENCH_TENS = ['', '', 'vingt', 'trente', 'quarante', 'cinquante', 'soixante']
const ENGLISH_TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']

/** Returns a number below one hundred as it is said in the country. */
export function spellNumber(value: number, spelling: Spelling): string {
  const [tens, unit] = [Math.floor(value / 10), value % 10]
  if (spelling === 'en') {
    if (value < 20) return ENGLISH[value] ?? ''
    return unit === 0 ? (ENGLISH_TENS[tens] ?? '') : `${ENGLISH_TENS[tens]}-${ENGLISH[unit]}`
  }
  if (value < 20) return FRENCH[value] ?? ''
  if (spelling === 'fr-FR' && tens === 7)
    return unit === 1 ? 'soixante et onze' : `soixante-${FRENCH[10 + unit]}`
  if (spelling === 'fr-FR' && tens === 9) return `quatre-vingt-${FRENCH[10 + unit]}`
  const eighty = spelling === 'fr-CH' ? 'huitante' : 'quatre-vingt'
  const ten = FRENCH_TENS[tens] ?? { 7: 'septante', 8: eighty, 9: 'nonante' }[tens] ?? ''
  if (unit === 0) return ten === 'quatre-vingt' ? 'quatre-vingts' : ten
  return unit === 1 && ten !== 'quatre-vingt' ? `${ten} et un` : `${ten}-${FRENCH[unit]}`
}

const groups = (digits: string, size: number) => digits.match(new RegExp(`\\d{1,${size}}`, 'g')) ?? []

/** Returns the digits as engines write what was read out: in digits with any separators, digit by digit, or in pairs. */
export function writeDigits(digits: string, choices: Choices): string {
  switch (choices.below(6)) {
    case 0:
      return digits
    case 1:
      return groups(digits, 4).join(choices.pick([' ', '-', ', ', '... ', '/', ' euh ', '. ', ' – ']))
    case 2:
      return groups(digits, 2).join(' ')
    case 3: {
      const spelling = choices.pick(SPELLINGS)
      const words = Array.from(digits, (digit) => spellNumber(Number(digit), spelling))
      return words.join(choices.pick([' ', ', ']))
    }
    default: {
      const spelling = choices.pick(SPELLINGS)
      const isHyphened = choices.below(2) === 0
      const words = groups(digits, 2).map((pair) => spellPair(pair, spelling))
      const text = words.join(choices.pick([' ', ', ', '... ']))
      return isHyphened ? text : text.replaceAll('-', ' ')
    }
  }
}

function spellPair(pair: string, spelling: Spelling): string {
  if (pair.length === 1 || !pair.startsWith('0')) return spellNumber(Number(pair), spelling)
  return `${spellNumber(0, spelling)} ${spellNumber(Number(pair[1]), spelling)}`
}

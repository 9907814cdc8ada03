import { parsePhoneNumber } from './library.ts'
import { compactOf, keyOf, parseCompact, type PhoneNumber } from './compactNumber.ts'
import { findNumbers } from './findNumbers.ts'
import { numberText } from './numberText.ts'

const NUMBER_CHARACTERS = /^[\d\s+*#()[\]./_'’‘·\p{Pd}]+$/u

/**
 * Returns the number that a field holds, in any writing of the site's country or in international writing (+ or 00).
 * Returns undefined for no number, a withheld one, and a text with several numbers: `numbersIn` lists those. A country that
 * does not exist gives no national number a meaning: such numbers are internal then.
 */
export function parseNumber(text: string | undefined, country: string): PhoneNumber | undefined {
  const number = numberText(text ?? '')
  if (number === undefined) return undefined
  if (NUMBER_CHARACTERS.test(number)) {
    const parsed = parseCompact(compactOf(number), country)
    if (parsed?.kind === 'public') return parsed
    const [first, ...others] = findNumbers(number, country)
    if (first === undefined) return parsed
    return others.length === 0 ? first.number : undefined
  }
  const [first, ...others] = findNumbers(number, country)
  return others.length === 0 ? first?.number : undefined
}

/** Returns the E.164 number, or the digits of an internal one. Returns undefined where `parseNumber` does. */
export function normalizeNumber(text: string | undefined, country: string): string | undefined {
  const number = parseNumber(text, country)
  return number && keyOf(number)
}

/** Returns the E.164 number of a public number; undefined for an internal one and where `parseNumber` returns undefined. */
export function publicNumber(text: string | undefined, country: string): string | undefined {
  const number = parseNumber(text, country)
  return number?.kind === 'public' ? number.e164 : undefined
}

/** Returns the digits by which a person may search the number: from abroad and as dialed in its country; none for no number. */
export function digitWritings(text: string | undefined, country: string): readonly string[] {
  const number = parseNumber(text, country)
  if (!number) return []
  if (number.kind === 'internal') return [number.digits]
  const national = parsePhoneNumber(number.e164)?.formatNational() ?? ''
  return [number.e164, national].map((written) => written.replace(/\D/g, ''))
}

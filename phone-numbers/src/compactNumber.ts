import { parsePhoneNumber } from './library.ts'
import { isCountry } from './country.ts'
import { byFrenchPlan } from './frenchPlan.ts'

/**
 * - public: a number of the telephone network, in E.164 ('+33240112233').
 * - internal: an extension, a feature code or anything too short or too long for the network, by its digits, '*' and '#'.
 */
export type PhoneNumber =
  | {
      readonly kind: 'public'
      readonly e164: string
      readonly callingCode: string
      readonly isValid: boolean
    }
  | { readonly kind: 'internal'; readonly digits: string }

/** No public number is shorter in national writing; an extension of five digits would be one in Germany or Luxembourg. */
const SHORTEST_NATIONAL = 6

/** Returns what two writings of one number have in common. */
export const keyOf = (number: PhoneNumber): string => (number.kind === 'public' ? number.e164 : number.digits)

/** Returns digits, '*' and '#' behind at most one leading '+', whatever stands between them. 00 is read as + everywhere. */
export function compactOf(number: string): string {
  const isInternational = /^\D*(?:\+|00[\s./-]*[1-9])/.test(number)
  // '+33 (0)2 40 11 22 33': the zero is dialed inside the country only.
  const dialed = isInternational ? number.replace(/\(\s*0\s*\)/, '') : number
  const signs = dialed.replace(/[^\d*#]/g, '')
  return isInternational ? `+${signs.replace(/^00/, '')}` : signs
}

/** Returns the number of compact signs; undefined where no digit is among them. */
export function parseCompact(compact: string, country: string): PhoneNumber | undefined {
  if (!/\d/.test(compact)) return undefined
  const internal: PhoneNumber = { kind: 'internal', digits: compact.replace('+', '') }
  if (/[*#]/.test(compact)) return internal
  if (!compact.startsWith('+') && compact.length < SHORTEST_NATIONAL) return internal
  const parsed = parsePhoneNumber(compact, isCountry(country) ? country : undefined)
  if (!parsed?.isPossible()) return internal
  const { callingCode, national } = byFrenchPlan({
    callingCode: parsed.countryCallingCode,
    national: e164National(parsed.number, parsed.countryCallingCode),
  })
  const e164 = `+${callingCode}${national}`
  const isValid = e164 === parsed.number ? parsed.isValid() : parsePhoneNumber(e164)?.isValid() === true
  return { kind: 'public', e164, callingCode, isValid }
}

/** Italy's zero belongs to the number: E.164 has it, `nationalNumber` does not in every version. */
const e164National = (e164: string, callingCode: string) => e164.slice(1 + callingCode.length)

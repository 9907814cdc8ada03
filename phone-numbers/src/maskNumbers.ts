import { existingIn, findBy, type Candidate } from './findNumbers.ts'
import { numberText, plainText } from './numberText.ts'
import { parseCompact, type PhoneNumber } from './compactNumber.ts'
import { parseNumber } from './parseNumber.ts'

/** An extension is shown whole: it is no secret and calls nobody from outside. */
const LONGEST_SHOWN = 5
/** A number of another country in its national writing: nothing but its length and its 0 is known of it. */
const FOREIGN_NATIONAL = /^0[1-9]\d{7,11}$/
const INTERNATIONAL = /^\+\d{6,16}$/
const ONLY_NUMBER = /^[\d\s+*#()[\]./_'’‘·\p{Pd}]+$/u

/** Returns '+33 ••• 33': enough to recognize, not enough to call. Returns undefined for a withheld number and for none. */
export function maskNumber(text: string | undefined, country: string): string | undefined {
  const number = parseNumber(text, country)
  if (number) return masked(number)
  const written = numberText(text ?? '')
  if (written === undefined) return undefined
  const shown = maskNumbersIn(written, country)
  return shown === written ? lastDigits(written) : shown
}

/**
 * Returns a name or title in which each telephone number, in any writing, is masked; other words stay as they are. A text
 * that is nothing but a number of more than five digits is masked whether it exists or not: telephones give the number as
 * the name. Rule T2 of PROTOCOL.md.
 */
export function maskNumbersIn(text: string, country: string): string {
  const plain = plainText(text)
  const digits = plain.replace(/\D/g, '').length
  if (digits <= LONGEST_SHOWN) return text
  const found = findBy(plain, [...existingIn(country), (candidate) => suspected(candidate, country)])
  if (found.length === 0) return ONLY_NUMBER.test(plain) ? lastDigits(plain) : text
  let shown = ''
  let at = 0
  for (const { start, end, number } of found) {
    shown += plain.slice(at, start) + masked(number)
    at = end
  }
  shown += plain.slice(at)
  return shown.trim()
}

/** Returns the last two digits for the log ('…33'); undefined where no number is known. A SIP address shows those of its user. */
export function maskNumberForLog(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  return `…${(numberText(text) ?? '').replace(/\D/g, '').slice(-2)}`
}

function masked(number: PhoneNumber): string {
  if (number.kind === 'internal') return lastDigits(number.digits)
  return `+${number.callingCode} ••• ${number.e164.slice(-2)}`
}

function lastDigits(written: string): string {
  const digits = written.replace(/\D/g, '')
  return digits.length <= LONGEST_SHOWN ? digits : `••• ${digits.slice(-2)}`
}

/** A number that nobody can call is masked as well: the metadata does not know every number, nor which country was meant. */
function suspected({ compact }: Candidate, country: string): PhoneNumber | undefined {
  const isSuspect = INTERNATIONAL.test(compact) || FOREIGN_NATIONAL.test(compact)
  return isSuspect ? parseCompact(compact, country) : undefined
}

/** Returns whether the digits pass Luhn's check, as every payment card number does. */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index])
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** First digits of the issuers with the lengths that they give out (ISO/IEC 7812; Bancontact is 6703, Maestro 50 and 56 to 69). */
const ISSUERS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]], // Visa
  [/^5[1-5]/, [16]], // Mastercard
  [/^2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)/, [16]], // Mastercard, newer
  [/^3[47]/, [15]], // American Express
  [/^3(?:0[0-5]|095|[689])/, [14, 16, 19]], // Diners Club
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]], // JCB
  [/^6(?:011|4[4-9]|5)/, [16, 17, 18, 19]], // Discover
  [/^62/, [16, 17, 18, 19]], // UnionPay
  [/^(?:50|5[6-9]|6[0-9])/, [13, 14, 15, 16, 17, 18, 19]], // Maestro, Bancontact
]
export const MOST_CARD_DIGITS = 19

/** Returns whether an issuer gives out numbers of this beginning and length, and the check digit is right. */
export function isCardNumber(digits: string): boolean {
  if (/^(\d)\1*$/.test(digits)) return false
  return (
    ISSUERS.some(([start, lengths]) => start.test(digits) && lengths.includes(digits.length)) &&
    passesLuhn(digits)
  )
}

/** Returns whether an issuer's number may begin with these digits, of which there are at least four. */
export function mayBeginCard(digits: string): boolean {
  return digits.length >= 4 && ISSUERS.some(([start]) => start.test(digits))
}

/** The company number in front of a SIRET passes Luhn's check as well; that of a card of 14 digits does in one of ten cases. */
export function isSiret(digits: string): boolean {
  return digits.length === 14 && passesLuhn(digits) && passesLuhn(digits.slice(0, 9))
}

/** Length of the IBAN by country (SWIFT's registry of January 2025). */
const IBAN_LENGTHS = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 ' +
    'FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 ' +
    'LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 ' +
    'RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
)

/** Returns the length of an IBAN of the country, by its two letters; undefined where it has none. */
export const ibanLength = (country: string): number | undefined => IBAN_LENGTHS.get(country.toUpperCase())

/** Returns the rest of a number of any length by 97; letters count as in ISO 13616 (A is 10). */
export function modulo97(characters: string, from = 0): number {
  let rest = from
  for (const character of characters.toUpperCase()) {
    const value = Number.parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest
}

/** Returns whether the characters are an IBAN of its country's length whose two check digits are right. */
export function isIban(characters: string): boolean {
  const length = ibanLength(characters.slice(0, 2))
  return characters.length === length && modulo97(characters.slice(4) + characters.slice(0, 4)) === 1
}

/** Returns whether the fifteen characters are a French social security number (NIR) with the right key. */
export function isFrenchNir(characters: string): boolean {
  const parts = /^([1-478]\d{2})(\d{2})(2[AB]|\d{2})(\d{6})(\d{2})$/i.exec(characters)
  if (!parts) return false
  const [, head = '', month = '', department = '', rest = '', key = ''] = parts
  const isMonth = /^(?:0[1-9]|1[0-2]|[23]\d|4[0-2]|[5-9]\d)$/.test(month)
  const numeric =
    department.toUpperCase() === '2A' ? '19' : department.toUpperCase() === '2B' ? '18' : department
  return isMonth && 97 - modulo97(head + month + numeric + rest) === Number(key)
}

/** Returns whether the eleven digits are a Belgian national register number; those born from 2000 on count with a 2 in front. */
export function isBelgianRegisterNumber(digits: string): boolean {
  const parts = /^\d{2}(\d{2})(\d{2})\d{3}(\d{2})$/.exec(digits)
  if (!parts || Number(parts[2]) > 31 || Number(parts[1]) % 20 > 12) return false
  const number = digits.slice(0, 9)
  return [number, `2${number}`].some((one) => 97 - modulo97(one) === Number(parts[3]))
}

/** Returns whether the thirteen digits are a Swiss AHV number: 756 in front, check digit of EAN-13. */
export function isSwissAhv(digits: string): boolean {
  if (!/^756\d{10}$/.test(digits)) return false
  const sum = Array.from(digits, Number).reduce(
    (total, digit, index) => total + digit * (index % 2 === 0 ? 1 : 3),
    0,
  )
  return sum % 10 === 0
}

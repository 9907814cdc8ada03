const MASK = '•••'
/** Digits as people say and engines write them: at least twelve in a row, with blanks, dots or dashes between. */
const LONG_NUMBER = /\d(?:[ .\-\u00a0]?\d){11,18}/g
/** What follows these words is a secret, in French and English. */
const SPOKEN_SECRET =
  /\b(mot de passe|code (?:pin|secret|de sécurité|de vérification|de confirmation)|cryptogramme|password|passcode|pin code|security code)(\s*(?:c'est|est|is|:|,)\s*)([^\s.,;!?]+(?:[ -][^\s.,;!?]+){0,3})/giu

/** Card numbers (by their check digit) and spoken passwords and codes do not reach wall, ticket or database. */
export function maskSecrets(text: string): string {
  return text
    .replace(LONG_NUMBER, (digits) => (hasCardCheckDigit(digits.replace(/\D/g, '')) ? MASK : digits))
    .replace(SPOKEN_SECRET, (_, trigger: string, link: string) => `${trigger}${link}${MASK}`)
}

/** Luhn's check, as every payment card number bears it. */
export function hasCardCheckDigit(digits: string): boolean {
  if (digits.length < 12 || digits.length > 19) return false
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index])
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

import { findPhoneNumbersInText, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js'

/** '+33240112233' for any usual way to write it; undefined for what is no number, such as an extension. */
export function toE164(number: string | undefined, country: CountryCode): string | undefined {
  if (!number) return undefined
  const parsed = parsePhoneNumberFromString(international(number), country)
  return parsed?.isPossible() ? parsed.number : undefined
}

/** All numbers of a free-text field: "02 40 11 22 33 / 06 12 34 56 78", "mobile: 06-12-34-56-78". */
export function numbersIn(text: string, country: CountryCode): readonly string[] {
  const pieces = text.split(/[/;|,\n]+/)
  const found = pieces.flatMap((piece) => {
    const whole = toE164(piece, country)
    if (whole) return [whole]
    return findPhoneNumbersInText(international(piece), country).map(({ number }) => number.number)
  })
  return [...new Set<string>(found)]
}

/** Telephone systems write the international prefix as 00, whatever the country dials. */
function international(number: string): string {
  return number.replace(/^\s*00(?=[1-9\s])/, '+')
}

import { isSupportedCountry, type CountryCode } from './library.ts'

/** Returns whether the code names a country with telephone numbers, as ISO 3166 writes it: 'GB', not 'UK'. */
export function isCountry(code: string): code is CountryCode {
  return isSupportedCountry(code)
}

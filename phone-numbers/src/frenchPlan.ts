import { parsePhoneNumber } from './library.ts'

/**
 * Overseas France by the first three digits behind the 0. Inside France every number has ten digits and begins with 0; from
 * abroad each territory has a calling code of its own, followed by the same nine digits. Source: the numbering plan of
 * ARCEP (decision 2018-0881 and its changes). The metadata alone does not decide: it accepts 0596… for the mainland as well.
 */
const CALLING_CODES: Readonly<Record<string, string>> = {
  262: '262', // La Réunion, then Mayotte and mobiles of both
  263: '262',
  269: '262',
  639: '262',
  692: '262',
  693: '262',
  590: '590', // Guadeloupe, Saint-Barthélemy, Saint-Martin
  690: '590',
  691: '590',
  594: '594', // Guyane
  694: '594',
  596: '596', // Martinique
  696: '596',
  697: '596',
  508: '508', // Saint-Pierre-et-Miquelon
}
const MAINLAND = '33'
const OVERSEAS = ['262', '590', '594', '596', '508']
const NINE_DIGITS = /^\d{9}$/

export interface PlanNumber {
  readonly callingCode: string
  readonly national: string
}

/**
 * Returns the number as it is written from abroad: `+33 692 …` (a PBX that puts +33 before every French number) and
 * `+262 240 …` (a PBX of La Réunion that dials the mainland) each become the number that exists. Any other number, and one
 * of another country, comes back unchanged.
 */
export function byFrenchPlan(number: PlanNumber): PlanNumber {
  const { callingCode, national } = number
  if (callingCode !== MAINLAND && !OVERSEAS.includes(callingCode)) return number
  if (!NINE_DIGITS.test(national)) return number
  const code = CALLING_CODES[national.slice(0, 3)] ?? codeByMetadata(callingCode, national)
  // Saint-Pierre-et-Miquelon alone repeats no digits: 0508 41 12 34 is +508 41 12 34.
  if (code === '508' && national.startsWith('508')) return { callingCode: code, national: national.slice(3) }
  return { callingCode: code, national }
}

/** Numbers over the Internet (09 …) and the newest mobiles are given out in small blocks, which the metadata lists. */
function codeByMetadata(written: string, national: string): string {
  const isBlock = national.startsWith('9')
  const codes = isBlock ? [written, ...OVERSEAS, MAINLAND] : [written, MAINLAND, ...OVERSEAS]
  const overseasFirst = isBlock && written === MAINLAND ? codes.slice(1) : codes
  return overseasFirst.find((code) => parsePhoneNumber(`+${code}${national}`)?.isValid()) ?? written
}

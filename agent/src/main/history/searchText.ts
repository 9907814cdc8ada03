import { digitWritings } from '@3cx-ninja/phone-numbers/parseNumber.ts'
import type { KeptCall } from './keptCall.ts'

/** Returns the text that a search runs through: everything a person may remember of a call. */
export function searchTextOf({ call, caller, draft, lines }: KeptCall): string {
  return plain(
    [
      call.remoteName,
      call.remoteNumber,
      caller?.contactName,
      caller?.organizationName,
      draft?.fields.title,
      draft?.fields.description,
      draft?.fields.category,
      draft?.state.at === 'filed' ? draft.state.ticketId : undefined,
      ...lines.map((line) => (line.kind === 'words' ? line.text : undefined)),
    ]
      .filter(Boolean)
      .join('\n'),
  )
}

/** Returns the digits by which a number is found, whatever its spaces: from abroad and as dialed in its country. */
export function digitsOf(number: string | undefined, country: string): string {
  return digitWritings(number, country).join('\n')
}

/** Returns the words of a search, without accents and capitals; a call must have all of them. */
export function termsOf(words: string): readonly string[] {
  const compact = words.replace(/[\s.-]/g, '')
  if (/^\+?\d{6,}$/.test(compact)) return [compact.replace(/^(?:\+|00)/, '')]
  return plain(words).split(/\s+/).filter(Boolean)
}

/**
 * Returns whether every term is in the text or among the digits; without terms every call is found. The digits are
 * asked for only where a term has some that the text lacks: numbers are parsed when somebody searches for one.
 */
export function isFound(text: string, terms: readonly string[], digits: () => string): boolean {
  return terms.every((term) => text.includes(term) || (/\d/.test(term) && digits().includes(term)))
}

/** Characters shown on each side of a found word. */
const EXCERPT_MARGIN = 70

/** Returns the line that holds the first term, cut to both sides of it; undefined when the transcript lacks it. */
export function excerptOf(lines: KeptCall['lines'], terms: readonly string[]): string | undefined {
  const term = terms[0]
  if (!term) return undefined
  for (const line of lines) {
    if (line.kind !== 'words') continue
    const at = plain(line.text).indexOf(term)
    if (at < 0) continue
    const from = Math.max(0, at - EXCERPT_MARGIN)
    const to = Math.min(line.text.length, at + term.length + EXCERPT_MARGIN)
    return `${from > 0 ? '…' : ''}${line.text.slice(from, to)}${to < line.text.length ? '…' : ''}`
  }
  return undefined
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase()
}

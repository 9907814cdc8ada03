/**
 * The list of telephone programs as people write it, in the settings view, in a policy or on a command line: one entry per
 * line, or `;` or `,` between. An entry is
 *   `3CXDesktopApp.exe`, `chrome`      a program, with or without `.exe`; `*` at its end stands for any ending
 *   `3CXDMCC.3CX_8wekyb3d8bbwe`        a package of Windows by its family name; the hash after `_` may be omitted
 *   `title:{name} ({number}) - 3CX`    how a title of the client's window is read
 *   `!3CXPhone.exe`                    takes a known program off the list
 * Entries are added to the known clients of 3CX. Page and main read the same words.
 */
export type PhoneEntry =
  | { readonly kind: 'program' | 'package' | 'title'; readonly text: string }
  | { readonly kind: 'without'; readonly text: string }

/** An entry that cannot be used, and why; the page has a sentence with the remedy for each reason. */
export type WrongEntry = {
  readonly entry: string
  readonly why: 'path' | 'character' | 'everything' | 'too-long' | 'too-many' | 'title'
}

/** A parsed list: its entries, the usable lines as written, and the unusable ones. */
export interface PhoneProgramList {
  readonly entries: readonly PhoneEntry[]
  /** The right entries as they were written. */
  readonly lines: readonly string[]
  readonly wrong: readonly WrongEntry[]
}

/** Characters of the whole list; the command line of the capture helper has room for it. */
export const MAX_LIST = 1_500
const MAX_ENTRIES = 40
const MAX_ENTRY = 120
/** What Windows allows in no file name. */
const FORBIDDEN = /[<>:"|?\p{C}]/u
/** Name of a package, and the hash of its publisher: 13 letters and digits, or left out. */
const PACKAGE = /^[a-z0-9.-]{3,50}_(?:[a-z0-9]{13}|\*?)$/i
const TITLE = /^title:/i

/** Returns the parsed list. Never throws: unusable entries stand in `wrong`. */
export function parsePhonePrograms(list: string): PhoneProgramList {
  const words = list
    .split(/[\n\r;,]+/)
    .map((word) => word.trim().replace(/^"(.*)"$/, '$1'))
    .filter((word) => word !== '')
  const lines: string[] = []
  const wrong: WrongEntry[] = []
  for (const [index, word] of words.entries()) {
    const why = index >= MAX_ENTRIES ? 'too-many' : wrongness(word)
    if (why) wrong.push({ entry: word.slice(0, MAX_ENTRY), why })
    else lines.push(word)
  }
  return { entries: lines.map(entryOf), lines, wrong }
}

/** Returns the list as it is stored, with one entry per line. */
export const joinPhonePrograms = (entries: readonly string[]): string => entries.join('\n')

function entryOf(word: string): PhoneEntry {
  if (TITLE.test(word)) return { kind: 'title', text: word.replace(TITLE, '').trim() }
  if (word.startsWith('!')) return { kind: 'without', text: word.slice(1).trim() }
  return PACKAGE.test(word)
    ? { kind: 'package', text: word.replace(/\*$/, '') }
    : { kind: 'program', text: word }
}

function wrongness(word: string): WrongEntry['why'] | undefined {
  if (word.length > MAX_ENTRY) return 'too-long'
  if (TITLE.test(word)) return isTitle(word.replace(TITLE, '').trim()) ? undefined : 'title'
  const name = word.replace(/^!/, '').trim()
  if (/[\\/]/.test(name)) return 'path'
  if (FORBIDDEN.test(name) || name.slice(0, -1).includes('*')) return 'character'
  // Every program would be the telephone.
  return name
    .replace(/\*$/, '')
    .replace(/\.exe$/i, '')
    .trim() === ''
    ? 'everything'
    : undefined
}

/**
 * Returns whether a title template is usable: `{number}` and `{name}` at most once each, one of them at least, and at most
 * one `*` for any text. Regular expressions are not allowed: a policy must not be able to stop the agent with one that never
 * ends.
 */
function isTitle(template: string): boolean {
  const variables = template.match(/\{[^}]*\}/g) ?? []
  const isKnown = variables.every((variable) => variable === '{number}' || variable === '{name}')
  const isOnce = new Set(variables).size === variables.length && (template.match(/\*/g) ?? []).length <= 1
  return isKnown && isOnce && variables.length > 0 && !/\p{C}/u.test(template)
}

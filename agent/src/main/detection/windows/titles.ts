/** The other side of a call, read from the title of a client's window. */
export interface TitleHint {
  readonly remoteNumber?: string
  readonly remoteName?: string
}

/**
 * How to read titles: expressions with the groups `number` and `name`, tried in order. 3CX documents no titles, so these are
 * guesses; the settings add better ones in front. What they find is a hint only: it never starts or ends a call.
 */
export const knownTitles: readonly RegExp[] = [
  // Jürgen Müller (+43123456) - 3CX;  Incoming call - Jürgen Müller (+43123456)
  /^(?:[^-:]{1,40}[-:] )?(?<name>[^()]{0,100}?) ?\((?<number>\+?[0-9][0-9 ./-]{1,24})\)/u,
  // Appel entrant: 0123456789
  /(?:^|[^0-9+])(?<number>\+?[0-9][0-9 ./-]{4,24}[0-9])(?:$|[^0-9])/u,
]

/**
 * Returns an expression for a template of the settings, such as `{name} ({number}) - 3CX`; `*` is any text. It has three open
 * positions at most, so that no title of `MAX_TITLE` characters, which contains a caller's name, makes it slow.
 */
export function titlePattern(template: string): RegExp {
  const parts = template.slice(0, 120).split(/(\{name\}|\{number\}|\*)/)
  const source = parts
    .map((part) => PLACEHOLDERS[part] ?? part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('')
  return new RegExp(`^${source}$`, 'iu')
}
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  '{name}': '(?<name>.{1,100}?)',
  '{number}': '(?<number>\\+?[0-9][0-9 ./-]{1,24})',
  '*': '.*?',
}

/** Longer titles are cut: no name and number need more, and an expression must not be fed without end. */
const MAX_TITLE = 200
const MIN_DIGITS = 2
const MAX_DIGITS = 20

/** Returns the hint of the first pattern that finds a number or a name; undefined when none does. */
export function titleHint(title: string, patterns: readonly RegExp[]): TitleHint | undefined {
  const text = title.slice(0, MAX_TITLE).replaceAll(/\p{C}+/gu, ' ')
  for (const pattern of patterns) {
    const groups = pattern.exec(text)?.groups
    if (!groups) continue
    const number = digitsOf(groups['number'])
    const name = groups['name']?.trim().slice(0, 100)
    const hint: TitleHint = {
      ...(number ? { remoteNumber: number } : {}),
      ...(name && !isOwnName(name) ? { remoteName: name } : {}),
    }
    if (hint.remoteNumber ?? hint.remoteName) return hint
  }
  return undefined
}

function digitsOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const digits = text.replaceAll(/[^0-9]/g, '')
  if (digits.length < MIN_DIGITS || digits.length > MAX_DIGITS) return undefined
  return text.trim().startsWith('+') ? `+${digits}` : digits
}

/** Returns whether the name is the client's own, which is never a caller. */
function isOwnName(name: string): boolean {
  return /^3CX\b/i.test(name)
}

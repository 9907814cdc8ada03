export interface TextPart {
  readonly text: string
  readonly isMatch: boolean
}

/** Returns the text in parts, cut where the searched words match; accents and capitals do not matter. */
export function splitFound(
  text: string,
  words: string,
  /** 'phrase' matches the words only where they stand together. */
  as: 'words' | 'phrase' = 'words',
): readonly TextPart[] {
  const terms = (as === 'phrase' ? [plain(words).trim()] : plain(words).split(/\s+/)).filter(Boolean)
  const flat = plain(text)
  // A text whose length changes without its accents has other offsets, so it is shown unmarked.
  if (flat.length !== text.length) return [{ text, isMatch: false }]
  const parts: TextPart[] = []
  let at = 0
  while (at < text.length) {
    const matches = terms.map((term) => ({ from: flat.indexOf(term, at), length: term.length }))
    const next = matches
      .filter(({ from }) => from >= 0)
      .sort((a, b) => a.from - b.from || b.length - a.length)[0]
    if (!next) break
    if (next.from > at) parts.push({ text: text.slice(at, next.from), isMatch: false })
    parts.push({ text: text.slice(next.from, next.from + next.length), isMatch: true })
    at = next.from + next.length
  }
  if (at < text.length) parts.push({ text: text.slice(at), isMatch: false })
  return parts
}

function plain(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[^\x20-\x7e]/gu, (letter) => {
      const bare = letter.normalize('NFD').replace(/\p{M}/gu, '')
      return bare.length === letter.length ? bare : letter
    })
    .replaceAll('’', "'")
    .toLowerCase()
}

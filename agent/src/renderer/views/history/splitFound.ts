export interface Piece {
  readonly text: string
  readonly hit: boolean
}

/** An excerpt cut where the searched words stand in it, whatever their accents and capitals. */
export function splitFound(
  text: string,
  words: string,
  /** 'phrase': only where they stand together. */
  as: 'words' | 'phrase' = 'words',
): readonly Piece[] {
  const terms = (as === 'phrase' ? [plain(words).trim()] : plain(words).split(/\s+/)).filter(Boolean)
  const flat = plain(text)
  // Where taking accents away changes the length, places do not fit any more: show it unmarked.
  if (flat.length !== text.length) return [{ text, hit: false }]
  const pieces: Piece[] = []
  let at = 0
  while (at < text.length) {
    const hits = terms.map((term) => ({ from: flat.indexOf(term, at), length: term.length }))
    const next = hits
      .filter(({ from }) => from >= 0)
      .sort((a, b) => a.from - b.from || b.length - a.length)[0]
    if (!next) break
    if (next.from > at) pieces.push({ text: text.slice(at, next.from), hit: false })
    pieces.push({ text: text.slice(next.from, next.from + next.length), hit: true })
    at = next.from + next.length
  }
  if (at < text.length) pieces.push({ text: text.slice(at), hit: false })
  return pieces
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

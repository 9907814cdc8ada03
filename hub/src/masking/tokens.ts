/** A word, a number in digits or a mixture of both, with its offsets in the text. */
export interface Token {
  readonly kind: 'word' | 'digits' | 'mixed'
  readonly text: string
  /** The text in lower case, without accents: 'zéro' → 'zero'. */
  readonly key: string
  readonly start: number
  readonly end: number
  /** Whatever stands between the previous token and this one. */
  readonly gap: string
  /** Punctuation stands before it. */
  readonly afterPause: boolean
  /** A hyphen alone joins it to the previous token: 'vingt-deux'. */
  readonly isGlued: boolean
  /** The word lost its last vowel before an apostrophe: "l'", "qu'". */
  readonly isElided: boolean
}

const CHUNK = /[\p{L}\p{N}@#$%&*_+=~^<>|\\{}[\]]\S*/gu
const CLOSING = /[.,;:!?…»”"')\]}]+$/u
const DIGITS = /^\+?\d+(?:[-–./…·,'’]+\d+)*$/u
const WORDS = /^\p{L}+(?:[-–'’./…,]+\p{L}+)*['’]?$/u
const PAUSE = /[.,;:!?…]/u
const PIECE = /[\p{L}\p{N}]+['’]?/gu

/** Returns the text in lower case without accents, each character at the offset that it had. */
export function fold(text: string): string {
  let folded = ''
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    folded += /[’ʼ`´]/.test(character) ? "'" : (character.normalize('NFD').charAt(0).toLowerCase().charAt(0) || character) // prettier-ignore
  }
  return folded
}

/** Returns the words and numbers of a text in its order; "c'est" is two tokens, 'Soleil2024' is one. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let end = 0
  const add = (kind: Token['kind'], start: number, content: string) => {
    const gap = text.slice(end, start)
    end = start + content.length
    const isOwner = fold(content) === 's' && /\p{L}{3}['’]$/u.test(text.slice(0, start))
    const isElided = kind === 'word' && (/['’]$/.test(content) || isOwner)
    const isGlued = tokens.length > 0 && /^[-–]$/.test(gap)
    tokens.push({ kind, text: content, key: fold(content), start, end, gap, afterPause: PAUSE.test(gap), isGlued, isElided }) // prettier-ignore
  }
  for (const match of text.matchAll(CHUNK)) {
    const chunk = match[0].replace(CLOSING, '')
    if (chunk === '') continue
    if (DIGITS.test(chunk)) split(chunk, match.index, (start, piece) => add('digits', start, piece))
    else if (WORDS.test(chunk)) split(chunk, match.index, (start, piece) => add('word', start, piece))
    else splitMixed(chunk, match.index, add)
  }
  return tokens
}

function split(chunk: string, offset: number, add: (start: number, piece: string) => void): void {
  for (const piece of chunk.matchAll(PIECE)) {
    const isLast = piece.index + piece[0].length === chunk.length
    const text = /^\d/.test(piece[0]) || (isLast && piece[0].length > 3) ? piece[0].replace(/['’]$/, '') : piece[0] // prettier-ignore
    add(offset + piece.index, text)
  }
}

/** A pause without a blank separates ('4970…1012', 'oui,4711'); an elision does, too ("d'A1234"). */
function splitMixed(
  chunk: string,
  offset: number,
  add: (kind: Token['kind'], start: number, content: string) => void,
): void {
  for (const part of chunk.matchAll(/(?:[^,;…'’]|['’](?=\P{L}|$))+['’]?|['’]/gu)) {
    const content = part[0].replace(CLOSING, '')
    if (!/[\p{L}\p{N}]/u.test(content)) continue
    const start = offset + part.index
    if (DIGITS.test(content)) split(content, start, (at, piece) => add('digits', at, piece))
    else if (WORDS.test(part[0])) split(part[0], start, (at, piece) => add('word', at, piece))
    else add('mixed', start, content)
  }
}

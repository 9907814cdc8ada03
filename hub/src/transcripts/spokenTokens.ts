/** Numbers as people say them, French and English, with how many digits each is. */
const ONE = 'zéro un une deux trois quatre cinq six sept huit neuf zero oh one two three four five seven eight nine double' // prettier-ignore
const TWO = 'dix onze douze treize quatorze quinze seize vingt vingts trente quarante cinquante soixante septante huitante octante nonante ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety' // prettier-ignore
/** They join numbers and have no digits of their own: "quatre mille neuf cent soixante-dix" is 4970. */
const JOINING = 'cent cents mille et hundred thousand and'
const DIGITS = new Map<string, number>([
  ...ONE.split(' ').map((word) => [word, 1] as const),
  ...TWO.split(' ').map((word) => [word, 2] as const),
  ...JOINING.split(' ').map((word) => [word, 0] as const),
])
/** How people spell: "S majuscule, tiret, A comme Anatole". */
const SPELLING = 'majuscule minuscule capital uppercase lowercase tiret underscore arobase point slash antislash étoile dièse dash dot at hash star comme like espace exclamation' // prettier-ignore
const SPELLED = new Set(SPELLING.split(' '))

export interface Token {
  readonly text: string
  readonly at: number
  /** Digits it stands for; undefined: it is no number. 0: only joins others. */
  readonly digits: number | undefined
  /** A number, a letter, or a word of spelling: part of something read out. */
  readonly isReadOut: boolean
  /** Punctuation stands between it and the token before. */
  readonly afterPause: boolean
}

/** Words and numbers of a text with where they stand. */
export function tokensOf(text: string): readonly Token[] {
  let end = 0
  return [...text.matchAll(/[\p{L}\p{N}@#$%&*_+='’!?/\\-]*[\p{L}\p{N}@#$%&*_+=]/gu)].map((match) => {
    const at = match.index
    const afterPause = /[.,;:!?…]/.test(text.slice(end, at))
    end = at + match[0].length
    const digits = digitsOf(match[0])
    const isReadOut = digits !== undefined || match[0].length === 1 || SPELLED.has(match[0].toLowerCase())
    return { text: match[0], at, digits, isReadOut, afterPause }
  })
}

/** '2024' → 4, 'vingt-quatre' → 2, 'Soleil' → undefined. A hyphenated number counts as one of at most two digits. */
function digitsOf(word: string): number | undefined {
  if (/^\d[\d.-]*$/.test(word)) return word.replace(/\D/g, '').length
  const parts = word.toLowerCase().split('-').map((part) => DIGITS.get(part)) // prettier-ignore
  const known = parts.filter((part) => part !== undefined)
  return known.length < parts.length ? undefined : Math.min(Math.max(...known), 2)
}

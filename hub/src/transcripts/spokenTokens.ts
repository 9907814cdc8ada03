/** Numbers as people say them, French and English, with how many digits each has. */
const ONE = 'zéro un une deux trois quatre cinq six sept huit neuf zero oh one two three four five seven eight nine double' // prettier-ignore
const TWO = 'dix onze douze treize quatorze quinze seize vingt vingts trente quarante cinquante soixante septante huitante octante nonante ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety' // prettier-ignore
/** These words join numbers and have no digits of their own: "quatre mille neuf cent soixante-dix" is 4970. */
const JOINING = 'cent cents mille et hundred thousand and'
const DIGITS = new Map<string, number>([
  ...ONE.split(' ').map((word) => [word, 1] as const),
  ...TWO.split(' ').map((word) => [word, 2] as const),
  ...JOINING.split(' ').map((word) => [word, 0] as const),
])
/** Words of spelling: "S majuscule, tiret, A comme Anatole". */
const SPELLING = 'majuscule minuscule capital uppercase lowercase tiret underscore arobase point slash antislash étoile dièse dash dot at hash star comme like espace exclamation' // prettier-ignore
const SPELLED = new Set(SPELLING.split(' '))

export interface Token {
  readonly text: string
  readonly at: number
  /** How many digits the token stands for; undefined: the token is no number. 0: it only joins numbers. */
  readonly digits: number | undefined
  /** The token is a number, a letter, or a word of spelling: part of something read out. */
  readonly isReadOut: boolean
  /** Punctuation stands between the token and the previous one. */
  readonly afterPause: boolean
}

/** Returns the words and numbers of a text with their offsets. */
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

/** Returns the digits of a word: '2024' → 4, 'vingt-quatre' → 2, 'Soleil' → undefined. A hyphenated number has at most two. */
function digitsOf(word: string): number | undefined {
  if (/^\d[\d.-]*$/.test(word)) return word.replace(/\D/g, '').length
  const parts = word.toLowerCase().split('-').map((part) => DIGITS.get(part)) // prettier-ignore
  const numbers = parts.filter((part) => part !== undefined)
  return numbers.length < parts.length ? undefined : Math.min(Math.max(...numbers), 2)
}

import { isNumeric } from './spokenNumbers.ts'
import { fold, tokensOf, type Token } from './tokens.ts'

/** What stands in the text instead of a secret. */
export const MASK = '•••'

/** One utterance as it was said, of which nothing is masked yet. */
export interface Said {
  readonly channel: 'agent' | 'caller'
  readonly text: string
  /** The utterance is a partial: more of it follows, or it changes. */
  readonly isOpen?: boolean
}

/** An utterance with its words. */
export interface Spoken extends Said {
  readonly folded: string
  readonly tokens: readonly Token[]
}

/** A stretch of an utterance, by its index in the conversation; `end` is exclusive. */
export interface Span {
  readonly utterance: number
  readonly start: number
  readonly end: number
}

/** A number that its check digits prove, with the stretches that it takes; no characters: it is not proven yet. */
export interface Proven {
  readonly spans: readonly Span[]
  readonly characters: string
}

/** The words of one side over its utterances, as if they were one. */
export interface Stream {
  readonly tokens: readonly Token[]
  /** The utterance of each token. */
  readonly utterances: readonly number[]
  /** Before these tokens the other side said more than a short confirmation: no number goes on over it. */
  readonly breaks: ReadonlySet<number>
  /** The last utterance is a partial. */
  readonly isOpen: boolean
}

/** Words that people say between the groups of one number. */
const FILLERS = new Set('euh heu hum hm um uh er alors donc puis ensuite apres oui ouais yes voila ok okay then espace virgule tiret slash barre dash comma point ben bah bon'.split(' ')) // prettier-ignore
/** These stand inside of a number, and are masked with it. */
const HESITATION = new Set(
  'euh heu hum hm um uh er espace virgule tiret slash barre dash comma point'.split(' '),
)
/** Words that lead from one group of a number to the next: 'ensuite c'est 1012, et pour finir 7893'. No noun of an ordinary number. */
const CONNECTING = new Set("et and enfin finalement pour finir fin suite la le les l c' c est ce ces j' ai je j dis disais reprends continue continuer deuxieme troisieme quatrieme cinquieme premier premiers premiere premieres dernier derniers derniere dernieres suivant suivants second seconde groupe groupes bloc blocs partie chiffre chiffres numero numeros termine finit par commence next followed by after that it's it is the last first second third four group digits number numbers finally alors attendez attends pardon repete d' abord a ensuite encore toujours donc un peu plus".split(' ')) // prettier-ignore
/** Behind a number these count what is read out: 'les quatre derniers chiffres'. */
const COUNTED_GROUP =
  /^(?:premiers?|premieres?|derniers?|dernieres?|suivants?|suivantes?|chiffres?|digits?|last|first|autres?)$/
/** Words that may stand between two groups of one number. */
const MOST_CONNECTING = 8
const CONFIRMATION = new Set('oui ouais ok okay d accord dac parfait bien tres merci je note j note noter vas y allez ecoute vous t attends ecris suis et la suite apres ensuite puis hm hum mhm mm yes yeah right go ahead got it sure thanks thank you continuez super voila alors euh next and attendez une seconde un instant moment c bon est vous pret prete tout i m ready ecoute listening uh huh'.split(' ')) // prettier-ignore
/** Longer utterances of the other side are more than a confirmation. */
const MOST_CONFIRMING_WORDS = 6
/** A number that its check digits prove goes on over a short remark of the other side, not over more words than this. */
const MOST_INTERRUPTING_WORDS = 12
/** Network addresses, days and times are no groups of a longer number. */
const BOUND = [
  /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d])/g,
  /(?<!\d)\d{1,2}([/.-])\d{1,2}\1\d{4}(?!\d)/g,
  /(?<!\d)\d{4}([/.-])\d{1,2}\1\d{1,2}(?!\d)/g,
  /\+\s?\d[\d ().-]{6,}/g,
]

/** Returns the utterance with its words; the last character of a number in an address or a date belongs to it. */
export function spoken(said: Said): Spoken {
  const bound = BOUND.flatMap((pattern) => [...said.text.matchAll(pattern)].map(({ index, 0: match }) => ({ start: index, end: index + match.length }))) // prettier-ignore
  const tokens = tokensOf(said.text).map((token): Token => {
    const isBound = bound.some(({ start, end }) => token.start >= start && token.end <= end)
    return isBound ? { ...token, kind: 'mixed' } : token
  })
  return { ...said, folded: fold(said.text), tokens }
}

export const isFiller = (token: Token | undefined): boolean => token !== undefined && FILLERS.has(token.key)

/** Returns whether the utterance only confirms, repeats digits or asks to wait: the other side's dictation goes on over it. */
export function isConfirmation({ tokens, text }: Spoken): boolean {
  const others = tokens.filter((token) => !isNumeric(token) && !/^\p{L}$/u.test(token.text))
  if (others.length <= 2 && !text.includes('?')) return true
  return others.length <= MOST_CONFIRMING_WORDS && others.every(({ key }) => CONFIRMATION.has(key.replace("'", ''))) // prettier-ignore
}

/** Returns what one side says, with the utterances of the other side that interrupt it. */
export function streamOf(conversation: readonly Spoken[], channel: Said['channel']): Stream {
  const tokens: Token[] = []
  const utterances: number[] = []
  const breaks = new Set<number>()
  let isInterrupted = false
  for (const [index, one] of conversation.entries()) {
    if (one.channel !== channel) {
      isInterrupted ||= one.tokens.filter((token) => !isNumeric(token)).length > MOST_INTERRUPTING_WORDS
      continue
    }
    if (isInterrupted) breaks.add(tokens.length)
    isInterrupted = false
    // 'Et 1111': the utterance goes on with what the one before it began.
    const words = /^(?:et|and)$/.test(one.tokens[0]?.key ?? '') ? one.tokens.slice(1) : one.tokens
    for (const [offset, token] of words.entries()) {
      tokens.push(offset === 0 ? { ...token, afterPause: true, isGlued: false } : token)
      utterances.push(index)
    }
  }
  const last = conversation.findLast((one) => one.channel === channel)
  return { tokens, utterances, breaks, isOpen: last?.isOpen === true }
}

/** What may be skipped before the next group of a number. */
export interface Skipped {
  /** Also a single 'et': only the last group is missing. */
  readonly joins?: boolean
  /** Any word at all, since the number is at the end of a group; the nouns of ordinary numbers end it. */
  readonly words?: (token: Token) => boolean
}

/**
 * Returns the position of the next token that may be a part of the same number: fillers and words that lead to the next group
 * are skipped. Returns undefined where something else is said, or the other side interrupted.
 */
export function nextPosition(
  stream: Stream,
  from: number,
  { joins, words }: Skipped = {},
): number | undefined {
  const { tokens, breaks } = stream
  for (let at = from; at <= from + MOST_CONNECTING && at < tokens.length; at++) {
    if (breaks.has(at)) return undefined
    const token = tokens[at]
    const counts = isNumeric(token) && COUNTED_GROUP.test(tokens[at + 1]?.key ?? '')
    if (!token || counts || isFiller(token)) continue
    if (isNumeric(token) || token.kind !== 'word') return at
    const isJoining = CONNECTING.has(token.key) && (at > from || token.afterPause || joins === true || leadsOn(stream, at)) // prettier-ignore
    if (!isJoining && words?.(token) !== true) return at
  }
  return undefined
}

/** A word without a pause before it leads on only with another one behind it: 'puis c'est', not the 'et' of two numbers. */
const leadsOn = ({ tokens }: Stream, at: number): boolean => {
  const next = tokens[at + 1]
  return next !== undefined && (isFiller(next) || CONNECTING.has(next.key)) && !isNumeric(next)
}

/** Tokens of a stream from one position to another (exclusive). */
export interface Range {
  readonly from: number
  readonly to: number
}

/** Returns the stretches that the ranges take: those of one utterance with no more than a hesitation between them are one. */
export function spansOf({ tokens, utterances }: Stream, ranges: readonly Range[]): readonly Span[] {
  const spans: Span[] = []
  let end = -1
  for (const { from, to } of ranges) {
    const [first, last, utterance] = [tokens[from], tokens[to - 1], utterances[from]]
    if (!first || !last || utterance === undefined || to <= from) continue
    const before = spans.at(-1)
    const isClose =
      before?.utterance === utterance && tokens.slice(end, from).every(({ key }) => HESITATION.has(key))
    if (before && isClose) spans[spans.length - 1] = { ...before, end: last.end }
    else spans.push({ utterance, start: first.start, end: last.end })
    end = to
  }
  return spans
}

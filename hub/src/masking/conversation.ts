import { isNumeric } from './spokenNumbers.ts'
import { fold, tokensOf, type Token } from './tokens.ts'

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
const FILLERS = new Set('euh heu hum hm um uh er alors donc puis ensuite apres oui ouais yes voila ok okay then espace virgule tiret slash dash comma point ben bah bon'.split(' ')) // prettier-ignore
const CONFIRMATION = new Set('oui ouais ok okay d accord dac parfait bien tres merci je note j note noter vas y allez ecoute vous t attends ecris suis et la suite apres ensuite puis hm hum mhm mm yes yeah right go ahead got it sure thanks thank you continuez super voila alors euh next and attendez une seconde un instant moment c bon est vous pret prete tout i m ready ecoute listening uh huh'.split(' ')) // prettier-ignore
/** Longer utterances of the other side are more than a confirmation. */
const MOST_CONFIRMING_WORDS = 6
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
      isInterrupted ||= !isConfirmation(one)
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

/** Returns the position of the next token that is no filler; undefined where the other side interrupted, or too many stand between. */
export function nextPosition({ tokens, breaks }: Stream, from: number, most = 3): number | undefined {
  for (let at = from; at <= from + most && at < tokens.length; at++) {
    if (breaks.has(at)) return undefined
    if (!isFiller(tokens[at])) return at
  }
  return undefined
}

/** Returns the stretch between two tokens of a stream, one for each utterance that it touches. */
export function spansBetween({ tokens, utterances }: Stream, from: number, to: number): readonly Span[] {
  const spans = new Map<number, Span>()
  for (let at = from; at < to; at++) {
    const [token, utterance] = [tokens[at], utterances[at]]
    if (!token || utterance === undefined || (isFiller(token) && !spans.has(utterance))) continue
    const start = spans.get(utterance)?.start ?? token.start
    if (!isFiller(token)) spans.set(utterance, { utterance, start, end: token.end })
  }
  return [...spans.values()]
}

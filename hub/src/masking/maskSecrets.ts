import { secretSpans } from './answers.ts'
import { cardsIn } from './cards.ts'
import { MASK, spoken, type Said, type Span, type Spoken } from './conversation.ts'
import { ibansIn } from './ibans.ts'
import { repeatSpans } from './repeats.ts'

export { MASK }

/**
 * Returns the secrets of a conversation: payment cards and account numbers by their check digits, passwords and codes by
 * their names, by a request and its answer, or by an announcement, and all of them where they are repeated. Spans of one
 * utterance are in order and do not overlap.
 */
export function secretsIn(conversation: readonly Said[]): readonly Span[] {
  const read = conversation.map(spokenOnce)
  const proven = (['agent', 'caller'] as const).flatMap((channel) => [
    ...cardsIn(read, channel),
    ...ibansIn(read, channel),
  ])
  const secret = united([...proven.flatMap(({ spans }) => spans), ...secretSpans(read)])
  const numbers = proven.map(({ characters }) => characters).filter((one) => one !== '')
  return united([...secret, ...repeatSpans(read, secret, numbers)])
}

/** Returns the texts of a conversation with its secrets masked. */
export function maskConversation(conversation: readonly Said[]): readonly string[] {
  const spans = secretsIn(conversation)
  return conversation.map(({ text }, index) =>
    maskSpans(
      text,
      spans.filter(({ utterance }) => utterance === index),
    ),
  )
}

/** Returns a text of nobody's conversation (a title, a note) with its secrets masked. */
export function maskSecrets(text: string): string {
  return maskConversation([{ channel: 'caller', text }])[0] ?? text
}

/** Returns the text with the mask in place of each span; the spans are in order and do not overlap. */
export function maskSpans(
  text: string,
  spans: readonly { readonly start: number; readonly end: number }[],
): string {
  let masked = ''
  let from = 0
  for (const { start, end } of spans) {
    masked += text.slice(from, start) + MASK
    from = end
  }
  return masked + text.slice(from)
}

/** Returns the spans in order, those that overlap or touch as one. */
export function united(spans: readonly Span[]): readonly Span[] {
  const ordered = [...spans].sort((a, b) => a.utterance - b.utterance || a.start - b.start)
  const joined: Span[] = []
  for (const span of ordered) {
    const last = joined.at(-1)
    if (last?.utterance === span.utterance && span.start <= last.end)
      joined[joined.length - 1] = { ...last, end: Math.max(last.end, span.end) }
    else joined.push(span)
  }
  return joined
}

const known = new WeakMap<Said, Spoken>()

/** The words of an utterance are found once, though each later one is masked together with it. */
function spokenOnce(said: Said): Spoken {
  const read = known.get(said) ?? spoken(said)
  known.set(said, read)
  return read
}

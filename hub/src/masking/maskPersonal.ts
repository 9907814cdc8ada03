import { maskNumbersIn } from '@3cx-ninja/phone-numbers/maskNumbers.ts'
import { addressSpans } from './addresses.ts'
import { spoken, type Said } from './conversation.ts'
import { birthSpans, identitySpans } from './identities.ts'
import { MASK } from './maskSecrets.ts'
import { telephoneNumbers, type Replacement } from './telephone.ts'

/**
 * Returns the texts of a conversation without what identifies a person: social security numbers, e-mail addresses and dates
 * of birth are masked, telephone numbers show their country and last two digits. For wallboards, and for tickets where the
 * site's setting says so. The country is the site's, in which numbers without a calling code are read.
 */
export function maskPersonal(conversation: readonly Said[], country: string): readonly string[] {
  const read = conversation.map(spoken)
  const sides = ['agent', 'caller'] as const
  const hidden = [
    ...sides.flatMap((channel) => identitySpans(read, channel)),
    ...addressSpans(read),
    ...birthSpans(read),
  ].map((span): Replacement => ({ ...span, shown: MASK }))
  const numbers = sides.flatMap((channel) => telephoneNumbers(read, channel, country))
  return conversation.map(({ text }, index) => {
    const own = [...hidden, ...numbers].filter(({ utterance }) => utterance === index)
    return maskNumbersIn(replaceIn(text, own), country)
  })
}

/** Returns one text (a title, a note) without what identifies a person. */
export function maskPersonalIn(text: string, country: string): string {
  return maskPersonal([{ channel: 'caller', text }], country)[0] ?? text
}

/** Returns the utterances of a call without what identifies a person; a text that changes loses the times of its words. */
export function withoutPersonal<T extends Said & { readonly words: readonly unknown[] }>(
  utterances: readonly T[],
  country: string,
): readonly T[] {
  const texts = maskPersonal(utterances, country)
  return utterances.map((one, index) => {
    const text = texts[index] ?? ''
    return text === one.text ? one : { ...one, text, words: [] }
  })
}

/** Of two stretches that overlap the first one counts, the longer where both begin alike. */
function replaceIn(text: string, replacements: readonly Replacement[]): string {
  let shown = ''
  let from = 0
  for (const one of [...replacements].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (one.start < from) continue
    shown += text.slice(from, one.start) + one.shown
    from = one.end
  }
  return shown + text.slice(from)
}

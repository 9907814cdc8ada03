import { isBelgianRegisterNumber, isFrenchNir, isSwissAhv } from './checkDigits.ts'
import { nextPosition, spansOf, streamOf, type Span, type Spoken, type Stream } from './conversation.ts'
import { isNumeric, readingsAt } from './spokenNumbers.ts'
import type { Token } from './tokens.ts'

const NIR_WRITTEN =
  /(?<!\d)[1-478][ .-]?\d{2}[ .-]\d{2}[ .-](?:\d{2}|2[abAB])[ .-]\d{3}[ .-]\d{3}(?:[ .-]\d{2})?(?!\d)/g
const NAMED =
  /(?<![\p{L}\p{N}])(?:securite sociale|numero de secu|secu|nir|registre national|numero national|avs|ahv|social security|national insurance)(?![\p{L}\p{N}])/u
const BIRTH = /(?<![\p{L}\p{N}])(?:nee? (?:le|en)|date de naissance|naissance|jour de naissance|date of birth|birth ?date|dob|born(?: on)?|birthday)(?![\p{L}\p{N}])/gu // prettier-ignore
const ASKS_BIRTH = /(?:date de naissance|naissance|nee? quand|date of birth|born|birthday|dob)/u
const MONTH =
  /^(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|january|february|march|april|may|june|july|august|september|october|november|december)$/
const ORDINAL =
  /^(?:premier|1er|\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|\p{L}+th|\p{L}+(?:ty|ty-)(?:first|second|third))$/u
const JOINER = /^(?:of|the|le|de|en|in)$/
const MOST_STEPS = 1_000
/** Longest words between the name of a date and the date. */
const REACH = 8

/** Returns the social security numbers of one side (France, Belgium, Switzerland): by their key, or named and of their length. */
export function identitySpans(conversation: readonly Spoken[], channel: Spoken['channel']): readonly Span[] {
  const stream = streamOf(conversation, channel)
  const isNamed = conversation.some(({ folded }) => NAMED.test(folded))
  const spans: Span[] = []
  for (let at = 0; at < stream.tokens.length; at++) {
    if (!isNumeric(stream.tokens[at])) continue
    const to = identityEnd(stream, at, isNamed)
    if (to === undefined) continue
    spans.push(...spansOf(stream, [{ from: at, to }]))
    at = to - 1
  }
  const written = conversation.flatMap((one, utterance) => one.channel === channel ? [...one.text.matchAll(NIR_WRITTEN)].map(({ index, 0: match }) => ({ utterance, start: index, end: index + match.length })) : []) // prettier-ignore
  return [...spans, ...written]
}

function identityEnd(stream: Stream, from: number, isNamed: boolean): number | undefined {
  let steps = 0
  const search = (at: number, characters: string): number | undefined => {
    if (characters.length > 15 || (steps += 1) > MOST_STEPS) return undefined
    const isProven = isFrenchNir(characters) || isBelgianRegisterNumber(characters) || isSwissAhv(characters)
    const isWhole = isNamed && /^[12478]\d{4}(?:2[AB]|\d{2})\d{6}(?:\d{2})?$/i.test(characters)
    const next = characters === '' ? from : nextPosition(stream, at)
    const isLast = next === undefined || !isNumeric(stream.tokens[next])
    if ((isProven || isWhole) && isLast) return at
    if (next === undefined) return undefined
    for (const step of stepsAt(stream, next)) {
      const end = search(step.to, characters + step.characters)
      if (end !== undefined) return end
    }
    return undefined
  }
  return search(from, '')
}

function stepsAt({ tokens }: Stream, at: number): readonly { to: number; characters: string }[] {
  const token = tokens[at]
  if (token && /^2[ab]$/.test(token.key)) return [{ to: at + 1, characters: token.text }]
  return readingsAt(tokens, at).map(({ to, digits }) => ({ to, characters: digits }))
}

/** Returns the dates of birth: named as such, or the answer to a question for one. */
export function birthSpans(conversation: readonly Spoken[]): readonly Span[] {
  return conversation.flatMap((one, utterance) => {
    const named = [...one.folded.matchAll(BIRTH)].map(({ index, 0: match }) => index + match.length)
    const before = conversation.slice(0, utterance).findLast(({ channel }) => channel !== one.channel)
    const starts = named.length === 0 && before && ASKS_BIRTH.test(before.folded) ? [0] : named
    return starts.flatMap((offset) => {
      const span = dateAt(one, offset)
      return span ? [{ utterance, ...span }] : []
    })
  })
}

function dateAt(
  { tokens }: Spoken,
  offset: number,
): { readonly start: number; readonly end: number } | undefined {
  const isPart = (at: number) => isDatePart(tokens[at])
  const first = tokens.findIndex(({ start }) => start >= offset)
  const from = tokens.findIndex((_, at) => first >= 0 && at >= first && at < first + REACH && isPart(at))
  if (from < 0) return undefined
  let to = from + 1
  while (isPart(to) || (JOINER.test(tokens[to]?.key ?? '') && isPart(to + 1))) to++
  const [start, end] = [tokens[from], tokens[to - 1]]
  if (!start || !end) return undefined
  const isDate = to - from >= 2 || /[/.-]|^(?:19|20)\d{2}$/.test(start.text)
  return isDate ? { start: start.start, end: end.end } : undefined
}

function isDatePart(token: Token | undefined): boolean {
  if (!token) return false
  return isNumeric(token) || MONTH.test(token.key) || ORDINAL.test(token.key) || (token.kind === 'mixed' && /^\d/.test(token.text)) // prettier-ignore
}

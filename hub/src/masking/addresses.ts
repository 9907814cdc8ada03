import type { Span, Spoken } from './conversation.ts'
import { isNumeric } from './spokenNumbers.ts'
import type { Token } from './tokens.ts'

const WRITTEN = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/gu
const AT = /^(?:arobase|arrobase|arobas|at)$/
const JOINS = /^(?:point|dot|tiret|dash|hyphen|underscore|bas|du)$/
const DOT = /^(?:point|dot)$/
const DOMAIN =
  /^(?:fr|be|ch|lu|eu|com|net|org|info|io|uk|co|de|it|es|nl|mc|ca|re|gouv|pro|biz|dev|bzh|paris|brussels|swiss)$/
/** A domain has no more words than this before its last one. */
const MOST_WORDS = 10

/** Returns the e-mail addresses, written ('a.jacquemin@…') or read out ('a point jacquemin arobase saint-verand point fr'). */
export function addressSpans(conversation: readonly Spoken[]): readonly Span[] {
  return conversation.flatMap((one, utterance) => {
    const written = [...one.text.matchAll(WRITTEN)].map(({ index, 0: match }) => ({ utterance, start: index, end: index + match.length })) // prettier-ignore
    const read = one.tokens.flatMap(({ key }, at) => {
      const span = AT.test(key) ? addressAt(one.tokens, at) : undefined
      return span ? [{ utterance, ...span }] : []
    })
    return [...written, ...read]
  })
}

function addressAt(
  tokens: readonly Token[],
  at: number,
): { readonly start: number; readonly end: number } | undefined {
  const to = domainEnd(tokens, at)
  if (to === undefined) return undefined
  let from = at
  const isLetter = (token: Token | undefined) => token !== undefined && (/^[\p{L}\p{N}]$/u.test(token.text) || isNumeric(token)) // prettier-ignore
  while (from > 0) {
    const [token, next] = [tokens[from - 1], tokens[from]]
    if (!token || token.isElided || /[.!?;:]/.test(next?.gap ?? '')) break
    const isNext = from === at || JOINS.test(next?.key ?? '') || next?.isGlued === true
    if (!(isNext || JOINS.test(token.key) || (isLetter(token) && isLetter(next)) || isSpelled(tokens, from)))
      break
    from -= 1
  }
  return from === at ? undefined : { start: tokens[from]?.start ?? 0, end: tokens[to - 1]?.end ?? 0 }
}

/** The word before single letters is what they spell: 'jacquemin, j a c q u e m i n'. */
function isSpelled(tokens: readonly Token[], from: number): boolean {
  const letters = tokens.slice(from, from + (tokens[from - 1]?.text.length ?? 0)).map(({ key }) => key)
  return letters.length > 2 && letters.join('') === tokens[from - 1]?.key
}

/** Returns where the domain ends: 'saint-verand point fr'. An English 'at' is one only before a domain. */
function domainEnd(tokens: readonly Token[], at: number): number | undefined {
  for (let dot = at + 1; dot < Math.min(tokens.length, at + MOST_WORDS); dot++) {
    if (!DOT.test(tokens[dot]?.key ?? '')) continue
    if (DOMAIN.test(tokens[dot + 1]?.key ?? '')) return DOT.test(tokens[dot + 2]?.key ?? '') && DOMAIN.test(tokens[dot + 3]?.key ?? '') ? dot + 4 : dot + 2 // prettier-ignore
  }
  const isFrench = tokens[at]?.key !== 'at'
  return isFrench && at + 1 < tokens.length ? at + 2 : undefined
}

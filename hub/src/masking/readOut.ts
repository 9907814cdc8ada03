import type { Spoken } from './conversation.ts'
import { readingsAt } from './spokenNumbers.ts'
import type { Token } from './tokens.ts'

/** Something read out: letters, digits, signs and words of spelling, from one token to another (exclusive). */
export interface ReadOut {
  readonly from: number
  readonly to: number
  readonly digits: number
  readonly letters: number
  readonly signs: number
  /** Tokens that mix letters, digits and signs: 'Soleil2024', '1234A'. */
  readonly mixed: number
}

const WITH_CAPITAL =
  /(?:avec une? |with an? )(?:[a-z] )?(?:majuscule|capital|upper ?case)(?:(?<=capital|case) [a-z])?(?![\p{L}\p{N}])/uy
const LETTER_SIZE =
  /(?:(?:une? |un |a |the )?(?:grande?|petite?|big|small|lettre|letter|majuscule|minuscule|capital|capital letter|upper ?case|lower ?case) )(?=[a-z](?![\p{L}\p{N}']))|(?:le |the )?(?:chiffres?|number|digits?|nombre) (?=\d|\p{L})/uy
const CAPITAL =
  /(?:avec |with |tout |all )?(?:en |in )?(?:une? |a |an |le |la |the )?(?:[a-z] )?(?:majuscules?|minuscules?|capitals?|upper ?case|lower ?case)(?: (?:au debut|a la fin|letters?|at the (?:start|end)))?(?![\p{L}\p{N}])/uy
const SIGN =
  /(?:points? d'(?:exclamation|interrogation)|exclamation (?:mark|point)|question mark|deux[- ]points|point[- ]virgule|semicolon|full stop|period|tilde|pipe|accolades?(?: ouvrante| fermante)?|crochets?(?: ouvrants?| fermants?)?|parentheses?(?: ouvrantes?| fermantes?)?|(?:open|close) (?:bracket|parenthesis)|guillemets?|caret|minus|moins|euros?|et commercial|tirets?(?: (?:du )?(?:bas|haut|six|huit|6|8)(?![\p{L}\p{N}]))?|trait d'union|under ?score|arobase|at sign|diese|hash(?:tag)?|pound sign|etoile|asterisque|asterisk|star|dollar(?: sign)?|pour ?cent|percent(?: sign)?|esperluette|et commercial|ampersand|slash|anti ?slash|back ?slash|barre oblique|plus|egal|equals|dash|hyphen|dot|point|virgule|comma|colon|sans espaces?|no spaces?|en un (?:seul )?mot|en (?:chiffres?|lettres?|toutes lettres)|en attache|au debut|a la fin|all one word|one word|tout attache|tout colle|sans accent|e? ?accent (?:aigu|grave|circonflexe)|cedille|apostrophe)(?![\p{L}\p{N}])/uy
const SPELLED_AS = /^(?:comme|as|for|like)$/
const ALPHABET = new Set('alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliette kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu zoulou'.split(' ')) // prettier-ignore
const BETWEEN = new Set('euh heu hum um uh er alors puis ensuite et and then donc'.split(' '))
/** A number with one of these behind it counts something, and is no secret. */
const COUNTED =
  /^(?:chiffres?|caracteres?|lettres?|fois|essais?|tentatives?|minutes?|heures?|h|jours?|mois|ans?|annees?|semaines?|secondes?|euros?|francs?|postes?|utilisateurs?|personnes?|comptes?|mots?|ou|a|times|characters?|digits?|letters?|attempts?|tries|hours?|days?|months?|years?|weeks?|seconds?|users?|people|accounts?|or|to|ghz|go|giga)$/
/** These are letters only inside of something read out; elsewhere they are words. */
const LITTLE = /^(?:a|à|y|i|o|un|une|one|et|and)$/
/** No secret is read out in more tokens. */
const MOST_TOKENS = 48

interface Element {
  readonly to: number
  readonly kind: 'digits' | 'letters' | 'signs' | 'mixed' | 'between'
  readonly count: number
}

/** Returns what is read out from the token on; undefined where nothing is, or where a number only counts something. */
export function readOutFrom(spoken: Spoken, from: number): ReadOut | undefined {
  const { tokens } = spoken
  const elements: Element[] = []
  let at = from
  while (at < tokens.length && at < from + MOST_TOKENS) {
    if (at > from && endsSentence(tokens, at)) break
    const element = elementAt(spoken, at)
    if (!element || (elements.length === 0 && !mayBegin(spoken, at, element))) break
    elements.push(element)
    at = element.to
  }
  while (isLoose(tokens, elements, at)) {
    elements.pop()
    at = elements.at(-1)?.to ?? from
  }
  const next = tokens[at]
  const isCount = next !== undefined && !next.afterPause && COUNTED.test(next.key)
  if (isCount && elements.at(-1)?.kind === 'digits') {
    elements.pop()
    at = elements.at(-1)?.to ?? from
  }
  if (elements.length === 0) return undefined
  const count = (kind: Element['kind']) => elements.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.count, 0) // prettier-ignore
  return { from, to: at, digits: count('digits'), letters: count('letters'), signs: count('signs'), mixed: count('mixed') } // prettier-ignore
}

/** Returns whether a mixed token is one that a person would choose or get as a secret: letters or signs with digits. */
export function isSecretToken({ kind, text, key }: Token): boolean {
  if (kind !== 'mixed' || !/\d/.test(text) || /^(?:[om]?\d{3}|v?\d+(?:\.\d+)*|\d{1,2}[h:]\d{0,2}|\d+(?:e|er|eme|[gmkt]o|[gmkt]b|ghz|st|nd|rd|th|%|€|\$)|n°\d+|windows\d+|1password)$/.test(key)) return false // prettier-ignore
  return text.length >= 4
}

/** A joining word begins nothing; 'a' and 'y' do only where more letters or signs follow. */
function mayBegin(spoken: Spoken, at: number, { kind, to }: Element): boolean {
  if (kind === 'between') return false
  if (kind !== 'letters' || !/^[ayo]$/.test(spoken.tokens[at]?.text ?? '')) return true
  const next = elementAt(spoken, to)
  return next !== undefined && next.kind !== 'digits' && next.kind !== 'between'
}

function elementAt({ folded, tokens }: Spoken, at: number): Element | undefined {
  const token = tokens[at]
  if (!token || token.isElided) return undefined
  const phrase = phraseEnd(folded, token.start)
  if (phrase !== undefined) {
    const behind = tokens.findIndex(({ start }) => start >= phrase)
    return { to: behind < 0 ? tokens.length : behind, kind: 'signs', count: 1 }
  }
  if (token.kind === 'mixed') return isSecretToken(token) || /^\p{L}?\d+\p{L}?$/u.test(token.text) ? { to: at + 1, kind: 'mixed', count: 1 } : undefined // prettier-ignore
  const [reading] = readingsAt(tokens, at)
  if (reading) return { to: reading.to, kind: 'digits', count: reading.digits.length }
  if (/^(?:suivi|followed)$/.test(token.key)) return { to: Math.min(at + 2, tokens.length), kind: 'between', count: 0 } // prettier-ignore
  if (BETWEEN.has(token.key)) return { to: at + 1, kind: 'between', count: 0 }
  const isLetter = /^[^\P{L}à]$/u.test(token.text)
  if (!isLetter && !ALPHABET.has(token.key)) return undefined
  if (!SPELLED_AS.test(tokens[at + 1]?.key ?? '')) return { to: at + 1, kind: 'letters', count: 1 }
  return { to: Math.min(tokens.length, at + (tokens[at + 2]?.key === 'in' ? 4 : 3)), kind: 'letters', count: 2 } // prettier-ignore
}

/** Returns where a sign or a word of spelling ends that begins at the offset: 'avec une majuscule', 'point d'exclamation'. */
export function phraseEnd(folded: string, start: number): number | undefined {
  for (const pattern of [WITH_CAPITAL, CAPITAL, LETTER_SIZE, SIGN]) {
    pattern.lastIndex = start
    if (pattern.test(folded)) return pattern.lastIndex
  }
  return undefined
}

/** A full stop ends what is read out, but not three of them, nor one between single letters and digits. */
function endsSentence(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]
  if (!token || !/[.?!;]/.test(token.gap) || /…|\.\./.test(token.gap)) return false
  const isSingle = (one: Token | undefined) =>
    one !== undefined && (one.text.length === 1 || readingsAt(tokens, at)[0]?.digits.length === 1)
  if (/[?!]/.test(token.gap)) return true
  const next = tokens[at + 1]
  const isAlone = next === undefined || next.afterPause
  if (token.kind === 'digits' && tokens[at - 1]?.kind === 'digits' && isAlone) return false
  return !(isSingle(token) && isSingle(tokens[at - 1]))
}

/** The last element is a joining word, or a little word that belongs to the sentence behind it. */
function isLoose(tokens: readonly Token[], elements: readonly Element[], end: number): boolean {
  const last = elements.at(-1)
  if (!last) return false
  if (last.kind === 'between') return true
  const token = tokens[end - 1]
  const next = tokens[end]
  const isAlone = last.to - (elements.at(-2)?.to ?? last.to - 1) === 1
  return isAlone && token !== undefined && LITTLE.test(token.text.toLowerCase()) && next !== undefined && !next.afterPause // prettier-ignore
}

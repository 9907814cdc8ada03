import { mayBeginCard } from './checkDigits.ts'
import type { Spoken } from './conversation.ts'
import { isSecretToken, readOutFrom, type ReadOut } from './readOut.ts'
import type { SecretKind } from './secretNames.ts'
import { readingsAt } from './spokenNumbers.ts'
import type { Token } from './tokens.ts'

/** A secret from one token to another (exclusive). */
export interface Value {
  readonly from: number
  readonly to: number
}

/**
 * How certain it is that a secret follows: directly behind its name ('mot de passe Soleil2024'), behind a verb ("le code PIN
 * est 4711"), or as the answer to a request. Ordinary words are a password only where `takesWords` is set.
 */
export interface Expected {
  readonly kind: SecretKind
  readonly leastDigits: number
  readonly takesWords: boolean
  /** Behind 'est' an ordinary word says something of the secret: only a name or a common password is one. */
  readonly onlyNames?: boolean
}

/** These words say something of a secret, or begin a sentence without one. */
const NO_VALUE = new Set(
  ("faux bon bonne bons bien mauvais mauvaise perdu perdue oublie oublies change refuse bloque incorrect incorrecte correct correcte errone expire perime invalide valide valable obligatoire necessaire " +
    "long longue court courte simple faible fort forte vide nul unique commun different differente identique pareil meme nouveau nouvelle vieux ancien provisoire temporaire definitif pret ok la ici public prive sur obsolete complexe complique facile difficile requis actif " +
    "fini reussi saisi choisi etabli rempli recu recue connu inconnu vu prevu venu revenu disparu tenu obtenu attendu mis remis transmis pris compris appris ecrit inscrit interdit dit fait defait refait ouvert offert mort parti sorti " +
    "le les un une des du de d l celui celle ceux ce cet cette ca cela c dans sur a au aux en pour par avec sans chez vers entre sous selon comme depuis des avant apres pendant contre " +
    "mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs je j tu il elle on nous vous ils elles me m te t se s moi toi lui eux y n ne pas plus jamais rien trop toujours encore deja peut tres assez tout tous toute aussi surtout seulement quasi " +
    "qui que qu quoi dont ou quand comment combien pourquoi quel quelle lequel laquelle si et mais donc car or ni parce puisque " +
    "est ai as a ont avons avez suis sont etait sera serait faut va vais peux peut doit dois non oui aucun aucune personne possible impossible normal grave urgent dommage urgence pareille chiant penible bizarre nickel galere top genial super relou lourd dingue fou logique clair cuit foutu rate ingerable introuvable illisible catastrophique inadmissible drole joli beau laid long trop propre sale rapide lent lourd leger cher gratuit numero nom prenom date code poste compte serveur mien sien tien question idee attendez attends pardon desole desolee merci bonjour " +
    "the an this that these those it its he she we you they i my your his her our their at in on to for with from by about under of as not no never always still already too very quite really just only also both same different wrong right incorrect correct expired invalid valid weak strong long short ok okay ready gone set reset known unknown lost sent given shown written kept hidden held stuck locked due case new old empty required mandatory temporary what which who where when why how whose yes sorry wait thanks please nothing none number name one mine yours being is was are has have had do does did can could will would should must might going").split(' '), // prettier-ignore
)
/** Greetings and thanks are no password where they begin an answer; as a password of several words they are. */
const GREETING = new Set(['bonjour', 'merci'])
const DESCRIBING = /(?:é|ée|és|ées|able|ables|ible|ibles|oire|oires|ique|iques|eux|euse|ment|ed|ing|ly)$/u
const ENDS_CLAUSE = new Set('et mais ou car parce pour qui que avec sur dans depuis quand si and but or because for since when if voila merci'.split(' ')) // prettier-ignore
const MOST_WORDS = 5
/** Signs that stand between two words of a password. */
const JOINING =
  /^(?:tirets?|bas|dash|hyphen|point|dot|underscore|score|slash|arobase|plus|etoile|star|diese|hash|dollar|exclamation)$/

/** Returns the secret that begins at the token; undefined where only ordinary words do. */
export function valueAt(spoken: Spoken, at: number, expected: Expected): Value | undefined {
  const token = spoken.tokens[at]
  if (!token) return undefined
  const readOut = readOutFrom(spoken, at)
  if (readOut && isEnough(spoken, readOut, expected))
    return expected.kind === 'password' ? extended(spoken, readOut) : readOut
  if (expected.kind !== 'password' || token.kind === 'digits') return undefined
  return (
    withDetails(spoken, at, expected) ??
    (expected.takesWords && !(expected.onlyNames && !isNameLike(token)) ? plainWords(spoken, at) : undefined)
  )
}

/** Returns whether many people have this word as their password: 'azerty', 'admin'. */
export const isCommon = ({ key }: Token): boolean => COMMON.test(key)

const isNameLike = (token: Token): boolean => /^\p{Lu}/u.test(token.text) || isCommon(token)

/** Returns whether the word says something of a secret, such as 'expiré', or begins an ordinary sentence. */
export function isNoValue({ key, text }: Token): boolean {
  return (
    NO_VALUE.has(key.replace(/'$/, '')) || (DESCRIBING.test(text.toLowerCase()) && !/^\p{Lu}/u.test(text))
  )
}

function isEnough({ tokens, isOpen }: Spoken, readOut: ReadOut, { kind, leastDigits }: Expected): boolean {
  const { from, to, digits, letters, signs, mixed } = readOut
  const isCut = isOpen === true && to === tokens.length
  const isDigits = letters + signs + mixed === 0
  const read = tokens.slice(from, to)
  switch (kind) {
    case 'card':
      return isDigits && digits >= (isCut ? 2 : 4) && (isCut || mayBeginCard(digitsOf(read)))
    case 'iban':
      return isDigits ? digits >= 14 : isCut || digits + letters + mixed * 4 >= 8
    case 'plain-code':
      return (
        isDigits &&
        digits >= (isCut ? 1 : 4) &&
        digits <= 8 &&
        !/\b(?:mille|thousand)$/.test(read.at(-1)?.key ?? '')
      )
    case 'code':
      if (isDigits) return digits >= (isCut ? 1 : leastDigits) && digits <= 8
      return read.some(({ text, kind: written }) => written === 'digits' || /\d/.test(text)) || digits > 0
    case 'password':
      if (isDigits) return digits >= (isCut ? 1 : leastDigits)
      return read.some(isSecretToken) || letters + signs + mixed + Math.min(digits, 2) >= (isCut ? 1 : 2)
  }
}

const digitsOf = (tokens: readonly Token[]): string => {
  let digits = ''
  for (let at = 0; at < tokens.length;) {
    const [reading] = readingsAt(tokens, at)
    digits += reading?.digits ?? ''
    at = reading?.to ?? at + 1
  }
  return digits
}

/** A word or two with what is read out behind them: 'Soleil 2024', 'Soleil avec une majuscule, tiret, deux zéro'. */
function withDetails(spoken: Spoken, at: number, { takesWords }: Expected): Value | undefined {
  const { tokens } = spoken
  for (let words = 1; words <= 2; words++) {
    const token = tokens[at + words - 1]
    if (!token || token.kind !== 'word' || token.isElided || isNoValue(token)) return undefined
    if (words > 1 && token.afterPause) return undefined
    const next = tokens[at + words]
    if (!next || /[?!;]/.test(next.gap) || /^[^.]*\.\s*$/.test(next.gap)) return undefined
    const readOut = readOutFrom(spoken, at + words)
    if (!readOut) continue
    const behind = tokens[readOut.to]
    const isWhole = !behind || behind.afterPause || ENDS_CLAUSE.has(behind.key)
    if (readOut.digits < 4 && readOut.mixed + readOut.signs === 0 && !isWhole) return undefined
    const isExact = readOut.digits >= (next.afterPause ? 3 : 2) || readOut.mixed + readOut.signs > 0
    if (isExact && (takesWords || !next.afterPause || readOut.signs > 0)) return extended(spoken, { from: at, to: readOut.to }) // prettier-ignore
  }
  return undefined
}

/** A sign joins the next word: 'soleil tiret bleu tiret quarante-deux'. */
function extended(spoken: Spoken, value: Value): Value {
  const { tokens } = spoken
  const [last, word] = [tokens[value.to - 1], tokens[value.to]]
  if (!last || !word || !JOINING.test(last.key) || word.kind !== 'word' || word.isElided || isNoValue(word))
    return value
  if (/[.?!;]/.test(word.gap)) return value
  const rest = readOutFrom(spoken, value.to + 1)
  const next = tokens[value.to + 1]
  const isSame = rest && next && !/[.?!;]/.test(next.gap)
  return extended(spoken, { from: value.from, to: isSame ? rest.to : value.to + 1 })
}

/** Words that are passwords often enough to be one behind a plain 'est'. */
const COMMON =
  /^(?:admin|administrateur|administrator|azerty|qwerty|password|motdepasse|toto|test|root|guest|invite|welcome|bienvenue|bonjour|soleil)$/

/** Returns the words up to the end of the clause; a name in capitals alone. */
function plainWords({ tokens }: Spoken, at: number): Value | undefined {
  const first = tokens[at]
  if (!first || first.kind === 'digits' || first.isElided || !/\p{L}{3}/u.test(first.text)) return undefined
  let to = at + 1
  while (tokens[to] && !tokens[to]?.afterPause && !ENDS_CLAUSE.has(tokens[to]?.key ?? '')) to++
  if (GREETING.has(first.key) ? to - at < 3 : isNoValue(first)) return undefined
  const next = tokens[to]
  if (next && !next.afterPause && (next.key === 'qui' || next.key === 'que')) return undefined
  const isName = /^\p{Lu}/u.test(first.text) && at > 0 && !/[.?!]/.test(first.gap)
  if (isName) return { from: at, to: at + 1 }
  return to - at <= MOST_WORDS ? { from: at, to } : undefined
}

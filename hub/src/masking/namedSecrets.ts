import type { Spoken } from './conversation.ts'
import { isSecretToken, readOutFrom } from './readOut.ts'
import { namesIn, secretNames, type SecretName } from './secretNames.ts'
import { strongReadOut } from './strongReadOut.ts'
import { isCommon, valueAt, type Value } from './values.ts'

/** Between the name of a secret and the secret: a few words of the same clause, then one of these. */
const LINK =
  /(?:(?<![\p{L}\p{N}'])(?:c'est|c'etait|ce sera|est|etait|sera|is|was|will be|it's|it is|that's|[:=])|(?<=word|code|pin)'s|(?<![\p{L}\p{N}'])(?:devient|deviendra|j'ai mis|je mets|je tape|je fais|vous (?:tapez|mettez|faites)|tapez|mettez|composez|je vous l[ea] (?:dis|donne|dicte)|je vous (?:dis|donne|dicte)|going to be|would be|i (?:use|typed|set|put)|donne|reste))(?![\p{L}\p{N}'])[\s,:]*/gu
/** A new clause begins: its verb says nothing of the secret. */
const NEW_CLAUSE = /[.;!?…]|(?<![\p{L}\p{N}])(?:et|mais|donc|parce|car|quand|si|lorsque|alors que|and|but|because|so|when|if|since)(?![\p{L}\p{N}])/gu // prettier-ignore
/** People say these before the secret itself. */
const SKIPPED =
  /(?:(?:en fait|attendez|attends|euh|heu|alors|donc|je crois|je pense|voila|exactement|normalement|plutot|tout simplement|simplement|ok|actually|currently|now|just|i think|wait|um|uh|so|well)(?![\p{L}\p{N}'])[\s,.…:]*)*/uy
/** Behind these only digits, letters and signs are a secret, never ordinary words. */
const ARTICLE = /(?:(?:le|la|l'|les|the|toujours|bien|juste|encore|still|always|comme ca|du genre)(?![\p{L}\p{N}])[\s,:]*)+/uy // prettier-ignore
/** What may stand between the name and a secret that follows without a verb. */
const QUALIFIER =
  /[\s,:]*(?:(?:du wi-?fi|wi-?fi|bitlocker|windows|teamviewer|admin|administrateur|de session|session|actuel|provisoire|temporaire|suivant|visuel|euh|c'est|number|code)(?![\p{L}\p{N}'])[\s,:]*)*/uy
/** The secret came first: "4711, c'est mon code PIN", 'Camille84 comme mot de passe'. */
const NAMED_AFTER = /[\s,]*(?:c'est|c'etait|comme|en|est|is|was|as|that's|voila)\s+(?:(?:mon|le|la|ton|votre|notre|ma|my|the|your|our|a)\s+)?(?:nouveau |new )?$/u // prettier-ignore
/** "C'est 4821 le code PIN": the name follows without a verb. */
const OWNED = /\s+(?:mon|le|la|votre|notre|my|the)\s+$/u
const ANNOUNCES = /(?:donne|dicte|redonne|lis|epelle|donner|dicter|give you|read you) (?:le |votre |un |the |your |a )?(?:nouveau |new )?$/u // prettier-ignore
const ASKS_NAME = /(?:erreur|error|ticket|dossier|version|numero|poste)$/
/** A secret stands no further than this behind its name. */
const REACH = 110
const MOST_MIXED = 24

export interface NamedValue extends Value {
  readonly name: SecretName
}

const known = new WeakMap<Spoken, readonly NamedValue[]>()

/** Returns the secrets of an utterance that it names itself; an utterance is searched once, though it is asked for with each later one. */
export function namedSecrets(spoken: Spoken): readonly NamedValue[] {
  const found = known.get(spoken) ?? namedIn(spoken)
  known.set(spoken, found)
  return found
}

function namedIn(spoken: Spoken): readonly NamedValue[] {
  return namesIn(spoken).flatMap((name) => {
    const values = [
      behindLink(spoken, name) ?? directlyBehind(spoken, name) ?? inFront(spoken, name),
      ...looseTokens(spoken, name),
    ]
    return values.flatMap((value) => (value ? [{ ...value, name }] : []))
  })
}

/** Returns the secret's name where the utterance ends with "mon mot de passe c'est": the next words are the secret. */
export function openName(spoken: Spoken): SecretName | undefined {
  const { folded } = spoken
  const name = secretNames(folded).at(-1)
  if (!name || name.kind === 'plain-code') return undefined
  const rest = folded.slice(name.end)
  const link = [...rest.matchAll(LINK)].at(-1)
  if (!link) return undefined
  const end = afterSkipped(folded, name.end + link.index + link[0].length).at
  const isClause = clauseEnd(folded, name.end) >= name.end + link.index
  return isClause && /^[\s.,…:]*$/.test(folded.slice(end)) ? name : undefined
}

function behindLink(spoken: Spoken, name: SecretName): Value | undefined {
  if (name.kind === 'plain-code' && !isReadOut(spoken, name)) return undefined
  const { folded } = spoken
  const reach = folded.slice(name.end, Math.min(name.end + REACH, nextName(folded, name)))
  const clause = clauseEnd(folded, name.end)
  for (const [index, link] of [...reach.matchAll(LINK)].entries()) {
    if (name.end + link.index > clause) return undefined
    const { at, isExact } = afterSkipped(folded, name.end + link.index + link[0].length)
    const token = tokenAt(spoken, at)
    if (token === undefined) continue
    const onlyNames = /^(?:est|etait|sera|is|will be)/.test(link[0])
    const expected = { kind: name.kind, leastDigits: 3, onlyNames, takesWords: !isExact && index === 0 && /^(?:c'est|c'etait|ce sera|est|etait|sera|is|will be|it|that|[:=]|'s)/.test(link[0]) } // prettier-ignore
    const value = valueAt(spoken, token, expected)
    if (value && !isOrdinaryWord(spoken, value, name, link[0])) return value
  }
  return undefined
}

/** One word alone is seldom a password: only a common one is, or a name behind 'mon mot de passe'. */
function isOrdinaryWord(
  { tokens, folded, isOpen }: Spoken,
  { from, to }: Value,
  name: SecretName,
  link: string,
): boolean {
  const token = tokens[from]
  if (isOpen === true && to === tokens.length) return false
  if (!token || to - from > 1 || token.kind !== 'word' || isCommon(token) || /^[:=]/.test(link)) return false
  const isOwned = /(?<![\p{L}])(?:mon|ma|votre|ton|son|my|your|nouveau|new)[\s\p{L}]{0,20}$/u.test(folded.slice(0, name.start)) // prettier-ignore
  return !(isOwned && /^\p{Lu}/u.test(token.text))
}

/** 'mot de passe Soleil2024', 'code PIN quatre sept un un'. */
function directlyBehind(spoken: Spoken, name: SecretName): Value | undefined {
  if (name.kind === 'plain-code' && !isReadOut(spoken, name)) return undefined
  QUALIFIER.lastIndex = name.end
  QUALIFIER.test(spoken.folded)
  const token = tokenAt(spoken, QUALIFIER.lastIndex)
  if (token === undefined || /[.;!?…]/.test(spoken.folded.slice(name.end, QUALIFIER.lastIndex)))
    return undefined
  const leastDigits = name.kind === 'password' ? 4 : 3
  return valueAt(spoken, token, { kind: name.kind, leastDigits, takesWords: false })
}

/** 'Je vous dicte le code, 482 913': a code that is announced is no other code. */
const isReadOut = ({ folded }: Spoken, name: SecretName) => ANNOUNCES.test(folded.slice(0, name.start))

/** A word with digits in it, in a sentence about a password, is one: 'comme mot de passe vous mettez Cerise88'. */
function looseTokens(spoken: Spoken, name: SecretName): readonly Value[] {
  if (name.kind !== 'password') return []
  const { folded, tokens } = spoken
  const from = Math.max(...['.', '!', '?', ';'].map((mark) => folded.lastIndexOf(`${mark} `, name.start)), 0)
  const first = tokens.findIndex(({ start }) => start >= from)
  const values: Value[] = []
  for (let at = first; at >= 0 && at < tokens.length;) {
    const value = strongReadOut(spoken, at)
    if (!value) break
    values.push(value)
    at = value.to
  }
  return values
}

function inFront(spoken: Spoken, name: SecretName): Value | undefined {
  if (name.kind !== 'password' && name.kind !== 'code') return undefined
  const before = spoken.folded.slice(0, name.start)
  const joint = NAMED_AFTER.exec(before) ?? (/(?:c'est|it's) [^.!?]{2,40}$/.test(before) ? OWNED.exec(before) : null) // prettier-ignore
  if (!joint) return undefined
  const end = spoken.tokens.findIndex(({ start }) => start >= joint.index + joint[0].search(/[a-z]/))
  for (let from = Math.max(0, end - MOST_MIXED); from < end; from++) {
    const readOut = readOutFrom(spoken, from)
    if (readOut?.to !== end || ASKS_NAME.test(spoken.tokens[from - 1]?.key ?? '')) continue
    const { digits, letters, signs, mixed } = readOut
    const isDigits = letters + signs + mixed === 0
    if (isDigits ? digits >= 4 && digits <= 8 : letters + signs >= 2 || spoken.tokens.slice(from, end).some(isSecretToken)) return { from, to: end } // prettier-ignore
  }
  return undefined
}

function afterSkipped(folded: string, from: number): { readonly at: number; readonly isExact: boolean } {
  SKIPPED.lastIndex = from
  SKIPPED.test(folded)
  const skipped = SKIPPED.lastIndex
  ARTICLE.lastIndex = skipped
  const isExact = ARTICLE.test(folded)
  if (!isExact) return { at: skipped, isExact }
  SKIPPED.lastIndex = ARTICLE.lastIndex
  const behind = ARTICLE.lastIndex
  SKIPPED.test(folded)
  return { at: Math.max(behind, SKIPPED.lastIndex), isExact }
}

function clauseEnd(folded: string, from: number): number {
  NEW_CLAUSE.lastIndex = from
  return NEW_CLAUSE.exec(folded)?.index ?? folded.length
}

const nextName = (folded: string, name: SecretName): number =>
  secretNames(folded).find(({ start }) => start > name.start)?.start ?? folded.length

/** Returns the token that begins at the offset, or behind blanks and marks of quotation. */
function tokenAt({ tokens, folded }: Spoken, offset: number): number | undefined {
  const at = tokens.findIndex(({ start }) => start >= offset)
  const token = tokens[at]
  return token && /^[\s"'«“”:,.…]*$/.test(folded.slice(offset, token.start)) ? at : undefined
}

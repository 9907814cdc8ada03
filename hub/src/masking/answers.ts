import { isConfirmation, isFiller, MASK, type Span, type Spoken } from './conversation.ts'
import { namedSecrets, openName } from './namedSecrets.ts'
import { isSecretToken, readOutFrom } from './readOut.ts'
import { strongReadOut } from './strongReadOut.ts'
import { requestAt, type Request } from './requests.ts'
import { namesIn, type SecretKind } from './secretNames.ts'
import { fold } from './tokens.ts'
import { isNumeric } from './spokenNumbers.ts'
import { isNoValue, valueAt, type Value } from './values.ts'

/** Words in front of an answer. */
const OPENING =
  /^[\s,.…]*(?:(?:oui|ouais|ah|alors|euh|heu|donc|bien sur|voila|d'accord|c'est|c'etait|attendez|attends|ben|bah|bon|le|la|l'|je (?:tape|mets|crois|crois que|pense|pense que|dirais|vous (?:le )?(?:donne|dis|lis))|il me semble|de memoire|ca (?:doit|devrait) etre|normalement|je regarde|je l'ai sous les yeux|sous les yeux|facile|tout simplement|tres bien|pas de souci|pas de probleme|avec plaisir|evidemment|celui-la|j'ai mis|j'utilise|je l'ai|il me dit|ca dit|c'est le|tenez|la c'est|yes|yeah|sure|it's|it is|it was|it says|that's|is|the|okay|ok|um|uh|well|so|i (?:type|typed|use|put|used)|i'm using|i've used|i set|here it is|of course|en fait|exactement|normalement)(?![\p{L}\p{N}'])[\s,.:…]*)*/u
/** Behind one of these, anywhere in the answer, comes what was asked for. */
const LINKED = /(?<![\p{L}\p{N}'])(?:c'est|it's|it is|that's|:)(?![\p{L}\p{N}'])[\s,:]*(?:(?:le|la|l'|the|toujours|still|bien)(?![\p{L}\p{N}])\s*)*/gu // prettier-ignore
/** 'L'identifiant c'est 1 234 567': the answer names something else first. */
const OTHER_SUBJECT =
  /(?:identifiant|login|erreur|version|dossier|extension|utilisateur|nom|adresse|numero|id|user(?:name)?|number|poste|ticket)[\s,]*$/u
/** The answer itself ends the request; before it the speaker may confirm or ask to wait this often. */
const MOST_CONFIRMATIONS = 2
/** An answer comes within so many utterances, and is read out over no more. */
const REACH = 7
/** A mention asks for nothing: what is read out must follow at once. */
const MENTION_REACH = 4
const GO_AHEAD = /(?<![\p{L}\p{N}])(?:allez[- ]y|vas[- ]y|je (?:note|vous ecoute|t'ecoute|suis pret|suis prete)|j'ecris|j'ecoute|go ahead|ready|i'm listening|dites)(?![\p{L}\p{N}])/u // prettier-ignore

/** Returns the passwords and codes of a conversation: named, asked for, announced, and read out over several utterances. */
export function secretSpans(conversation: readonly Spoken[]): readonly Span[] {
  const spans: Span[] = []
  const add = (utterance: number, { from, to }: Value) => {
    const one = conversation[utterance]
    if (!one) return
    const end = one.tokens[to - 1]?.end ?? 0
    // 'Toto123! comme mot de passe': in the middle of a sentence the sign belongs to the password.
    const sign = /^[!*#$%&+=]+(?=\s+[a-z])/.exec(one.folded.slice(end))?.[0].length ?? 0
    spans.push({ utterance, start: one.tokens[from]?.start ?? 0, end: end + sign })
  }
  if (!conversation.some((one) => namesIn(one).length > 0)) return []
  for (const [index, one] of conversation.entries()) {
    const named = namedSecrets(one)
    for (const value of named) {
      add(index, value)
      if (value.to === one.tokens.length) for (const [at, more] of continuation(conversation, index, value.name.kind)) add(at, more) // prettier-ignore
    }
    const open = named.length === 0 ? openName(one) : undefined
    const request = open ? { kind: open.kind, isOwn: true, takesWords: true } : requestAt(conversation, index)
    const name = named.length === 0 && !request ? namesIn(one).at(-1) : undefined
    const answer = request ? answerTo(conversation, index, request, open !== undefined) : name && mentioned(conversation, index, name.kind) // prettier-ignore
    const kind = request?.kind ?? name?.kind
    if (!answer || !kind || isEndOfNumber(conversation[answer.utterance], answer.value)) continue
    add(answer.utterance, answer.value)
    if (answer.value.to === conversation[answer.utterance]?.tokens.length)
      for (const [at, more] of continuation(conversation, answer.utterance, kind)) add(at, more)
  }
  return spans
}

/** '22631.4317': a version's or an amount's end is no code of its own. */
function isEndOfNumber(one: Spoken | undefined, { from }: Value): boolean {
  return one !== undefined && /\d[.,]$/.test(one.folded.slice(0, one.tokens[from]?.start ?? 0))
}

interface Answer {
  readonly utterance: number
  readonly value: Value
}

function answerTo(
  conversation: readonly Spoken[],
  index: number,
  { kind, isOwn, takesWords }: Request,
  isOpen: boolean,
): Answer | undefined {
  const asking = conversation[index]
  let confirmations = 0
  let isInvited = isOpen
  for (let at = index + 1; at < Math.min(conversation.length, index + REACH); at++) {
    const one = conversation[at]
    if (!one || !asking) return undefined
    const isAnswering = (one.channel === asking.channel) === isOwn
    if (!isAnswering) {
      if (!isConfirmation(one) && requestAt(conversation, at)?.kind !== kind) return undefined
      isInvited ||= GO_AHEAD.test(one.folded)
      continue
    }
    if (one.text.includes(MASK) || namedSecrets(one).length > 0) return undefined
    const value = isOwn ? announcedValue(one, kind, isInvited, isOpen) : answerValue(one, kind, takesWords)
    if (value) return { utterance: at, value }
    confirmations += 1
    if (!isConfirmation(one) && !isWaiting(one)) return undefined
    if (confirmations > MOST_CONFIRMATIONS) return undefined
  }
  return undefined
}

const isWaiting = ({ folded, tokens }: Spoken) =>
  /(?<![\p{L}])(?:attend|cherche|regarde|seconde|minute|instant|ouvre|voir|wait|hold on|moment|second|let me|looking)/u.test(folded) && tokens.length <= 14 // prettier-ignore

function answerValue(one: Spoken, kind: SecretKind, mayTakeWords: boolean): Value | undefined {
  const opening = OPENING.exec(one.folded)?.[0].length ?? 0
  const first = one.tokens.findIndex(({ start }) => start >= opening)
  const isQuestion = /\?\s*$/.test(one.text) && !/\d/.test(one.text)
  const isNamed = /(?:c'est|it's|it is|that's|j'ai mis|je tape|je mets)[\s,]*$/.test(
    one.folded.slice(0, opening),
  )
  const takesWords = (mayTakeWords || isNamed) && !isQuestion && isShortAnswer(one, first)
  // The opening may have taken the first word of what was read out ('l', 'a'): both beginnings are tried.
  for (const at of first < 0 ? [] : [first]) {
    const value = valueAt(one, at, { kind, leastDigits: 3, takesWords })
    if (value) return value
  }
  for (const link of one.folded.matchAll(LINKED)) {
    if (OTHER_SUBJECT.test(one.folded.slice(0, link.index))) continue
    const at = one.tokens.findIndex(({ start }) => start >= link.index + link[0].length)
    const value = at < 0 ? undefined : valueAt(one, at, { kind, leastDigits: 4, takesWords: false })
    if (value) return value
  }
  return digitClause(one, kind) ?? (kind === 'password' ? strongReadOut(one, 0) : undefined)
}

/**
 * A secret that was named in one of the last utterances, without a request that anybody would recognize: only what is nothing
 * but read out, with letters and digits or signs for a password, is the secret then.
 */
function mentioned(conversation: readonly Spoken[], index: number, kind: SecretKind): Answer | undefined {
  if (kind !== 'password' && kind !== 'code') return undefined
  const asked = conversation[index]?.text.split(/(?<=[.!?])\s/u).at(-1) ?? ''
  if (
    asked.includes('?') &&
    fold(asked)
      .split(/[^\p{L}]+/u)
      .some((word) => ANOTHER.test(word))
  )
    return undefined
  for (let at = index + 1; at < Math.min(conversation.length, index + MENTION_REACH); at++) {
    const one = conversation[at]
    if (!one || one.text.includes(MASK) || namedSecrets(one).length > 0) return undefined
    if (one.text.includes('?') && one.tokens.some(({ key }) => ANOTHER.test(key))) return undefined
    const opening = OPENING.exec(one.folded)?.[0].length ?? 0
    const first = one.tokens.findIndex((token) => token.start >= opening)
    const value = first < 0 ? undefined : valueAt(one, first, { kind, leastDigits: 4, takesWords: false })
    const read = value && readOutFrom(one, value.from)
    const isWhole =
      value && one.tokens.slice(value.to).every((token) => isFiller(token) || CLOSING.has(token.key))
    const isStrong = kind === 'code' ? conversation[index]?.channel !== one.channel : one.tokens.some(isSecretToken) || (read !== undefined && read.digits + read.signs > 0 && read.letters + read.signs > 2) // prettier-ignore
    if (value && isWhole && isStrong) return { utterance: at, value }
  }
  return undefined
}

/** Digits that stand between two pauses are the answer to a request for digits: 'Je l'ai noté là, 4711, voilà.' */
function digitClause(one: Spoken, kind: SecretKind): Value | undefined {
  if (kind === 'card' || kind === 'iban') return undefined
  for (const [at, token] of one.tokens.entries()) {
    const isLetters = kind === 'password' && /^\p{L}$/u.test(token.text)
    if (!token.afterPause || !(isNumeric(token) || isLetters) || OTHER_SUBJECT.test(one.folded.slice(0, token.start).replace(/[\s,:]+$/, ''))) continue // prettier-ignore
    const value = valueAt(one, at, { kind, leastDigits: 4, takesWords: false })
    const behind = value && one.tokens[value.to]
    if (value && (!behind || behind.afterPause)) return value
  }
  return undefined
}

/** Ordinary words are an answer only when they are few and say nothing else. */
function isShortAnswer({ tokens, text }: Spoken, first: number): boolean {
  const rest = tokens.slice(first)
  const sentence = rest.findIndex(({ gap }, index) => index > 0 && /[.!?;]/.test(gap))
  const words = sentence < 0 ? rest : rest.slice(0, sentence)
  return !/\?/.test(text) && words.length > 0 && words.length <= 5 && !words.some((word, index) => word.isElided || (index > 0 && isNoValue(word) && !/^(?:le|la|les|de|du|the)$/.test(word.key))) // prettier-ignore
}

/** What somebody announced is read out; a single word counts when the other side said to go ahead. */
function announcedValue(
  one: Spoken,
  kind: SecretKind,
  isInvited: boolean,
  isOpen: boolean,
): Value | undefined {
  const opening = OPENING.exec(one.folded)?.[0].length ?? 0
  const first = one.tokens.findIndex(({ start }) => start >= opening)
  if (first < 0) return undefined
  const takesWords = (isInvited || isOpen) && isShortAnswer(one, first)
  const value = valueAt(one, first, { kind, leastDigits: 4, takesWords })
  return value ?? (kind === 'password' ? strongReadOut(one, 0) : undefined)
}

/** The other side asks for the rest: 'et ensuite ?', 'majuscule ?'. */
const leadsOn = ({ tokens, text }: Spoken): boolean => tokens.length <= (text.includes('?') ? 4 : 8) && !tokens.some(({ key }) => ANOTHER.test(key)) // prettier-ignore
const ANOTHER =
  /^(?:identifiant|username|user|login|utilisateur|mail|email|laquelle|account|numero|telephone|nom|ticket|dossier|poste|client|version|adresse|number|phone|name|extension|date|combien|quel|quelle|what|which)$/
const LEADING = new Set('et puis ensuite apres enfin finalement alors donc la fin suite le les dernier derniers derniere dernieres then and next finally'.split(' ')) // prettier-ignore
const CLOSING = new Set("voila c' est tout fini merci that's it all done ok".split(' '))

/** Returns what the same side goes on to read out: utterances that are nothing but letters, digits and signs. */
function continuation(
  conversation: readonly Spoken[],
  from: number,
  kind: SecretKind,
): readonly (readonly [number, Value])[] {
  const parts: (readonly [number, Value])[] = []
  const channel = conversation[from]?.channel
  for (let at = from + 1; at < Math.min(conversation.length, from + REACH); at++) {
    const one = conversation[at]
    if (!one) break
    if (one.channel !== channel) {
      if (!isConfirmation(one) && !leadsOn(one)) break
      continue
    }
    const opening = OPENING.exec(one.folded)?.[0].length ?? 0
    const first = one.tokens.findIndex((token) => token.start >= opening && !LEADING.has(token.key))
    const readOut = first < 0 ? undefined : readOutFrom(one, first)
    const isWhole = readOut && one.tokens.slice(readOut.to).every((token) => isFiller(token) || CLOSING.has(token.key)) // prettier-ignore
    if (!readOut || !isWhole || (kind === 'plain-code' && readOut.letters > 0)) break
    parts.push([at, readOut])
  }
  return parts
}

import { isCardNumber, isSiret, MOST_CARD_DIGITS, mayBeginCard } from './checkDigits.ts'
import { isFiller, nextPosition, spansOf, streamOf, type Range,
  type Skipped, type Proven, type Span, type Spoken, type Stream } from './conversation.ts' // prettier-ignore
import { isNumeric, readingsAt } from './spokenNumbers.ts'

const NAMED =
  /\b(?:carte (?:bancaire|bleue|visa|de (?:credit|debit|paiement)|mastercard)|numero de (?:la |ma |sa |votre |cette )?carte|(?:credit|debit|payment|bank) card|card number|visa|mastercard|american express|amex|bancontact|maestro|cb)\b/
/** Numbers that have as many digits as a card, and a check digit of their own, or one by chance. */
const ORDINARY = new Set('serie series ticket tickets poste postes siret siren imei iccid commande commandes facture factures dossier dossiers client clients contrat contrats colis suivi reference references ref licence licences produit extension extensions order orders invoice invoices tracking serial barcode barres barre ean gtin sim modele lot badge fidelite mutuelle vitale license account ticketnumber cas case asset inventaire'.split(' ')) // prettier-ignore
/** Of these the other side may ask for the number itself. */
const ASKED_FOR = new Set('serie siret siren imei iccid sim suivi colis tracking serial licence license produit ean barres'.split(' ')) // prettier-ignore
const UNIT =
  /^(?:euros?|eur|francs?|chf|dollars?|livres?|pounds?|go|mo|ko|to|gb|mb|kb|tb|octets?|gigas?|megas?|gigaoctets?|megaoctets?|utilisateurs?|postes?|fois|times|lignes?|pages?|km|kg|volts?|watts?)$/
const EXPIRY = /^(?:expir\w*|validite|valable|valide|valid|until|date|fin|echeance|exp|expiry)$/
const CODE =
  /^(?:chiffres?|digits?|code|cvv2?|cvc2?|cryptogramme|securite|security|dos|derriere|back|verification|verso)$/
const MONTH =
  /^(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|january|february|march|april|may|june|july|august|september|october|november|december)$/
/** What may be read out behind a card in the same breath: the date of expiry, the code of the back, or both. */
const TAIL = /^(?:(?:0?[1-9]|1[0-2])(?:20)?[2-4]\d)?(?:\d{3,4})?$/
/** The other side asks for another number. */
const OTHER_NUMBER = /^(?:telephone|portable|phone|rappeler|rappelle|call|postal|zip|montant|amount|combien)$/
/** Steps of the search from one beginning: a long text of digits stays quick. */
const MOST_STEPS = 2_000
/** Back to where a number's name is searched for. */
const LABEL_WORDS = 7
/** Behind so many digits of a card only its last group is missing. */
const LAST_GROUP_FROM = 12
/** From here on a partial's digits are withheld until they are proven or refuted. */
const WITHHELD_DIGITS = 8

/** Digits of a card in its reading, with the words that say them. */
interface Group extends Range {
  readonly digits: string
}

interface Card {
  readonly ranges: readonly Range[]
  readonly to: number
  /** Empty: more digits may follow, and nothing is proven yet. */
  readonly characters: string
}

/** Returns the payment cards of one side with their dates of expiry and codes. */
export function cardsIn(conversation: readonly Spoken[], channel: Spoken['channel']): readonly Proven[] {
  const stream = streamOf(conversation, channel)
  const isNamed = conversation.some(({ folded }) => NAMED.test(folded))
  const found: Proven[] = []
  for (let at = 0; at < stream.tokens.length; at++) {
    const card = isBeginning(stream, at) ? cardAt(conversation, stream, at, isNamed) : undefined
    if (!card) continue
    const details = card.characters === '' ? [] : detailsBehind(conversation, stream, card.to)
    found.push({
      spans: [...spansOf(stream, card.ranges), ...details],
      characters: card.characters,
    })
    at = card.to - 1
  }
  return found
}

/** A card begins where digits begin; in the middle of digits only with a written group of four, or as one long number. */
function isBeginning(stream: Stream, at: number): boolean {
  const { tokens } = stream
  const token = tokens[at]
  if (!isNumeric(token) || token === undefined) return false
  const before = digitsBefore(stream, at)
  if (before === 0) return true
  if (token.kind === 'digits' && token.text.length >= 13) return true
  const isGroup = token.kind === 'digits' && token.text.length === 4 && tokens[at - 1]?.text.length !== 4
  return isGroup || (token.afterPause && before <= 2)
}

/** Returns how many digits stand before the token in the same run, more or less: words of numbers count one. */
function digitsBefore(stream: Stream, at: number): number {
  let digits = 0
  for (let before = at - 1; before >= 0 && !stream.breaks.has(before + 1); before--) {
    const token = stream.tokens[before]
    if (!token || !(isNumeric(token) || isFiller(token))) break
    if (isNumeric(token)) digits += token.kind === 'digits' ? token.text.length : 1
  }
  return digits
}

function cardAt(
  conversation: readonly Spoken[],
  stream: Stream,
  from: number,
  isNamed: boolean,
): Card | undefined {
  if (!isNamed && isLabeled(conversation, stream, from)) return undefined
  let steps = 0
  let best: Card | undefined
  /** Of two readings the one that leaves fewer words behind it counts: 'soixante seize' may be 76, or 60 and 16. */
  const found = (card: Card) => {
    if (!best || card.to > best.to) best = card
  }
  const search = (at: number, digits: string, groups: readonly Group[]): void => {
    if (digits.length > MOST_CARD_DIGITS || (steps += 1) > MOST_STEPS) return
    if (digits.length >= 4 && !mayBeginCard(digits)) return
    const isOrdinary = !isNamed && (isWrittenSiret(digits, groups) || isList(groups))
    const to = isCardNumber(digits) && !isOrdinary ? endBehind(stream, at, isNamed) : undefined
    if (to !== undefined) found({ ranges: [...groups, { from: at, to }], to, characters: digits })
    const isWithheld = stream.isOpen && digits.length >= WITHHELD_DIGITS && at === stream.tokens.length
    if (isWithheld && !isList(groups)) found({ ranges: groups, to: at, characters: '' })
    const next = digits === '' ? from : nextPosition(stream, at, skippedBehind(digits))
    if (next === undefined) return
    for (const reading of readingsAt(stream.tokens, next))
      search(reading.to, digits + reading.digits, [...groups, { from: next, ...reading }])
  }
  search(from, '', [])
  return best
}

/** Between groups of four any words may stand, but no noun of another number. */
function skippedBehind(digits: string): Skipped {
  const isGroup = digits.length % 4 === 0 || (/^3[47]/.test(digits) && digits.length === 10)
  const joins = digits.length >= LAST_GROUP_FROM
  return isGroup ? { joins, words: ({ key }) => !(ORDINARY.has(key) || UNIT.test(key) || OTHER_NUMBER.test(key)) } : { joins } // prettier-ignore
}

/** '383 474 814 00054': written so, a number of fourteen digits is a company's. */
const isWrittenSiret = (digits: string, groups: readonly Group[]): boolean =>
  isSiret(digits) && groups.map((group) => group.digits.length).join() === '3,3,3,5'

/** 'Les tickets 4512, 4513, 4514, 4515' are numbers that follow each other. */
function isList(groups: readonly Group[]): boolean {
  const numbers = groups.map(({ digits }) => Number(digits))
  if (numbers.length < 3 || groups.some(({ digits }) => digits.length < 3)) return false
  const [first, ...others] = numbers
  const isOne = others.every((value) => value === first)
  return !isOne && others.every((value, index) => Math.abs(value - (numbers[index] ?? 0)) <= 10)
}

/** The same utterance names the number ('ticket 4512 …'), or the other side has just asked for it ('le numéro de série ?'). */
function isLabeled(conversation: readonly Spoken[], { tokens, utterances }: Stream, at: number): boolean {
  const from = Math.max(0, at - LABEL_WORDS)
  const words = tokens.slice(from, at).filter((_, index) => utterances[from + index] === utterances[at])
  if (words.some(({ key }) => ORDINARY.has(key))) return true
  const before = conversation[(utterances[at] ?? 0) - 1]
  return before?.tokens.some(({ key }) => ASKED_FOR.has(key)) === true && /\?|numero|number|faut|need/.test(before.folded) // prettier-ignore
}

/** Returns where the card and what is read out directly behind it end; undefined where the digits go on as something else. */
function endBehind(stream: Stream, to: number, isNamed: boolean): number | undefined {
  const { tokens, utterances } = stream
  const isSameBreath = (at: number) =>
    tokens[at] !== undefined && utterances[at] === utterances[to - 1] && !tokens[at].afterPause
  if (isSameBreath(to) && UNIT.test(tokens[to]?.key ?? '')) return undefined
  let end = to
  let tail = ''
  while (isSameBreath(end)) {
    const [reading] = readingsAt(tokens, end)
    if (!reading) break
    tail += reading.digits.padStart(2, reading.digits === '0' ? '' : '0')
    end = reading.to
  }
  const plain = tokens.slice(to, end).every(({ kind }) => kind === 'digits')
    ? tokens
        .slice(to, end)
        .map(({ text }) => text)
        .join('')
    : tail
  return TAIL.test(plain) || TAIL.test(tail) || isNamed ? end : undefined
}

/** Returns the date of expiry and the code of the back that follow in the same utterance or the next ones. */
function detailsBehind(conversation: readonly Spoken[], stream: Stream, from: number): readonly Span[] {
  const { tokens, utterances } = stream
  const first = utterances[from - 1] ?? 0
  const spans: Span[] = []
  let namedAt = -Infinity
  /** Nothing but digits since the card: 'le 4970 …, 09/27, 318'. */
  let isDirect = true
  for (let at = from; at < tokens.length; at++) {
    const [token, utterance] = [tokens[at], utterances[at] ?? 0]
    if (!token || utterance > first + 6) break
    if (utterances[at - 1] !== utterance && isAskedFor(conversation, utterance, first)) namedAt = at
    if (EXPIRY.test(token.key) || CODE.test(token.key)) namedAt = at
    if (at > from && utterances[at - 1] === utterance && !isFiller(token) && !isNumeric(token))
      isDirect = false
    if (!(isNumeric(token) || MONTH.test(token.key))) continue
    let end = at
    while (utterances[end] === utterance && isDetail(tokens, end)) end++
    const isExpected = at - namedAt <= 8 || isDirect || isExpiry(tokens, at, end)
    const isCount = /^(?:chiffres?|digits?)$/.test(tokens[end]?.key ?? '')
    if (isExpected && !isCount) spans.push(...spansOf(stream, [{ from: at, to: end }]))
    at = end - 1
  }
  return spans
}

/** A part of a date: a number, a month, or the stroke between two numbers. */
const isDetail = (tokens: Stream['tokens'], at: number): boolean =>
  isNumeric(tokens[at]) ||
  MONTH.test(tokens[at]?.key ?? '') ||
  (/^(?:barre|slash|sur|de|tiret|point|dash)$/.test(tokens[at]?.key ?? '') && isNumeric(tokens[at + 1]))

/** '09 28' and 'zéro neuf vingt-huit' are a month and a year in which a card may expire. */
function isExpiry(tokens: Stream['tokens'], from: number, to: number): boolean {
  let digits = ''
  for (let at = from; at < to;) {
    const [reading] = readingsAt(tokens, at)
    digits += reading?.digits ?? ''
    at = reading?.to ?? at + 1
  }
  return /^(?:0?[1-9]|1[0-2])(?:20)?(?:2[4-9]|3\d)$/.test(digits)
}

/** The other side asks for the date or the code, or only confirms and the digits go on by themselves. */
function isAskedFor(conversation: readonly Spoken[], utterance: number, card: number): boolean {
  const one = conversation[utterance]
  if (!one || utterance === card) return false
  const before = conversation[utterance - 1]
  if (before?.tokens.some(({ key }) => EXPIRY.test(key) || CODE.test(key))) return true
  const isOther = before?.tokens.some(({ key }) => ORDINARY.has(key) || OTHER_NUMBER.test(key)) === true
  return !isOther && one.tokens.every((token) => isNumeric(token) || isFiller(token)) && utterance <= card + 4
}

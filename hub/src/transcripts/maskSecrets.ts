import { tokensOf, type Token } from './spokenTokens.ts'

const MASK = '•••'
/** Digits as engines write them: at least twelve in a row, with blanks, dots or dashes between them. */
const LONG_NUMBER = /\d(?:[ .\-\u00a0]?\d){11,18}/g
/** An account number: country, two check digits, groups. Engines get digits wrong, so the check sum is not verified. */
const IBAN = /\b(?:FR|BE|CH|LU|DE|ES|IT|NL|GB|IE|PT|AT|MC)[ -]?\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Z0-9])/giu
/** These words name a secret, in French and English. */
const TRIGGER =
  /(?<![\p{L}\p{N}])(?:mots? de passe|mdp|code (?:pin|secret|confidentiel|d['’]accès|de sécurité|de vérification|de confirmation|de validation|de déverrouillage|de récupération|de la carte|wifi|wi-fi)|cryptogramme|clé (?:wifi|wi-fi|de récupération)|phrase secrète|password|passcode|passphrase|pin(?: code)?|security code|access code|verification code|recovery key)(?![\p{L}\p{N}])/iu
/** Between the name of a secret and the secret: a few words, then one of these. */
const LINK =
  /^(?:[^.;!?…:]{0,40}?\s|\s*,\s*)?(?:c['’]est|c['’]était|est|était|sera|is|was|will be|it['’]s)(?![\p{L}\p{N}'’])[\s,:]*|^\s*[:=]\s*/iu
/** The secret is read out directly after its name: "code PIN 4 7 1 1", "mot de passe Soleil2024". */
const DIRECT = /^[\s,:]*/u
/** The next word describes the secret, and is not the secret: "mon mot de passe est expiré". */
const NO_SECRET = new Set(
  'expiré expirée refusé refusée incorrect incorrecte faux bon bonne bien mauvais bloqué perdu oublié changé périmé invalide erroné obligatoire demandé demandée nécessaire verrouillé enregistré correct différent le la les un une le même toujours trop pas plus encore déjà celui celle dans sur à au en pour ce mon ma votre son quoi lequel où quand comme ça ne n’est depuis depuis qui que je j’ai vous il elle on nous très impossible expired wrong incorrect invalid not refused rejected required the a an too still already locked lost forgotten what where my your on in to for needed changed being asked correct different same'.split(' '), // prettier-ignore
)
/** An answer that begins with one of these words gives no secret. */
const NO_ANSWER = new Set("je j'ai j’ai pourquoi attendez attends non aucune aucun quel lequel comment i i've no why wait which what sorry pardon désolé désolée".split(' ')) // prettier-ignore
const ANSWER_OPENING =
  /^\s*(?:(?:oui|alors|euh|donc|bien sûr|voilà|d['’]accord|c['’]est|yes|sure|it['’]s|it is|okay|ok)[\s,.:]+)+/iu

const MOST_TOKENS = 24
/** A secret reaches no further than this many characters after its name: keeps long texts quick. */
const REACH = 400
/** Most words that are not read out letter by letter: a password of several words. */
const MOST_WORDS = 4
/** More digits than any telephone number has. */
const CARD_DIGITS = 13
/** Read out in the same breath as "carte", fewer suffice: engines drop some. */
const NAMED_CARD_DIGITS = 8
const CARD =
  /(?<![\p{L}\p{N}])(?:carte (?:bancaire|bleue|de crédit)|numéro de (?:la |ma |votre )?carte|iban|rib|credit card|card number)(?![\p{L}\p{N}])/iu

/**
 * Returns the text with card and account numbers, spoken passwords and codes masked: they reach no wallboard, ticket or
 * database. A secret spoken before the word that names it, or over several utterances, is not recognized: for that there is the
 * pause key.
 */
export function maskSecrets(text: string): string {
  const withoutNumbers = text
    .replace(IBAN, MASK)
    .replace(LONG_NUMBER, (digits) => (hasCardCheckDigit(digits.replace(/\D/g, '')) ? MASK : digits))
  return maskNamed(maskReadOut(withoutNumbers))
}

/** Returns whether this sentence asks for a secret: then the other side's next words are the secret. */
export function asksForSecret(text: string): boolean {
  const last = text.split(/(?<=[.!?…])\s+/).at(-1) ?? ''
  const named = TRIGGER.test(last)
  return named && /^(?:quel|quelle|c['’]est quoi|what|(?:et |alors )?(?:pouvez|pourriez|puis|donnez|dites|épelez|can|could|tell|spell|give)|votre|your)/iu.test(last.trim()) // prettier-ignore
}

/** Returns the answer to a question for a secret, masked from its first meaningful word on. */
export function maskAnswer(text: string): string {
  const from = ANSWER_OPENING.exec(text)?.[0].length ?? 0
  const [first] = tokensOf(text.slice(from))
  if (!first || NO_ANSWER.has(first.text.toLowerCase()) || NO_SECRET.has(first.text.toLowerCase())) return maskSecrets(text) // prettier-ignore
  return maskSecrets(text.slice(0, from) + maskFirst(text.slice(from)))
}

/** Returns whether the digits pass Luhn's check, as every payment card number does. */
export function hasCardCheckDigit(digits: string): boolean {
  if (digits.length < 12 || digits.length > 19) return false
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index])
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Masks long numbers that are read out in words: "quarante-neuf soixante-dix zéro un …". */
function maskReadOut(text: string): string {
  const least = CARD.test(text) ? NAMED_CARD_DIGITS : CARD_DIGITS
  const runs: Token[][] = []
  for (const token of tokensOf(text)) {
    const run = runs.at(-1)
    if (run && token.digits !== undefined) run.push(token)
    else if (token.digits !== undefined) runs.push([token])
    else if (run && run.length > 0) runs.push([])
  }
  let masked = text
  for (const run of runs.reverse()) {
    const [first, last] = [run[0], run.at(-1)]
    const isDigitsOnly = run.every(({ text: word }) => /^\d/.test(word)) // numbers in digits were checked by their check digit
    const digits = run.reduce((sum, token) => sum + (token.digits ?? 0), 0)
    if (!first || !last || digits < least || (isDigitsOnly && least === CARD_DIGITS)) continue
    masked = masked.slice(0, first.at) + MASK + masked.slice(last.at + last.text.length)
  }
  return masked
}

/** Masks every secret that is named in the text. */
function maskNamed(text: string): string {
  let masked = ''
  let rest = text
  for (;;) {
    const named = TRIGGER.exec(rest)
    if (!named) return masked + rest
    const end = named.index + named[0].length
    masked += rest.slice(0, end)
    rest = rest.slice(end)
    const link = LINK.exec(rest.slice(0, REACH))?.[0]
    if (link !== undefined && isSecret(rest.slice(link.length))) {
      masked += link
      rest = maskFirst(rest.slice(link.length))
      continue
    }
    const direct = DIRECT.exec(rest)?.[0] ?? ''
    const [first] = tokensOf(rest.slice(direct.length, direct.length + REACH))
    const startsAtOnce = first?.at === 0 && (first.isReadOut || /\d/.test(first.text))
    if (startsAtOnce && isSecret(rest.slice(direct.length)) && first.text.toLowerCase() !== 'et') {
      masked += direct
      rest = maskFirst(rest.slice(direct.length))
    }
  }
}

function isSecret(text: string): boolean {
  const [first] = tokensOf(text.slice(0, REACH))
  return first !== undefined && !text.startsWith(MASK) && !NO_SECRET.has(first.text.toLowerCase())
}

/** Masks the words read out at the beginning of the text: over pauses while they go on letter by letter or in numbers. */
function maskFirst(text: string): string {
  const tokens = tokensOf(text.slice(0, REACH)).slice(0, MOST_TOKENS)
  let words = 0
  let end = 0
  for (const [index, token] of tokens.entries()) {
    if (!token.isReadOut) words += 1
    const goesOn = index === 0 || token.isReadOut || (!token.afterPause && words <= MOST_WORDS)
    if (!goesOn) break
    end = token.at + token.text.length
  }
  return end === 0 ? text : `${MASK}${text.slice(end)}`
}

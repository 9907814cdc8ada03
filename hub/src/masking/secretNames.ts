import type { Spoken } from './conversation.ts'

/**
 * - password: words, letters, digits and signs
 * - code: named as secret, three to eight digits, or letters and digits
 * - plain-code: 'code' alone, a secret only as the answer of four to eight digits to a request
 * - card, iban: their digits, also where an engine lost some of them or the sentence ends before they do
 */
export type SecretKind = 'password' | 'code' | 'plain-code' | 'card' | 'iban'

export interface SecretName {
  readonly kind: SecretKind
  readonly start: number
  readonly end: number
}

const PASSWORD =
  'mots? de passes?|mots? passe|mode de passe|cles? (?:reseau|internet|de la box)|mots? secrets?|pass(?= (?:du|de))|mdp|pass ?words?|pass ?code|pass ?phrase|phrase (?:secrete|de passe)|cles? (?:wi-?fi|wpa2?|du wi-?fi|de recuperation|de chiffrement|bitlocker|de securite)|(?:recovery|wi-?fi|encryption|security|bitlocker) key|codes? (?:du )?wi-?fi'
/** How people name a code that is a secret, behind the word 'code'. */
const SECRET_CODE = [
  'pin|puk|nip|tan|vocal|systeme|maitre|admin|administrateur|bancaire|carte|alarme|portail|porte|coffre|telephone|securite|verification|validation|confirmation|parental|otp|mfa|2fa|itsme|digipass|sms|whatsapp|authenticator|parental|secret|confidentiel|personnel',
  "d'(?:acces|entree|ouverture|authentification|identification|alarme|urgence)|d'authentification forte",
  'de (?:la )?(?:securite|verification|confirmation|validation|deverrouillage|verrouillage|recuperation|secours|connexion|double authentification|carte|porte|box|salle|salle serveurs?|salle informatique|baie|banque|messagerie|messagerie vocale|boite vocale|boite a cles?|cave|grille|serrure|barriere|tablette|session)',
  'de (?:ma|votre|sa|ta) (?:carte|porte|alarme|session|tablette|boite)',
  'du (?:portail|repondeur|boitier|sas|hall|tableau|local|verrouillage|volet|rideau|terminal|tpe|smartphone|mobile|natel|gsm|wallet|badge|pc|poste|ordinateur|lecteur|digipass|portillon|coffre(?:-fort)?|telephone|portable|digicode|cadenas|batiment|garage|parking|local|verrou|boitier)',
  "de l'(?:alarme|immeuble|entree|ecran|application|appli|iphone|ipad|ascenseur|agence d'en face)|de double authentification",
  'pour (?:entrer|ouvrir|rentrer|acceder|deverrouiller|desactiver|se connecter)|a usage unique|(?:a|de) (?:quatre|cinq|six|sept|huit|[4-8]) chiffres|par (?:sms|texto|message|mail|whatsapp)',
  "(?:qu(?:e |')(?:[a-z']+ ){1,6}?)?(?:recue?|recevoir|envoye) (?:par|sur|via|dans) (?:un )?(?:sms|texto|message|mail|whatsapp|(?:mon |votre |le )?telephone|l'appli(?:cation)?)",
].join('|')
const ENGLISH_CODE =
  'pin|access|security|verification|authentication|authenticator|authorization|confirmation|one[- ]time|door|gate|alarm|entry|unlock|sms|text|two[- ]factor|2fa|mfa|otp|recovery|backup|secret|safe|voicemail|screen|phone|card|lockbox|key ?box|building|garage|authenticator app|app|login|temporary|garage door|front door|six[- ]digit|four[- ]digit|[468][- ]digit|lock'
const CODE = `codes? (?:${SECRET_CODE})|(?:${ENGLISH_CODE}) codes?|pins?|pin numbers?|nip|digipass|numero (?:de (?:validation|verification|securite)|d'authentification|recu par (?:sms|texto)|secret)|(?:les|ces|vos|des) (?:quatre|six|huit|[468]) chiffres|the (?:four|six|eight|[468]) digits|puk|cryptogrammes?(?: visuels?)?|combinaison(?: du coffre(?:-fort)?)?|jeton|token|cvv2?|cvc2?|otp|digicode`
/** Codes that everybody may know: they stay whatever is asked. */
const ORDINARY_CODE =
  "postal|postale|erreur|d'erreur|d'arret|client|article|produit|agence|source|barres?|ape|naf|couleur|pays|site|fournisseur|comptable|analytique|magasin|promo|remise|reference|banque|guichet|bic|swift|licence|insee|commune|affaire|chantier|projet|defaut|panne|evenement|retour|qr|avantage|naf|rome|d'activation"
const ORDINARY_ENGLISH = 'error|zip|area|post|postal|country|source|product|customer|event|exit|stop|bar|qr|promo|discount|dress|status|item|project|cost|sort|stock|fault|return|reference|activation|colou?r' // prettier-ignore
/** 'Le code affiché, le code d'erreur': what follows says which code is meant. */
const NAMES_ORDINARY_CODE = new RegExp(`(?:(?<![\\p{L}])(?:${ORDINARY_ENGLISH})[ -]codes?|codes?[ -]?(?:d'|du |de la |de l'|de |des )?(?:${ORDINARY_CODE}))(?![\\p{L}\\p{N}])`, 'u') // prettier-ignore
const CARD =
  "numero de (?:la |ma |votre |sa |cette )?carte(?! (?:sim|vitale|mere|reseau|graphique|de fidelite|d'identite|de sejour|grise|son|mutuelle|sd|cadeau|client))(?: (?:bancaire|bleue|visa|de credit|de debit|mastercard))?|(?:credit |debit |bank )?card number|numero de cb"
const IBAN = "iban|\\brib|releve d'identite bancaire"

const NAMES: readonly (readonly [SecretKind, RegExp])[] = (
  [
    ['password', PASSWORD],
    ['code', CODE],
    ['password', "(?<=wi-?fi[^.!?]{0,40})cles?"],
    ['plain-code', '(?:nombre|numero|chiffre) (?:a|de) (?:quatre|six|huit|[468]) chiffres'],
    ['card', CARD],
    ['iban', IBAN],
    ['plain-code', `(?<!(?:${ORDINARY_ENGLISH})[ -])codes?(?![ -]?(?:d'|du |de la |de l'|de |des )?(?:${ORDINARY_CODE})\\b)`],
  ] as const
).map(([kind, pattern]) => [kind, new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`, 'gu')] as const) // prettier-ignore

/** Most utterances name none of these, and are not searched. */
const HINT =
  /cod|pass|pin|puk|nip|cle|key|cv[vc]|crypto|iban|rib|releve|carte|card|cb|otp|mdp|digi|jeton|token|combinaison|numero|number|chiffre|secret/

/** Returns the names of secrets in a folded text, in its order; of two that overlap the one that says more. */
export function secretNames(folded: string): readonly SecretName[] {
  if (!HINT.test(folded)) return []
  const found: SecretName[] = []
  for (const [kind, pattern] of NAMES)
    for (const match of folded.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length]
      if (!found.some((one) => start < one.end && end > one.start)) found.push({ kind, start, end })
    }
  const isOrdinary = found.some(({ kind }) => kind === 'plain-code') && NAMES_ORDINARY_CODE.test(folded)
  return found.filter(({ kind }) => !(isOrdinary && kind === 'plain-code')).sort((a, b) => a.start - b.start)
}

const known = new WeakMap<Spoken, readonly SecretName[]>()

/** Returns the names of secrets in an utterance; each utterance is searched once. */
export function namesIn(spoken: Spoken): readonly SecretName[] {
  const names = known.get(spoken) ?? secretNames(spoken.folded)
  known.set(spoken, names)
  return names
}

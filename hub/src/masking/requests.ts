import { namesIn, secretNames, type SecretKind } from './secretNames.ts'
import type { Spoken } from './conversation.ts'

const ASKS =
  /(?<![\p{L}\p{N}'])(?:quels? (?:est|etait|sera|code|mot)|quelle (?:est|cle)|c'est quoi|quoi comme|quels? (?=mot|code)|(?:pouvez|pourriez|peux|pourrais|pourrez)[- ](?:vous|tu)|vous pou(?:vez|rriez)|tu (?:peux|pourrais)|donnez|donne[- ]moi|dites|dis[- ]moi|dictez|epelez|lisez|rappelez[- ]moi (?:le|la|votre)|communiquez|confirmez|redonnez|redites|repetez|il (?:me |nous )?(?:faut|faudrait|faudra)|(?:j'ai|j'aurais|j'aurai|on a|on aura) besoin|je (?:veux|voudrais)(?! changer)|vous avez (?:bien |toujours |encore |deja )?(?:recu )?(?:le|la|un|votre|ce|son|sa|une)|vous auriez|vous l'avez|vous (?:voyez|lisez|connaissez|retrouvez) (?:le|la|un|votre)|vous vous (?:souvenez|rappelez) (?:du|de)|besoin (?:de|du)|il y a (?:un|le)|y a-t-il|combien|rappelez|j'attends|je (?:note|vous ecoute)|(?:je|on|puis-je) (?:peux|peut|pourrais|pourrait)? ?(?:avoir|noter)|please|i'll take|i'd need|i would need|need|we need|let me have|would you|mind|go ahead with|s'il vous plait|tu as (?:le|un|ton|recu)|t'as (?:le|un)|avez[- ]vous (?:le|la|un|votre|recu)|auriez[- ]vous|est-ce que vous (?:avez|auriez) (?:bien |recu )?(?:le|la|un|votre|recu)|je peux (?:avoir|vous demander)|(?:quel|quelle) (?:mot|code|cle)|what(?:'s| is| was| are)?(?= (?:your|the|my|his|her|that|password|pass|code|pin|is|was))|what(?:'s| is| was)|what (?:do|are|did) you|which|can (?:you|i|we)|could (?:you|i|we)|may i|tell me|give me|read (?:me|out|it)|spell|i(?:'ll| will| do)? need|do you have|have you got|did you (?:get|receive)|what about)(?![\p{L}\p{N}])/u
const ASKS_ALL = new RegExp(ASKS.source, 'gu')
/** Longest words between the request and what it is for. */
const MOST_BETWEEN = 60
/** 'Et le code PIN ?', 'Votre code secret, s'il vous plaît': the name alone is the question. */
const BARE =
  /^(?:et |alors |ok |donc |d'accord |tres bien |parfait |and |so |maintenant |pour |comme |now |okay |right |, )*(?:(?:le|la|votre|ton|son|vos|the|your|her|his) )?(?:nouveau |new )?$/u
const BARE_REST =
  /^(?:\s*[,]?\s*(?:s'il vous plait|svp|please|c'est|is|deja|alors|teamviewer|windows|outlook|office|microsoft|google|vpn|anydesk|apple|icloud|gmail|sage|admin|actuel|provisoire|du \p{L}+|de la \p{L}+|de \p{L}+|de l'\p{L}+|maintenant|then))*\s*[?.!…]*\s*$/u
/** The secret was named before: 'Vous pouvez me le lire ?', 'What is it?'. */
const ASKS_FOR_IT =
  /(?<![\p{L}\p{N}])(?:(?:me|nous) (?:le|la|l') ?(?:lire|lirez|lisez|donner|donnerez|donnez|dire|direz|dites|redire|dicter|dicterez|dictez|epeler|redonner|repeter|communiquer|communiquerez)|(?:donnez|dites|dictez|epelez|lisez|redites|repetez)[- ]?(?:le|la)?[- ]moi|c'est (?:quoi|lequel)(?=\s*[?.!,]|\s*$)|lequel(?=\s*[?.!]|\s*$)|vous me le (?:donnez|lisez|dites|dictez)|what is it|what's it|read it|tell me it|what does it say|go ahead|et c'est|allez-y|je vous ecoute)(?![\p{L}\p{N}])/u
/** A code is on its way to the other side: digits that it reads out then are the code. */
const SENDS_CODE =
  /(?<![\p{L}\p{N}])(?:envoie|envoye|envoyer|recevoir|recevez|recu|recevrez|s'affiche|s'afficher|affiche|apparait|apparaitre|sent|texted|sending|receive|appears?|pop up|see)(?![\p{L}\p{N}])/u
/** A question that is answered with yes or no, not with a word: 'Vous avez le mot de passe ?' */
const YES_OR_NO =
  /(?<![\p{L}\p{N}])(?:vous (?:avez|auriez|l'avez)|avez[- ]vous|auriez[- ]vous|tu as|t'as|do you have|have you got|did you)(?![\p{L}\p{N}])/u
/** A sentence about what was done to the secret asks for none. */
const REPORTS =
  /(?<![\p{L}\p{N}])(?:change|oublie|reinitialise|expire|essaye|tape|modifie|perdu|marche|fonctionne|refuse|bloque|demande|envoie|enverrai|envoyer|reinitialiser|changer|changed|forgotten|forgot|reset|tried|expired|works?|working|lost|choisir|choisi|mettre a jour|retaper|saisir|entrer|enter|type|taper|verifier)(?![\p{L}\p{N}])/u
const WILL_SAY =
  /(?<![\p{L}\p{N}])(?:(?:je|on) (?:vous|te) (?:le |la )?(?:donne|mets|dicte|redonne|remets|fais|cree|communique|file|epelle|lis)|je vais (?:vous|te) (?:le |la )?(?:donner|dicter|mettre|epeler|creer|lire|redonner)|notez|tu notes|vous notez|vous pouvez noter|ecrivez|prenez note|i(?:'ll| will|'m going to| am going to)? (?:give|read|set|tell|spell|dictate)|let me (?:give|read|set|spell|tell)|here(?:'s| is)|voici|write (?:this |it )?down|(?:your|the) new|i've (?:set|reset|given)|your temporary)(?![\p{L}\p{N}])/u
const ELSEWHERE =
  /(?<![\p{L}\p{N}])(?:des que|quand|si|lorsque|par (?:mail|sms|courrier|texto)|un lien|as soon as|when|if|by (?:e-?mail|text)|a link|une fois)(?![\p{L}\p{N}])/u

/** A question that is not for the secret itself: 'Le mot de passe est bon ?' */
const SAYS_SOMETHING =
  /(?<![\p{L}\p{N}])(?:est|a|ete|etait|marche|passe|fonctionne|va|doit|expire|arrive|is|was|has|works?|does|did|combien|how|bon|bonne|ok)(?![\p{L}\p{N}])/u

/** The other side's next words are a secret, or (`isOwn`) this side's next words. */
export interface Request {
  readonly kind: SecretKind
  readonly isOwn: boolean
  /** Ordinary words may be the answer. */
  readonly takesWords: boolean
}

/** Back to where a secret was named that 'it' means. */
const NAMED_WITHIN = 3

/** Returns the secret that an utterance asks for, or that its speaker is about to read out; undefined for neither. */
export function requestAt(conversation: readonly Spoken[], index: number): Request | undefined {
  const one = conversation[index]
  if (!one) return undefined
  const own = known.get(one) ?? ownRequest(one)
  known.set(one, own)
  return own ?? asksForIt(conversation, index)
}

const known = new WeakMap<Spoken, Request | null>()

/** What the utterance asks for by itself, whatever was said before it. */
function ownRequest(one: Spoken): Request | null {
  if (namesIn(one).length === 0) return null
  const sentences = one.folded.split(/(?<=[.!?…])\s+/u)
  for (const sentence of sentences.toReversed()) {
    const names = secretNames(sentence)
    const name = names.at(-1)
    if (!name) continue
    if (isRequest(sentence, name.start, name.end)) return { kind: name.kind, isOwn: false, takesWords: !YES_OR_NO.test(sentence) } // prettier-ignore
    const isCode = name.kind === 'code' || name.kind === 'plain-code'
    if (isCode && SENDS_CODE.test(sentence)) return { kind: 'plain-code', isOwn: false, takesWords: false }
    const isAnnounced = WILL_SAY.test(one.folded) && !ELSEWHERE.test(sentence)
    if (isAnnounced && name.kind !== 'card' && name.kind !== 'iban') return { kind: name.kind, isOwn: true, takesWords: true } // prettier-ignore
  }
  return null
}

function isRequest(sentence: string, start: number, end: number): boolean {
  const [before, behind] = [sentence.slice(0, start), sentence.slice(end)]
  const asked = [...sentence.slice(0, end).matchAll(ASKS_ALL)].at(-1)
  if (asked) {
    // Between the request and the name a verb may say what was done: 'Vous avez oublié le mot de passe ?'
    const between = sentence.slice(asked.index + asked[0].length, start)
    if (!REPORTS.test(between) && !/(?<![\p{L}])(?:quand|si|lorsque|when|if)(?![\p{L}])/u.test(between) && between.length < MOST_BETWEEN) return true // prettier-ignore
  }
  if (/^[\s,]*(?:c'est quoi|c'est lequel|lequel|vous l'avez|vous (?:le|la) connaissez|vous pou(?:vez|rriez)|what is it|can you|could you)/.test(behind) && !REPORTS.test(behind)) return true // prettier-ignore
  if (!BARE.test(before.replaceAll(',', ''))) return false
  return BARE_REST.test(behind) || (/\?\s*$/.test(behind) && !SAYS_SOMETHING.test(behind) && !REPORTS.test(behind) && behind.length < 60) // prettier-ignore
}

function asksForIt(conversation: readonly Spoken[], index: number): Request | undefined {
  const one = conversation[index]
  const asked = one && ASKS_FOR_IT.exec(one.folded)
  if (!asked) return undefined
  for (let before = index; before >= Math.max(0, index - NAMED_WITHIN); before--) {
    const named = conversation[before]
    const name = named && namesIn(named).at(-1)
    if (!name || (before === index && name.end > asked.index)) continue
    if ((before < index && REPORTS.test(named.folded) && !/sms|recu|recevoir|sent|texted/.test(named.folded))) continue // prettier-ignore
    return { kind: name.kind, isOwn: false, takesWords: true }
  }
  return undefined
}

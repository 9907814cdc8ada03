import type { Spoken } from './conversation.ts'
import { isSecretToken, readOutFrom } from './readOut.ts'
import { isNoValue, type Value } from './values.ts'

/** Behind one of these a word with digits, or what is spelled, names something else. */
const OTHER_NAME =
  /^(?:compte|identifiant|login|utilisateur|poste|pc|user(?:name)?|serveur|server|session|imprimante|printer|version|modele|reference|adresse|serie|machine|ordinateur|computer|erreur|error|site|dossier|fichier|nom|mail|email)$/
/** So many letters and signs in a row are spelled, and no sentence. */
const LEAST_SPELLED = 3
/** Words back to where a name is searched for. */
const NAME_WORDS = 4

/**
 * Returns what an utterance spells or what can only be a password (a word with digits in it), from the token on, wherever it
 * stands; undefined where it names something else, such as a computer.
 */
export function strongReadOut(one: Spoken, from: number): Value | undefined {
  const { tokens } = one
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at]
    if (!token || tokens.slice(Math.max(0, at - NAME_WORDS), at).some(({ key }) => OTHER_NAME.test(key)))
      continue
    if (isChosen(one, at)) return { from: at, to: at + 1 }
    const readOut = readOutFrom(one, at)
    const isSpelled = readOut !== undefined && readOut.letters + readOut.signs >= LEAST_SPELLED
    if (!isSpelled) continue
    const before = tokens[at - 1]
    const isPart = at > from && before?.kind === 'word' && !before.isElided && !isNoValue(before) && readOut.signs > 0 && /^[A-Z]/.test(before.text) // prettier-ignore
    return { from: isPart ? at - 1 : at, to: readOut.to }
  }
  return undefined
}

/** 'girafe25' and 'Cerise88' are chosen by a person; 'PC-4711' and an address are not. */
function isChosen({ tokens }: Spoken, at: number): boolean {
  const token = tokens[at]
  return (
    token !== undefined &&
    isSecretToken(token) &&
    /\p{Ll}{3}/u.test(token.text) &&
    !/[@/]\S*\./.test(token.text)
  )
}

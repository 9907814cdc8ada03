import type { DraftFields } from '@3cx-ninja/protocol'
import type { Check, DeskCall } from '../../ipc/deskSnapshot.ts'
import type { Transcript } from './transcripts.ts'

type Need = Check['need']

/**
 * Phrases that answer a need, French and English, matched on text without accents in lower case. The page shows the group of a
 * pattern; without a group it shows the whole match.
 */
const PATTERNS: Readonly<Record<Need, readonly RegExp[]>> = {
  name: [
    /(?:je m'appelle|mon nom est|my name is)\s+((?:monsieur|madame|mr|mrs|ms)?\s?[a-z][a-z'-]+(?: [a-z][a-z'-]+)?)(?= (?:de|du|des|chez|from|at|of)\b|[,.!?]|$)/,
    // 'C'est urgent' begins like 'c'est Thomas': only a capital marks a name.
    /(?:ici|c'est|this is|speaking with)\s+(?<capital>[a-z][a-z'-]+(?: [a-z][a-z'-]+)?)(?= (?:de|du|des|chez|from|at|of)\b|[,.!?]|$)/,
  ],
  organization: [
    /(?:la societe|l'entreprise|la mairie|le cabinet|l'agence|l'hopital|l'ecole|the company)\s+(?:de |d'|du )?([a-z0-9][\w'&-]+(?: [a-z0-9][\w'&-]+)?)/,
    /(?:j'appelle|je travaille|je suis) (?:de chez|chez)\s+([a-z0-9][\w'&-]+(?: [a-z0-9][\w'&-]+)?)/,
    /(?:i'm calling|calling|i work|i'm) (?:from|for|at)\s+(?:the )?([a-z0-9][\w'&-]+(?: [a-z0-9][\w'&-]+)?)/,
  ],
  device: [
    /\b(imprimante|photocopieur|scanner|ordinateur(?: portable)?|pc(?: portable)?|portable|poste|ecran|clavier|souris|serveur|routeur|box|switch|wifi|telephone|casque|tablette|station d'accueil|onduleur|disque(?: dur)?)s?\b/,
    /\b(printer|copier|computer|laptop|desktop|screen|monitor|keyboard|mouse|server|router|switch|wi-fi|phone|headset|tablet|docking station|hard drive)s?\b/,
  ],
  callback: [
    /((?:\+?\d[\s.-]?){9,14}\d)/,
    /((?:zero|0)\s?(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf|\d)(?:[\s,.-]+[a-z0-9-]+){3,})/,
  ],
  tried: [
    /((?:j'ai|on a|nous avons)(?: deja| bien)? (?:essaye|redemarre|reinstalle|debranche|rebranche|eteint|relance|teste|verifie|change|mis a jour|vide|reinitialise)[^.,;!?]{0,60})/,
    /((?:rien|pas encore) (?:essaye|tente|fait)[^.,;!?]{0,40})/,
    /((?:i|we)(?:'ve| have)?(?: already)? (?:tried|restarted|rebooted|reinstalled|unplugged|replugged|checked|updated|reset|turned it off)[^.,;!?]{0,60})/,
  ],
}

/** Numbers and times that look like a callback number but count something else are too short for the pattern. */
const MAX_DETAIL = 120

/**
 * Returns what a good ticket needs, and where each item is known from: the ticket's own fields first, then telephone and hub, then
 * the caller's words. Pure: the same words always tick the same boxes.
 */
export function checklistOf(context: {
  readonly call: Pick<DeskCall, 'name' | 'organization' | 'number'> | undefined
  readonly fields: Pick<DraftFields, 'contactName' | 'organizationName' | 'title' | 'description'>
  readonly lines: Transcript
}): readonly Check[] {
  const { call, fields, lines } = context
  const callerLines = lines.flatMap((line) =>
    line.kind === 'words' && line.state === 'final' && line.speaker === 'caller' ? [line.text] : [],
  )
  const allLines = lines.flatMap((line) =>
    line.kind === 'words' && line.state === 'final' ? [line.text] : [],
  )
  return [
    first('name', [
      ['ticket', fields.contactName],
      ['hub', call?.name],
      ['words', match('name', callerLines)],
    ]),
    first('organization', [
      ['ticket', fields.organizationName],
      ['hub', call?.organization],
      ['words', match('organization', callerLines)],
    ]),
    first('device', [
      ['words', match('device', callerLines)],
      ['ticket', match('device', [fields.title, fields.description])],
    ]),
    first('callback', [
      ['words', match('callback', callerLines)],
      ['telephone', call?.number],
    ]),
    // An attempt counts no matter which side mentions it.
    first('tried', [['words', match('tried', allLines)]]),
  ]
}

type Source = Extract<Check['state'], { at: 'known' }>['from']

function first(need: Need, answers: readonly (readonly [Source, string | null | undefined])[]): Check {
  for (const [from, detail] of answers)
    if (detail?.trim())
      return { need, state: { at: 'known', from, detail: detail.trim().slice(0, MAX_DETAIL) } }
  return { need, state: { at: 'open' } }
}

/** Returns the words that answer the need, as they were spoken, with their accents. */
function match(need: Need, texts: readonly string[]): string | undefined {
  for (const spoken of texts) {
    const text = spoken.normalize('NFC')
    const plain = withoutAccents(text)
    for (const pattern of PATTERNS[need]) {
      const match = pattern.exec(plain)
      if (!match) continue
      const words = match[1] ?? match[0]
      const at = plain.indexOf(words, match.index)
      // Removing accents keeps the length, so the same position holds the spoken words.
      const asSaid = text.slice(at, at + words.length)
      if (match.groups?.['capital'] === undefined || /^\p{Lu}/u.test(asSaid)) return asSaid
    }
  }
  return undefined
}

/** Lower case, one letter for each letter: positions stay. */
function withoutAccents(text: string): string {
  return text.replaceAll('’', "'").replace(/[^\x20-\x7e]|[A-Z]/gu, (letter) => {
    const plain = letter.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
    return plain.length === letter.length ? plain : letter
  })
}

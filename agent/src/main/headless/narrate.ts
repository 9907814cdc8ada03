import type { AgentEvent } from '../app/agentEvents.ts'

type Locale = 'fr' | 'en'
type Words = Readonly<Record<Locale, string>>

const WORDS = {
  enrolled: { fr: 'Poste inscrit auprès de', en: 'Enrolled at' },
  open: { fr: 'Liaison avec le hub établie.', en: 'The hub is connected.' },
  waiting: {
    fr: 'Le hub ne répond pas. L’enregistrement continue sur ce poste.',
    en: 'The hub does not answer. Recording goes on at this PC.',
  },
  ringing: { fr: 'Ça sonne', en: 'Ringing' },
  talking: { fr: 'En conversation', en: 'Talking' },
  held: { fr: 'En attente', en: 'On hold' },
  'wrap-up': { fr: 'Appel terminé', en: 'Call ended' },
  done: { fr: 'Appel clos', en: 'Call closed' },
  missed: { fr: 'Appel manqué', en: 'Call missed' },
  recording: { fr: 'enregistrement en cours', en: 'recording' },
  paused: { fr: 'enregistrement en pause', en: 'recording paused' },
  refused: { fr: 'non enregistré', en: 'not recorded' },
  erased: { fr: 'enregistrement effacé', en: 'recording erased' },
  complete: { fr: 'enregistrement complet', en: 'recording complete' },
  noConsent: {
    fr: 'La règle d’enregistrement n’est pas confirmée sur le hub : rien n’est enregistré.',
    en: 'The recording rule is not confirmed on the hub: nothing is recorded.',
  },
  safe: { fr: 'Enregistrement en sûreté sur le hub.', en: 'The recording is safe on the hub.' },
  agent: { fr: 'Technicien', en: 'Technician' },
  caller: { fr: 'Correspondant', en: 'Caller' },
  collecting: { fr: 'Brouillon en cours', en: 'Draft growing' },
  proposed: { fr: 'Brouillon proposé', en: 'Draft proposed' },
  countdown: { fr: 'Envoi dans', en: 'Filing in' },
  heldDraft: { fr: 'Brouillon retenu', en: 'Draft held' },
  parked: { fr: 'Brouillon mis de côté', en: 'Draft parked' },
  filing: { fr: 'Envoi du ticket…', en: 'Filing the ticket…' },
  filed: { fr: 'Ticket créé : n°', en: 'Ticket filed: no.' },
  discarded: { fr: 'Brouillon abandonné', en: 'Draft discarded' },
  blocked: { fr: 'Intervention nécessaire', en: 'A person is needed' },
  'microphone-silent': { fr: 'Le microphone est muet.', en: 'The microphone is silent.' },
  'caller-silent': { fr: 'Le correspondant n’est pas entendu.', en: 'The caller is not heard.' },
} as const satisfies Readonly<Record<string, Words>>

/** Returns one readable line for an event; undefined for an event that means nothing to a person. */
export function narrate(event: AgentEvent, locale: Locale): string | undefined {
  const word = (key: keyof typeof WORDS) => WORDS[key][locale]
  switch (event.kind) {
    case 'enrolled':
      return `${word('enrolled')} ${event.hubName}.`
    case 'link':
      return event.at === 'open' || event.at === 'waiting' ? word(event.at) : undefined
    case 'settings':
      return event.consentConfirmed ? undefined : word('noConsent')
    case 'call': {
      const { phase, recording, remoteName, remoteNumber } = event.call
      const who = remoteName ?? remoteNumber
      return [
        `☎ ${word(phase)}`,
        ...(who ? [who] : []),
        ...(recording === 'none' ? [] : [word(recording)]),
      ].join(' · ')
    }
    case 'identified':
      return event.caller?.contactName
        ? `☎ ${[event.caller.contactName, event.caller.organizationName].filter(Boolean).join(' · ')}`
        : undefined
    case 'recording':
      return event.state === 'safe' ? word('safe') : undefined
    case 'utterance':
      return event.utterance.state === 'final'
        ? `  ${word(event.utterance.channel)} : ${event.utterance.text}`
        : undefined
    case 'draft':
      return narrateDraft(event, word)
    case 'device':
      return `· ${word(event.channel)} : ${event.label}`
    case 'pending-change':
      return undefined
    case 'alarm':
      return event.alarms.length > 0 ? `! ${event.alarms.map(word).join(' ')}` : undefined
    case 'user-error':
      return `! ${event.message}`
  }
}

function narrateDraft(
  { draft }: Extract<AgentEvent, { kind: 'draft' }>,
  word: (key: keyof typeof WORDS) => string,
): string {
  const { state, fields } = draft
  switch (state.at) {
    case 'countdown':
      return `✎ ${word('countdown')} ${Math.ceil(state.remainingMs / 1_000)} s · ${fields.title}`
    case 'filed':
      return `✔ ${word('filed')} ${state.ticketId} · ${fields.title}`
    case 'blocked':
      return `! ${word('blocked')} : ${state.detail}`
    case 'held':
      return `✎ ${word('heldDraft')} · ${fields.title}`
    case 'collecting':
    case 'proposed':
    case 'parked':
    case 'filing':
    case 'discarded':
      return `✎ ${word(state.at)} · ${fields.title}`
  }
}

import {
  callId,
  draftId,
  recordingId,
  utteranceId,
  type CallSnapshot,
  type Draft,
  type DraftState,
  type Utterance,
} from '@3cx-ninja/protocol'
import type { DeskCall, DeskDraft, DeskLine, DeskSnapshot } from '../../src/ipc/deskSnapshot.ts'

/** The fake clock starts on Monday 5 January 2026 at 10:00 in Paris. */
export const START_MS = Date.UTC(2026, 0, 5, 9, 0, 0)
export const CALL_ID = callId.parse('call-0001')
export const CANONICAL_ID = callId.parse('canon-0001')
export const RECORDING_ID = recordingId.parse('recording-0001')
export const DRAFT_ID = draftId.parse('draft-0001')

export function aCallReport(changes: Partial<CallSnapshot> = {}): CallSnapshot {
  return {
    callId: CALL_ID,
    revision: 1,
    phase: 'talking',
    direction: 'inbound',
    extension: '201',
    remoteNumber: '+33240112233',
    remoteName: 'Thomas Girard',
    startedAtMs: START_MS,
    talkingSinceMs: START_MS,
    recordingId: RECORDING_ID,
    recording: 'recording',
    ...changes,
  }
}

export function anUtterance(key: string, changes: Partial<Utterance> = {}): Utterance {
  return {
    utteranceId: utteranceId.parse(`utterance-${key}`),
    recordingId: RECORDING_ID,
    channel: 'caller',
    part: 1,
    state: 'final',
    fromMs: 0,
    toMs: 1_000,
    text: `words of ${key}`,
    words: [],
    ...changes,
  }
}

export function aDraft(state: DraftState = { at: 'collecting' }, changes: Partial<Draft> = {}): Draft {
  return {
    draftId: DRAFT_ID,
    callId: CANONICAL_ID,
    revision: 3,
    state,
    fields: {
      title: 'Imprimante RICOH hors ligne à l’accueil',
      description:
        'L’imprimante de l’accueil ne répond plus depuis ce matin. Le voyant réseau est éteint. M. Girard a déjà redémarré l’appareil, sans effet.',
      category: 'Matériel',
      priority: 'MEDIUM',
      contactId: 'u-1',
      contactName: 'Thomas Girard',
      organizationId: '7',
      organizationName: 'Cabinet Morel',
      actions: [
        { text: 'Vérifier le câble réseau', done: true },
        { text: 'Remplacer le port du commutateur', done: false },
        { text: 'Rappeler avant 17 h', done: false },
      ],
    },
    sentiment: 'neutral',
    evidence: { category: ['imprimante', 'voyant réseau'], priority: ['à l’accueil'], sentiment: [] },
    transcript: 'complete',
    extension: '201',
    createdAtMs: START_MS,
    ...changes,
  }
}

const said = (
  key: string,
  speaker: 'agent' | 'caller',
  fromMs: number,
  text: string,
  state: 'final' | 'provisional' = 'final',
): DeskLine => ({
  kind: 'words',
  id: `utterance-${key}`,
  speaker,
  state,
  part: 1,
  fromMs,
  toMs: fromMs + 3_000,
  text,
})

/** The transcript of a running call about a printer; its last line is a partial. */
export const someLines: readonly DeskLine[] = [
  said('01', 'agent', 1_200, 'Service informatique bonjour, Camille à votre écoute.'),
  said('02', 'caller', 4_300, 'Oui bonjour, c’est Thomas Girard, du cabinet Morel.'),
  said('03', 'caller', 8_400, 'On n’arrive plus à imprimer depuis ce matin, à l’accueil.'),
  said('04', 'agent', 12_900, 'D’accord. C’est quelle imprimante ?'),
  said('05', 'caller', 15_700, 'La RICOH, celle qui est à côté du comptoir.'),
  said('06', 'caller', 19_800, 'J’ai déjà redémarré l’imprimante deux fois, ça ne change rien.'),
  { kind: 'mark', id: 'mark-1-24000', part: 1, fromMs: 24_000 },
  said('07', 'agent', 25_100, 'Est-ce que le voyant réseau est allumé, à l’arrière ?'),
  said('08', 'caller', 29_600, 'Attendez, je regarde… Non, il est éteint.'),
  said(
    '09',
    'agent',
    34_200,
    'Alors c’est sans doute le câble, ou le port du commutateur. Je vous envoie quelqu’un.',
  ),
  said('10', 'caller', 40_800, 'Merci. Vous pouvez me rappeler au', 'provisional'),
]

export function aDeskCall(changes: Partial<DeskCall> = {}): DeskCall {
  return {
    callId: CALL_ID,
    phase: 'talking',
    direction: 'inbound',
    number: '+33240112233',
    name: 'Thomas Girard',
    organization: 'Cabinet Morel',
    match: 'one',
    startedAtMs: START_MS,
    talk: { at: 'on', forMs: 43_000 },
    recordingId: RECORDING_ID,
    recording: { at: 'on' },
    byHand: false,
    ...changes,
  }
}

export function aDeskDraft(
  state: DraftState = { at: 'collecting' },
  changes: Partial<Draft> = {},
): DeskDraft {
  return {
    draft: aDraft(state, changes),
    callId: CALL_ID,
    pending: false,
    checklist: [
      { need: 'name', state: { at: 'known', from: 'hub', detail: 'Thomas Girard' } },
      { need: 'organization', state: { at: 'known', from: 'hub', detail: 'Cabinet Morel' } },
      { need: 'device', state: { at: 'known', from: 'words', detail: 'imprimante' } },
      { need: 'callback', state: { at: 'open' } },
      {
        need: 'tried',
        state: { at: 'known', from: 'words', detail: 'J’ai déjà redémarré l’imprimante deux fois' },
      },
    ],
  }
}

export function aDesk(changes: Partial<DeskSnapshot> = {}): DeskSnapshot {
  const mine = (value: string) => ({ value, from: 'user' as const, locked: false })
  return {
    version: '0.1.0',
    setUp: 'done',
    hub: { at: 'open', name: 'Helpdesk', address: 'https://hub.example.com:3000', forMs: 60_000 },
    waiting: { recordings: 0, soundMs: 0, reports: 0, pendingChanges: 0 },
    consentConfirmed: true,
    calls: [],
    drafts: [],
    alarms: [],
    listening: true,
    soundOrigins: {},
    userErrors: [],
    settings: {
      app: 'desktop',
      fields: {
        hub: { value: 'https://hub.example.com:3000', from: 'policy', locked: true },
        extension: { value: '201', from: 'installer', locked: true },
        name: mine('Camille Renaud'),
        email: mine('camille@example.com'),
        language: { value: '', from: 'default', locked: false },
        locale: mine('fr'),
        theme: { value: 'system', from: 'default', locked: false },
        microphone: { value: '', from: 'default', locked: false },
        loudspeaker: { value: '', from: 'default', locked: false },
        phonePrograms: { value: '', from: 'default', locked: false },
        startWithSystem: { value: 'yes', from: 'default', locked: false },
      },
      rules: {
        countdownMs: 15_000,
        language: 'fr',
        consent: {
          confirmed: true,
          basis: 'announcement',
          text: 'Les appels du support sont enregistrés pour le suivi des demandes ; une annonce le dit au début de chaque appel.',
        },
      },
    },
    ...changes,
  }
}

/** Returns a desk in the middle of a call, without any error. */
export const aTalkingDesk = (changes: Partial<DeskSnapshot> = {}): DeskSnapshot =>
  aDesk({ calls: [aDeskCall()], shown: CALL_ID, drafts: [aDeskDraft()], ...changes })

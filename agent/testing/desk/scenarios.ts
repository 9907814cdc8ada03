import type { Handlers } from '../../src/ipc/answerCall.ts'
import type { Output, PastCall } from '../../src/ipc/channels.ts'
import type { DeskDraft, DeskLine, DeskSnapshot } from '../../src/ipc/deskSnapshot.ts'
import {
  aDesk,
  aDeskCall,
  aDeskDraft,
  aTalkingDesk,
  CALL_ID,
  RECORDING_ID,
  someLines,
  START_MS,
} from './deskBuilders.ts'

type Locale = 'fr' | 'en'
type Theme = 'light' | 'dark'

export interface Scenario {
  readonly name: string
  readonly desk: DeskSnapshot
  readonly lines?: readonly DeskLine[]
  /** The test first presses Alt and this digit. */
  readonly view?: 1 | 2 | 3 | 4
  /** The test then clicks the first element of this selector. */
  readonly click?: string
  /** For each entry the test then fills these fields, by label, and submits the form. */
  readonly forms?: readonly Readonly<Record<string, string>>[]
  /** A narrow window shows this half. */
  readonly pane?: 'talk' | 'ticket'
}

const over = aDeskCall({
  phase: 'wrap-up',
  talk: { at: 'over', forMs: 73_000 },
  recording: { at: 'complete' },
})
const said = someLines.slice(0, -1)
const withDraftState = (state: Parameters<typeof aDeskDraft>[0]): DeskSnapshot =>
  aTalkingDesk({ calls: [over], drafts: [aDeskDraft(state)] })
const withPendingChange = (
  state: Parameters<typeof aDeskDraft>[0],
  pending: NonNullable<DeskDraft['pendingChange']>,
  changes: Partial<DeskSnapshot> = {},
): DeskSnapshot =>
  aTalkingDesk({ calls: [over], drafts: [{ ...aDeskDraft(state), pendingChange: pending }], ...changes })
const notEnrolledDesk = (): DeskSnapshot => {
  const { settings } = aDesk()
  const hub = { value: '', from: 'default', locked: false } as const
  return aDesk({ setUp: 'needed', settings: { ...settings, fields: { ...settings.fields, hub } } })
}

/** The fields of the first set-up step, labeled in both languages. */
const SET_UP_HUB = {
  'Adresse du hub|Address of the hub': 'https://hub.example.com:3000',
  'Clé d’inscription|Enrollment key': 'key.pin',
}

const LONG = 'Anticonstitutionnellement'.repeat(6)
const endless = (): DeskSnapshot =>
  aTalkingDesk({
    calls: [
      aDeskCall({ name: LONG, organization: LONG, number: '+330000000000000000000000000000000000000' }),
    ],
    hub: { at: 'away', address: `https://${LONG}.example.com`, name: LONG, why: LONG, forMs: 9_000_000 },
    waiting: { recordings: 1_234, soundMs: 987_654_321, reports: 4_321, pendingChanges: 321 },
    userErrors: [{ id: 1, atMs: START_MS, message: LONG, code: 'not-written', facts: { detail: LONG } }],
    drafts: [
      aDeskDraft(
        { at: 'blocked', reason: 'mapping', detail: LONG },
        {
          fields: {
            ...aDeskDraft().draft.fields,
            title: LONG,
            description: LONG,
            category: LONG.slice(0, 80),
            contactName: LONG,
            organizationName: LONG,
            actions: [
              { text: LONG, done: false },
              { text: LONG, done: true },
            ],
          },
          evidence: { category: [LONG], priority: [LONG], sentiment: [] },
          sentiment: 'negative',
          transcript: 'late',
        },
      ),
    ],
  })

/** Every state of the window that has its own appearance. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'ready', desk: aDesk(), view: 1 },
  {
    name: 'call-ringing',
    desk: aTalkingDesk({
      calls: [aDeskCall({ phase: 'ringing', talk: { at: 'not-yet' }, recording: { at: 'none' } })],
    }),
    view: 1,
  },
  { name: 'call-talking', desk: aTalkingDesk(), lines: someLines, view: 1 },
  {
    name: 'call-other-devices',
    desk: aTalkingDesk({
      soundOrigins: {
        agent: { origin: 'microphone', label: 'Jabra Evolve2 65 Mono' },
        caller: { origin: 'system-loopback', label: 'Haut-parleurs (Realtek Audio)' },
      },
    }),
    lines: [
      ...someLines.slice(0, 4),
      {
        kind: 'device',
        id: 'device-agent-1-14000',
        channel: 'agent',
        part: 1,
        fromMs: 14_000,
        label: 'Jabra Evolve2 65 Mono',
      },
      {
        kind: 'device',
        id: 'device-caller-1-14200',
        channel: 'caller',
        part: 1,
        fromMs: 14_200,
        label: 'Haut-parleurs (Realtek Audio)',
      },
      ...someLines.slice(4, 6),
    ],
    view: 1,
  },
  {
    name: 'call-elsewhere',
    desk: aTalkingDesk({
      calls: [aDeskCall({ recording: { at: 'elsewhere' } })],
      drafts: [],
      listening: false,
    }),
    view: 1,
  },
  {
    name: 'call-paused',
    desk: aTalkingDesk({ calls: [aDeskCall({ recording: { at: 'paused' } })] }),
    lines: said,
    view: 1,
  },
  {
    name: 'call-offline',
    desk: aTalkingDesk({
      hub: { at: 'away', address: 'https://hub.example.com:3000', why: 'closed', forMs: 65_000 },
      waiting: { recordings: 1, soundMs: 64_000, reports: 1, pendingChanges: 0 },
      alarms: ['caller-silent'],
      userErrors: [
        {
          id: 1,
          atMs: START_MS,
          code: 'space-nearly-used',
          facts: {},
          message:
            'The space for recordings is nearly used up: connect this PC to the hub, or the oldest will go.',
        },
      ],
    }),
    lines: said.slice(0, 5),
    view: 1,
  },
  {
    name: 'call-not-recorded',
    desk: aTalkingDesk({
      calls: [aDeskCall({ recording: { at: 'refused', why: 'no-consent' } })],
      consentConfirmed: false,
    }),
    view: 1,
  },
  {
    name: 'draft-countdown',
    desk: withDraftState({ at: 'countdown', deadlineMs: START_MS, remainingMs: 11_800, totalMs: 15_000 }),
    lines: said,
    view: 1,
    pane: 'ticket',
  },
  {
    name: 'draft-kept',
    desk: withPendingChange(
      { at: 'proposed' },
      {
        at: 'waiting',
        fields: ['title', 'description'],
        decision: { choice: 'file', madeAtMs: START_MS, needsConfirmation: false },
        texts: [],
      },
      {
        hub: { at: 'away', address: 'https://hub.example.com:3000', why: 'closed', forMs: 65_000 },
        waiting: { recordings: 0, soundMs: 0, reports: 0, pendingChanges: 1 },
      },
    ),
    lines: said,
    view: 1,
    pane: 'ticket',
  },
  {
    name: 'draft-asks',
    desk: withPendingChange(
      { at: 'parked' },
      {
        at: 'needs-answer',
        fields: ['description'],
        decision: { choice: 'file', madeAtMs: START_MS, needsConfirmation: true },
        texts: [
          {
            field: 'description',
            mine: 'L’imprimante de l’accueil ne répond plus. Câble réseau débranché : rebranché à 10 h, essai en cours.',
            hub: 'L’imprimante de l’accueil ne répond plus depuis ce matin. Le voyant réseau est éteint.',
          },
        ],
      },
    ),
    lines: said,
    view: 1,
    pane: 'ticket',
  },
  {
    name: 'draft-undelivered',
    desk: withPendingChange(
      { at: 'filed', ticketId: '4711', filedAtMs: START_MS, ticketUrl: 'https://app.example.com/4711' },
      {
        at: 'undelivered',
        why: 'too-late',
        fields: ['title'],
        decision: { choice: 'discard', madeAtMs: START_MS, needsConfirmation: false },
        texts: [{ field: 'title', mine: 'Imprimante RICOH : câble réseau', hub: 'Imprimante RICOH' }],
      },
    ),
    lines: said,
    view: 1,
    pane: 'ticket',
  },
  { name: 'draft-held', desk: withDraftState({ at: 'held' }), lines: said, view: 1, pane: 'ticket' },
  {
    name: 'draft-filing',
    desk: withDraftState({ at: 'filing', undoUntilMs: START_MS, undoRemainingMs: 4_800 }),
    lines: said,
    view: 1,
    pane: 'ticket',
  },
  {
    name: 'draft-filed',
    desk: withDraftState({
      at: 'filed',
      ticketId: '4711',
      ticketUrl: 'https://ninja.example.com/4711',
      filedAtMs: START_MS,
    }),
    lines: said,
    view: 1,
    pane: 'ticket',
  },
  {
    name: 'draft-blocked',
    desk: withDraftState({
      at: 'blocked',
      reason: 'mapping',
      detail:
        'The caller’s organization is unknown: write its name as NinjaOne has it into the draft, or set ninjaone.organizationId for unknown callers.',
    }),
    lines: said,
    view: 1,
    pane: 'ticket',
  },
  {
    name: 'endless-words',
    desk: endless(),
    lines: someLines.map((line) => ({ ...line, text: LONG })),
    view: 1,
  },
  { name: 'endless-ticket', desk: endless(), view: 1, pane: 'ticket' },
  { name: 'dialog-erase', desk: aTalkingDesk(), lines: someLines, view: 1, click: '.button--danger' },
  {
    name: 'dialog-discard',
    desk: withDraftState({ at: 'held' }),
    lines: said,
    view: 1,
    pane: 'ticket',
    click: '.card__foot .button--danger',
  },
  { name: 'dialog-keys', desk: aTalkingDesk(), lines: someLines, view: 1, click: '.bar .button--icon' },
  { name: 'history', desk: aDesk(), view: 2 },
  { name: 'history-call', desk: aDesk(), view: 2, click: '.entry' },
  { name: 'settings', desk: aDesk(), view: 3 },
  { name: 'settings-phone', desk: aDesk(), view: 3, click: '.more > summary' },
  { name: 'diagnosis', desk: aDesk(), view: 4 },
  { name: 'set-up', desk: notEnrolledDesk() },
  { name: 'set-up-you', desk: notEnrolledDesk(), forms: [SET_UP_HUB] },
  { name: 'set-up-sound', desk: notEnrolledDesk(), forms: [SET_UP_HUB, {}] },
]

export function withAppearance(desk: DeskSnapshot, locale: Locale, theme: Theme): DeskSnapshot {
  const { settings } = desk
  const own = (value: string) => ({ value, from: 'user' as const, locked: false })
  return {
    ...desk,
    settings: { ...settings, fields: { ...settings.fields, locale: own(locale), theme: own(theme) } },
  }
}

const past = (at: number, changes: Partial<PastCall> = {}): PastCall => ({
  callId: `call-10${at}0` as PastCall['callId'],
  startedAtMs: START_MS - at * 3_600_000 * 7,
  direction: 'inbound',
  missed: false,
  recorded: 'yes',
  talkMs: 60_000 + at * 47_000,
  number: '+33240112233',
  name: ['Thomas Girard', 'Nadia Benali', 'Hélène Morvan', 'Paul Lefèvre'][at % 4] ?? '',
  organization: 'Cabinet Morel',
  title:
    [
      'Imprimante RICOH hors ligne à l’accueil',
      'Mot de passe Windows oublié',
      'VPN qui coupe toutes les dix minutes',
    ][at % 3] ?? '',
  ticket: { at: 'filed', ticketId: String(4_700 + at) },
  ...changes,
})
const pastCalls: readonly PastCall[] = [
  past(0, { callId: CALL_ID, ticket: { at: 'blocked', detail: 'category' } }),
  past(1, { ticket: { at: 'waiting' }, found: '…n’arrive plus à imprimer depuis ce matin, à l’accueil.' }),
  past(2),
  past(3, { missed: true, ticket: { at: 'none' } }),
  past(4),
  past(5, { ticket: { at: 'discarded' } }),
]

const checks: Output<'diagnose'>['checks'] = [
  {
    check: 'hub',
    verdict: 'good',
    finding: 'linked',
    facts: { address: 'https://hub.example.com:3000', version: '0.1.0' },
  },
  { check: 'certificate', verdict: 'good', finding: 'pinned', facts: {} },
  { check: 'enrollment', verdict: 'good', finding: 'done', facts: {} },
  { check: 'clock', verdict: 'warning', finding: 'off', facts: { seconds: 7.2 } },
  { check: 'recording-rule', verdict: 'good', finding: 'confirmed', facts: { basis: 'announcement' } },
  { check: 'call-sources', verdict: 'good', finding: 'on', facts: { on: 'microphone, client-window' } },
  { check: 'sound', verdict: 'unknown', finding: 'unnamed', facts: { source: 'file' } },
  { check: 'disk', verdict: 'bad', finding: 'none', facts: {} },
  { check: 'waiting', verdict: 'good', finding: 'nothing', facts: {} },
  { check: 'workers', verdict: 'good', finding: 'ok', facts: { reason: '4 places, 0 recordings waiting' } },
  { check: 'helpdesk', verdict: 'unknown', finding: 'not-reported', facts: {} },
]

/** What main would answer in these scenarios. */
export const scenarioAnswers: Partial<Handlers> = {
  searchCalls: ({ words }) => {
    const calls = pastCalls.filter(({ name }) => name?.toLowerCase().includes(words.toLowerCase()))
    return { calls: [...calls], total: calls.length }
  },
  openCall: () => ({
    call: {
      past: past(0, { callId: CALL_ID, ticket: { at: 'blocked', detail: 'category' } }),
      lines: [...said],
      description: 'L’imprimante de l’accueil ne répond plus depuis ce matin. Le voyant réseau est éteint.',
    },
    audio: {
      at: 'here',
      from: 'pc',
      url: `audio/${RECORDING_ID}.wav`,
      durationMs: 45_000,
      starts: [{ part: 1, atMs: 0 }],
    },
  }),
  diagnose: () => ({ atMs: START_MS, version: '0.1.0', machine: 'PC-201', checks: [...checks] }),
  findHubs: () => ({ hubs: [{ name: 'Helpdesk', address: 'https://hub.example.com:3000' }] }),
  listDevices: () => ({
    at: 'known',
    microphones: [{ id: 'a', label: 'Jabra Evolve2 65' }],
    loudspeakers: [{ id: 'b', label: 'Jabra Evolve2 65' }],
  }),
  listMicrophonePrograms: () => ({
    programs: [
      { name: '3CXDesktopApp.exe', inUse: true, usedAtMs: START_MS, counts: true },
      { name: 'msedge.exe', inUse: false, usedAtMs: START_MS - 86_400_000, counts: false },
    ],
  }),
}

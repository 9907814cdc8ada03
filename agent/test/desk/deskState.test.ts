import { draftId, type AgentSettings, type DraftState } from '@3cx-ninja/protocol'
import { describe, expect, it } from 'vitest'
import type { AgentView } from '../../src/main/app/agentEvents.ts'
import { emptyDesk, stepDesk, type DeskInput, type DeskState } from '../../src/main/desk/deskState.ts'
import { projectDesk } from '../../src/main/desk/projectDesk.ts'
import type { DraftCard } from '../../src/main/drafts/draftBoard.ts'
import { withEdit } from '../../src/main/drafts/pendingChange.ts'
import { settingsSchema, type SettingOrigin } from '../../src/main/process/settings.ts'
import {
  aCallReport,
  aDraft,
  anUtterance,
  CALL_ID,
  CANONICAL_ID,
  RECORDING_ID,
  START_MS,
} from '../../testing/desk/deskBuilders.ts'

const now = { wallClockMs: START_MS + 60_000, monotonicMs: 60_000 }

const after = (...happenings: DeskInput[]): DeskState =>
  happenings.reduce((state, happening) => stepDesk(state, happening, now), emptyDesk)

const aView = (changes: Partial<AgentView> = {}): AgentView => ({
  link: 'open',
  consentConfirmed: true,
  calls: [],
  drafts: [],
  replicas: [],
  alarms: [],
  unconfirmed: 0,
  ...changes,
})

const aCard = (state: DraftState, changes: Partial<DraftCard> = {}): DraftCard => ({
  draft: aDraft(state),
  receivedMs: 60_000,
  isVisible: true,
  ...changes,
})

function project(
  state: DeskState,
  view: Partial<AgentView> = {},
  {
    at = now,
    origins = {},
    setUp = 'done' as const,
  }: {
    at?: typeof now
    origins?: Record<string, SettingOrigin>
    setUp?: 'needed' | 'done'
  } = {},
) {
  const value = settingsSchema.parse({ hub: 'https://hub.example.com:3000', extension: '201' })
  const settings = { value, origin: (key: string) => origins[key] ?? ('default' as const) }
  return projectDesk(
    state,
    { version: '1', setUp, view: aView(view), settings, listening: false, soundOrigins: {}, app: 'desktop' },
    at,
  )
}

const call = aCallReport()
const identified: DeskInput = {
  kind: 'identified',
  callId: CALL_ID,
  canonicalId: CANONICAL_ID,
  caller: { match: 'one', contactName: 'Thomas Girard', organizationName: 'Cabinet Morel' },
}

describe('the call on the screen', () => {
  it('the call on the screen is the one in talk, rather than one that rings or waits', () => {
    const held = aCallReport({ callId: 'call-0002' as never, phase: 'held' })
    const ringing = aCallReport({ callId: 'call-0003' as never, phase: 'ringing' })
    const state = after({ kind: 'call', call: ringing }, { kind: 'call', call }, { kind: 'call', call: held })
    expect(project(state, { calls: [ringing, call, held] }).shown).toBe(CALL_ID)
  })

  it('the call on the screen stays after its end until the next one begins', () => {
    const done = aCallReport({ phase: 'done', endedAtMs: START_MS + 30_000, recording: 'complete' })
    const desk = project(after({ kind: 'call', call: done }))
    expect(desk.shown).toBe(CALL_ID)
    expect(desk.calls).toEqual([
      expect.objectContaining({ phase: 'done', talk: { at: 'over', forMs: 30_000 } }),
    ])
  })

  it('the length of a call counts from the talk, not from the ring', () => {
    const state = after({ kind: 'call', call: aCallReport({ talkingSinceMs: START_MS + 20_000 }) })
    expect(project(state, { calls: [call] }).calls[0]?.talk).toEqual({ at: 'on', forMs: 40_000 })
  })

  it('the length of a call is never negative when the clock of this PC is set back', () => {
    const state = after({ kind: 'call', call })
    const desk = project(
      state,
      { calls: [call] },
      { at: { wallClockMs: START_MS - 5_000, monotonicMs: 60_000 } },
    )
    expect(desk.calls[0]?.talk).toEqual({ at: 'on', forMs: 0 })
  })

  it('a call is named by the contact that the hub found, else by the telephone', () => {
    const before = after({ kind: 'call', call })
    const error = {
      ...identified,
      caller: { match: 'one' as const, contactName: 'T. Girard', organizationName: 'Morel' },
    }
    expect(project(before, { calls: [call] }).calls[0]?.name).toBe('Thomas Girard')
    expect(project(stepDesk(before, error, now), { calls: [call] }).calls[0]).toMatchObject({
      name: 'T. Girard',
      organization: 'Morel',
    })
  })

  it('a call that is not recorded shows why: no rule confirmed, or opted out', () => {
    const state = after({ kind: 'call', call: aCallReport({ recording: 'refused' }) })
    const why = (consentConfirmed: boolean) =>
      project(state, { calls: [call], consentConfirmed }).calls[0]?.recording
    expect(why(false)).toEqual({ at: 'refused', why: 'no-consent' })
    expect(why(true)).toEqual({ at: 'refused', why: 'opted-out' })
  })

  it('a call begun by hand starts only when the technician requests it, and only once', () => {
    const second = aCallReport({ callId: 'call-0002' as never })
    const state = after({ kind: 'asked-to-start' }, { kind: 'call', call }, { kind: 'call', call: second })
    expect([...state.calls.values()].map(({ byHand }) => byHand)).toEqual([true, false])
  })
})

describe('what is said', () => {
  it('[C5] an utterance comes under the hub’s id of the call and is shown under ours', () => {
    const said: DeskInput = { kind: 'utterance', callId: CANONICAL_ID, utterance: anUtterance('1') }
    expect(after({ kind: 'call', call }, identified, said).transcripts.get(CALL_ID)).toHaveLength(1)
  })

  it('the words of an erased recording disappear, and do not return with late words of the hub', () => {
    const said: DeskInput = { kind: 'utterance', callId: CALL_ID, utterance: anUtterance('1') }
    const erased: DeskInput = { kind: 'call', call: aCallReport({ recording: 'erased' }) }
    expect(after({ kind: 'call', call }, said, erased, said).transcripts.size).toBe(0)
  })

  it('the words of calls long gone leave the memory', () => {
    const many = Array.from({ length: 20 }, (_, at) => `call-1${String(at).padStart(3, '0')}`)
    const state = after(
      ...many.flatMap((id): DeskInput[] => [
        { kind: 'call', call: aCallReport({ callId: id as never }) },
        { kind: 'utterance', callId: id as never, utterance: anUtterance(id) },
      ]),
    )
    expect(state.calls.size).toBe(8)
    expect(state.transcripts.size).toBe(8)
  })
})

describe('the drafts', () => {
  it('[D6] drafts count down from their arrival, by this PC’s own clock', () => {
    const card = aCard({
      at: 'countdown',
      deadlineMs: 1_767_225_600_000,
      remainingMs: 15_000,
      totalMs: 15_000,
    })
    const left = (monotonicMs: number) => {
      const desk = project(after({ kind: 'call', call }), { drafts: [card] }, { at: { ...now, monotonicMs } })
      const state = desk.drafts[0]?.draft.state
      return state?.at === 'countdown' ? state.remainingMs : undefined
    }
    expect(left(64_000)).toBe(11_000)
    expect(left(99_000)).toBe(0)
  })

  it('drafts show the technician’s own words at once, before the hub has them', () => {
    const { draft } = aCard({ at: 'held' })
    const card = aCard({ at: 'held' }, { pending: withEdit(undefined, draft, { title: 'Mine' }) })
    expect(project(after({ kind: 'call', call }), { drafts: [card] }).drafts[0]).toMatchObject({
      pending: true,
      draft: { fields: { title: 'Mine' } },
    })
  })

  it('drafts of the call at hand come first; decided ones of other calls are gone', () => {
    const other = {
      ...aDraft({ at: 'parked' }),
      draftId: draftId.parse('draft-0002'),
      callId: 'canon-0002' as never,
    }
    const filed = {
      ...aDraft({ at: 'filed', ticketId: '1', filedAtMs: 1_767_225_600_000 }),
      draftId: draftId.parse('draft-0003'),
      callId: 'canon-0003' as never,
    }
    const desk = project(after({ kind: 'call', call }, identified), {
      calls: [call],
      drafts: [
        aCard({ at: 'held' }, { draft: filed }),
        aCard({ at: 'held' }, { draft: other }),
        aCard({ at: 'held' }),
      ],
    })
    expect(desk.drafts.map(({ draft }) => draft.draftId)).toEqual(['draft-0001', 'draft-0002'])
  })

  it('drafts tick their checklist from the words of their own call', () => {
    const said: DeskInput = {
      kind: 'utterance',
      callId: CANONICAL_ID,
      utterance: anUtterance('1', { text: 'Mon écran est noir.' }),
    }
    const desk = project(after({ kind: 'call', call }, identified, said), {
      calls: [call],
      drafts: [aCard({ at: 'collecting' })],
    })
    expect(desk.drafts[0]?.checklist.find(({ need }) => need === 'device')?.state).toMatchObject({
      detail: 'écran',
    })
  })
})

describe('the hub on the screen', () => {
  const link = (at: 'opening' | 'open' | 'waiting' | 'refused', why?: string): DeskInput => ({
    kind: 'link',
    at,
    ...(why ? { why } : {}),
  })

  it('the hub shows as connecting at first, and as away from its first failure until the link is open', () => {
    const at = (...links: DeskInput[]) => project(after(...links)).hub.at
    expect(at(link('opening'))).toBe('opening')
    expect(at(link('waiting', 'gone'), link('opening'))).toBe('away')
    expect(at(link('waiting', 'gone'), link('opening'), link('open'))).toBe('open')
    expect(at(link('refused', 'token unknown'))).toBe('refused')
  })

  it('the hub shows as away since the link was lost, however often a connection is tried', () => {
    const gone = stepDesk(emptyDesk, link('waiting', 'gone'), { ...now, monotonicMs: 10_000 })
    const tried = stepDesk(
      stepDesk(gone, link('opening'), { ...now, monotonicMs: 40_000 }),
      link('waiting', 'gone'),
      { ...now, monotonicMs: 50_000 },
    )
    expect(project(tried).hub.forMs).toBe(50_000)
  })

  it('the hub lacks the audio that it has not flushed, shown by its length', () => {
    const desk = project(after(link('waiting')), {
      replicas: [{ recordingId: RECORDING_ID, records: 700, flushed: 100, state: 'waiting' as never }],
      unconfirmed: 2,
    })
    expect(desk.waiting).toEqual({ recordings: 1, soundMs: 30_000, reports: 2, pendingChanges: 0 })
  })
})

describe('user errors and settings', () => {
  it('a repeated user error is shown once, and a dismissed one is gone', () => {
    const failure: DeskInput = {
      kind: 'user-error',
      message: 'disk',
      info: { code: 'disk-full', facts: {} },
    }
    const state = after(failure, failure)
    expect(state.userErrors).toHaveLength(1)
    expect(
      stepDesk(state, { kind: 'dismissed', userErrorId: state.userErrors[0]!.id }, now).userErrors,
    ).toEqual([])
  })

  it('settings from policy, installer, environment and command line are locked, and no others', () => {
    const origins = {
      hub: 'policy',
      name: 'installer',
      email: 'environment',
      extension: 'command-line',
      locale: 'user',
    } as const
    const { fields } = project(emptyDesk, {}, { origins }).settings
    const locked = Object.entries(fields).flatMap(([key, { locked }]) => (locked ? [key] : []))
    expect(locked.sort()).toEqual(['email', 'extension', 'hub', 'name'])
  })

  it('[S1] the hub’s rules are shown only once the hub has sent them', () => {
    expect(project(emptyDesk).settings.rules).toBeUndefined()
    const rules = {
      countdownMs: 9_000,
      language: 'fr',
      consent: { confirmed: true, basis: 'contract', ruleVersion: 1, text: '' },
    }
    expect(project(emptyDesk, { rules: rules as AgentSettings }).settings.rules?.countdownMs).toBe(9_000)
  })
})

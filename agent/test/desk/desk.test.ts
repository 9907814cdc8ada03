import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { deskEvent, type Answer, type DeskEvent, type Output } from '../../src/ipc/channels.ts'
import { enrollError } from '@3cx-ninja/node-kit/enroll.ts'
import type { FunctionName } from '../../src/ipc/functionNames.ts'
import { createDesk } from '../../src/main/desk/desk.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import {
  aCallReport,
  aDraft,
  anUtterance,
  CALL_ID,
  CANONICAL_ID,
  DRAFT_ID,
  RECORDING_ID,
} from '../../testing/desk/deskBuilders.ts'
import { fakeDeskParts } from '../../testing/desk/fakeDeskParts.ts'

async function aSetup() {
  const fake = fakeDeskParts()
  const clock = createFakeClock()
  const desk = createDesk({ ...fake.parts, clock, log: silentLogger })
  const open = () => {
    const events: DeskEvent[] = []
    const client = desk.connect((event) => events.push(deskEvent.parse(event)))
    const of = <Kind extends DeskEvent['kind']>(kind: Kind) =>
      events.filter((event): event is Extract<DeskEvent, { kind: Kind }> => event.kind === kind)
    return {
      events,
      of,
      ask: async <Name extends FunctionName>(name: Name, input: unknown) =>
        (await client.call({ name, input })) as Answer<Name>,
      close: client.close,
      last: () => of('snapshot').at(-1)!.desk,
    }
  }
  return { ...fake, clock, desk, open, [Symbol.asyncDispose]: () => desk.stop() }
}

const value = <Name extends FunctionName>(answer: Answer<Name>): Output<Name> => {
  if (!answer.ok) throw new Error(answer.message)
  return answer.value
}
const aReplica = { recordingId: RECORDING_ID, records: 10, flushed: 4, state: 'sending' as const }
const aCardOf = (state: Parameters<typeof aDraft>[0]) => ({
  draft: aDraft(state, { callId: CALL_ID }),
  receivedMs: 0,
  isVisible: false,
  rebased: 0,
})

describe('updates of a page', () => {
  it('a page gets everything at once when it connects, with the words of the call at hand', async () => {
    await using setup = await aSetup()
    setup.desk.onEvent({ kind: 'call', call: aCallReport() })
    setup.desk.onEvent({ kind: 'utterance', callId: CALL_ID, utterance: anUtterance('1') })
    const page = setup.open()
    expect(page.events.map(({ kind }) => kind)).toEqual(['snapshot', 'lines'])
    expect(page.of('lines')).toEqual([
      expect.objectContaining({ extent: 'all', lines: [expect.objectContaining({ text: 'words of 1' })] }),
    ])
  })

  it('a page gets at most ten snapshots a second in a storm of words, and the last word in the end', async () => {
    await using setup = await aSetup()
    setup.desk.onEvent({ kind: 'call', call: aCallReport() })
    const page = setup.open()
    const before = page.of('snapshot').length
    for (let at = 0; at < 500; at++) {
      const utterance = anUtterance('1', { state: 'partial', text: `word ${at}` })
      setup.desk.onEvent({ kind: 'utterance', callId: CALL_ID, utterance })
      await setup.clock.advance(2)
    }
    await setup.clock.advance(200)
    expect(page.of('snapshot').length - before).toBeLessThanOrEqual(11)
    expect(page.of('lines').at(-1)?.lines).toEqual([expect.objectContaining({ text: 'word 499' })])
  })

  it('a page gets only the lines that changed, not the whole call again', async () => {
    await using setup = await aSetup()
    setup.desk.onEvent({ kind: 'call', call: aCallReport() })
    const page = setup.open()
    for (const key of ['1', '2']) {
      setup.desk.onEvent({
        kind: 'utterance',
        callId: CALL_ID,
        utterance: anUtterance(key, { fromMs: Number(key) }),
      })
      await setup.clock.advance(150)
    }
    expect(page.of('lines').slice(1)).toEqual([
      expect.objectContaining({ extent: 'changed', lines: [expect.objectContaining({ id: 'utterance-1' })] }),
      expect.objectContaining({ extent: 'changed', lines: [expect.objectContaining({ id: 'utterance-2' })] }),
    ])
  })

  it.each([3, -3])(
    'a page shows the true length of a talk although the clock is set by %i hours meanwhile',
    async (hours) => {
      await using setup = await aSetup()
      await setup.clock.advance(1_000)
      const beganMs = setup.clock.nowMs()
      setup.desk.onEvent({
        kind: 'call',
        call: aCallReport({ startedAtMs: beganMs, talkingSinceMs: beganMs }),
      })
      await setup.clock.advance(60_000)
      setup.clock.jumpWallClock(hours * 3_600_000)
      await setup.clock.advance(60_000)
      expect(setup.open().last().calls[0]?.talk).toEqual({ at: 'on', forMs: 120_000 })
    },
  )

  it('a page gets nothing more once it has left', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    page.close()
    const expected = page.events.length
    setup.desk.onEvent({ kind: 'call', call: aCallReport() })
    setup.desk.onLevels({ agent: 1, caller: 1 })
    await setup.clock.advance(5_000)
    expect(page.events).toHaveLength(expected)
  })

  it('a page gets the loudest level of each tenth of a second, and silence when the sound ends', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    setup.desk.onLevels({ agent: 0.1, caller: 0 })
    setup.desk.onLevels({ agent: 0.6, caller: 0.2 })
    setup.desk.onLevels({ agent: 0.3, caller: 0 })
    await setup.clock.advance(100)
    expect(page.of('levels')).toEqual([{ kind: 'levels', agent: 0.6, caller: 0.2 }])
    await setup.clock.advance(2_000)
    expect(page.of('levels').at(-1)).toEqual({ kind: 'levels', agent: 0, caller: 0 })
  })

  it('a page gets the length of audio that waits for the hub as it grows, though nothing else happens', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    setup.state.view = { ...setup.state.view, replicas: [aReplica] }
    await setup.clock.advance(1_500)
    expect(page.last().waiting).toEqual({ recordings: 1, soundMs: 300, reports: 0, pendingChanges: 0 })
  })
})

describe('a card on the screen', () => {
  it('[D2] a card counts as visible while any page shows it, and no longer when the last one leaves', async () => {
    await using setup = await aSetup()
    const [one, other] = [setup.open(), setup.open()]
    await one.ask('showDraft', { draftId: DRAFT_ID, visible: true })
    await other.ask('showDraft', { draftId: DRAFT_ID, visible: true })
    one.close()
    expect(setup.shown).toEqual([[DRAFT_ID, true]])
    other.close()
    expect(setup.shown).toEqual([
      [DRAFT_ID, true],
      [DRAFT_ID, false],
    ])
  })

  it('an action on a card that was not sent, because the hub is away, is reported to the page', async () => {
    await using setup = await aSetup()
    setup.state.outcome = 'hub-away'
    const answer = await setup.open().ask('decideDraft', { draftId: DRAFT_ID, choice: { kind: 'file' } })
    expect(value(answer)).toEqual({ outcome: 'hub-away' })
  })
})

describe('the history', () => {
  it('the history keeps a call with its finals some seconds after they came, and the draft when it changes', async () => {
    await using setup = await aSetup()
    setup.desk.onEvent({ kind: 'call', call: aCallReport() })
    setup.desk.onEvent({ kind: 'utterance', callId: CALL_ID, utterance: anUtterance('1') })
    setup.desk.onEvent({
      kind: 'utterance',
      callId: CALL_ID,
      utterance: anUtterance('2', { state: 'partial', fromMs: 2_000 }),
    })
    await setup.clock.advance(3_100)
    expect(setup.kept.get(CALL_ID)?.lines.map(({ id }) => id)).toEqual(['utterance-1'])
    setup.state.cards = [aCardOf({ at: 'held' })]
    setup.desk.onEvent({ kind: 'draft', callId: CALL_ID, draft: aDraft({ at: 'held' }) })
    await setup.clock.advance(3_100)
    expect(setup.kept.get(CALL_ID)?.draft?.state.at).toBe('held')
  })

  it('the history drops the words of an erased call at once, also those kept before', async () => {
    await using setup = await aSetup()
    setup.desk.onEvent({ kind: 'call', call: aCallReport() })
    setup.desk.onEvent({ kind: 'utterance', callId: CALL_ID, utterance: anUtterance('1') })
    await setup.clock.advance(3_100)
    setup.desk.onEvent({ kind: 'call', call: aCallReport({ recording: 'erased' }) })
    await setup.clock.advance(0)
    expect(setup.kept.get(CALL_ID)?.lines).toEqual([])
  })

  it('the history drops the words of a call that is erased later, by the technician or by the hub', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    const kept = {
      version: 1 as const,
      call: aCallReport({ phase: 'done', recording: 'complete' }),
      changedAtMs: 1_767_225_600_000,
    }
    const line = {
      kind: 'words' as const,
      id: 'u-1',
      speaker: 'caller' as const,
      state: 'final' as const,
      part: 1,
      fromMs: 0,
      toMs: 1,
      text: 'secret',
    }
    setup.kept.set(CALL_ID, { ...kept, lines: [line] })
    await page.ask('actOnCall', { action: 'erase', callId: CALL_ID })
    expect([setup.erasures, setup.actions]).toEqual([[RECORDING_ID], []])
    setup.desk.onEvent({ kind: 'recording', recordingId: RECORDING_ID, state: 'erased' })
    await setup.clock.advance(0)
    expect(setup.kept.get(CALL_ID)).toMatchObject({ lines: [], call: { recording: 'erased' } })
  })

  it('the history tries again a save that the disk refused', async () => {
    await using setup = await aSetup()
    const { keep } = setup.parts.history
    let refusals = 0
    const history = {
      ...setup.parts.history,
      keep: (call: Parameters<typeof keep>[0]) =>
        refusals++ === 0 ? Promise.reject(new Error('ENOSPC')) : keep(call),
    }
    const desk = createDesk({ ...setup.parts, history, clock: setup.clock, log: silentLogger })
    desk.onEvent({ kind: 'call', call: aCallReport() })
    await setup.clock.advance(3_100)
    expect(setup.kept.has(CALL_ID)).toBe(false)
    await desk.stop()
    expect(setup.kept.has(CALL_ID)).toBe(true)
  })

  it('the history joins the words from before a restart with those that the hub repeats', async () => {
    await using setup = await aSetup()
    const before = [
      {
        kind: 'words' as const,
        id: 'utterance-0',
        speaker: 'caller' as const,
        state: 'final' as const,
        part: 1,
        fromMs: 0,
        toMs: 1,
        text: 'first',
      },
    ]
    setup.kept.set(CALL_ID, {
      version: 1,
      call: aCallReport(),
      lines: before,
      changedAtMs: 1_767_225_600_000,
    })
    setup.desk.onEvent({ kind: 'call', call: aCallReport({ revision: 2 }) })
    setup.desk.onEvent({ kind: 'utterance', callId: CALL_ID, utterance: anUtterance('1', { part: 2 }) })
    await setup.clock.advance(3_100)
    expect(setup.kept.get(CALL_ID)?.lines.map(({ id }) => id)).toEqual(['utterance-0', 'utterance-1'])
  })

  it('[C5] the history finds yesterday’s calls by the hub’s ids: a draft filed today joins its call', async () => {
    await using setup = await aSetup()
    const kept = {
      version: 1,
      call: aCallReport({ phase: 'done' }),
      canonicalId: CANONICAL_ID,
      lines: [],
      changedAtMs: 1_767_225_600_000,
    } as const
    setup.kept.set(CALL_ID, { ...kept, lines: [] })
    const desk = createDesk({ ...setup.parts, clock: setup.clock, log: silentLogger })
    setup.state.cards = [{ ...aCardOf({ at: 'held' }), draft: aDraft({ at: 'held' }) }]
    desk.onEvent({ kind: 'draft', callId: CANONICAL_ID, draft: aDraft({ at: 'held' }) })
    await setup.clock.advance(3_100)
    expect(setup.kept.get(CALL_ID)?.draft?.state.at).toBe('held')
    const page = desk.connect(() => undefined)
    const answer = await page.call({ name: 'sendAgain', input: { callId: CALL_ID } })
    expect(answer).toMatchObject({ value: { outcome: 'sent' } })
    await desk.stop()
  })

  it('the history omits a call that only rang, and keeps a missed one', async () => {
    await using setup = await aSetup()
    setup.desk.onEvent({ kind: 'call', call: aCallReport({ phase: 'ringing' }) })
    await setup.clock.advance(4_000)
    expect(setup.kept.size).toBe(0)
    setup.desk.onEvent({ kind: 'call', call: aCallReport({ phase: 'missed' }) })
    await setup.clock.advance(4_000)
    expect(setup.kept.size).toBe(1)
  })

  it('the history is written before the desk stops', async () => {
    const setup = await aSetup()
    setup.desk.onEvent({ kind: 'call', call: aCallReport() })
    await setup.desk.stop()
    expect(setup.kept.size).toBe(1)
  })

  it('the history opens the call that is on with its live words, and a past one with its kept words', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    setup.desk.onEvent({ kind: 'call', call: aCallReport() })
    setup.desk.onEvent({ kind: 'utterance', callId: CALL_ID, utterance: anUtterance('1') })
    expect(value(await page.ask('openCall', { callId: CALL_ID })).call?.lines).toHaveLength(1)
    expect(value(await page.ask('openCall', { callId: 'call-none' }))).toEqual({
      call: null,
      audio: { at: 'gone', why: 'not-recorded' },
    })
  })

  it('the history names the location of a call’s audio that is not on this PC', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    const why = async (recording: 'complete' | 'erased', recordingId?: typeof RECORDING_ID) => {
      const { recordingId: _, ...call } = aCallReport({ recording, phase: 'wrap-up' })
      setup.desk.onEvent({ kind: 'call', call: recordingId ? { ...call, recordingId } : call })
      return value(await page.ask('openCall', { callId: CALL_ID })).audio
    }
    expect(await why('complete', RECORDING_ID)).toEqual({ at: 'gone', why: 'hub-away' })
    expect(await why('complete')).toEqual({ at: 'gone', why: 'not-recorded' })
    expect(await why('erased', RECORDING_ID)).toEqual({ at: 'gone', why: 'erased' })
  })

  it('a retry sends a waiting draft again, offers a refused recording again, and reports when nothing waits', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    const again = async () => value(await page.ask('sendAgain', { callId: CALL_ID })).outcome
    setup.desk.onEvent({ kind: 'call', call: aCallReport() })
    expect(await again()).toBe('nothing-waits')
    setup.state.view = { ...setup.state.view, replicas: [aReplica] }
    expect(await again()).toBe('sent')
    expect(setup.offers()).toBe(1)
    setup.state.cards = [aCardOf({ at: 'blocked', reason: 'mapping', detail: '' })]
    setup.state.outcome = 'hub-away'
    expect(await again()).toBe('hub-away')
    expect(setup.decisions).toEqual([[DRAFT_ID, { kind: 'file' }]])
  })
})

describe('the settings', () => {
  it('settings are kept when they are allowed, and unchanged when they are not', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    const save = async (changes: object) => value(await page.ask('saveSettings', { changes }))
    expect(await save({ name: ' Camille ' })).toEqual({ ok: true })
    expect(setup.state.settings).toMatchObject({ name: 'Camille', extension: '201' })
    expect(await save({ extension: '2 0 1' })).toMatchObject({ ok: false, wrong: ['extension'] })
    expect(await save({ email: 'no address' })).toMatchObject({ ok: false, wrong: ['email'] })
    expect(setup.state.settings).toMatchObject({ name: 'Camille', extension: '201', email: '' })
  })

  it('an emptied spoken language follows the hub again', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    await page.ask('saveSettings', { changes: { language: 'en' } })
    await page.ask('saveSettings', { changes: { language: '' } })
    expect(setup.state.settings.language).toBeUndefined()
  })

  it('a setting locked by an administrator is refused, whatever the page sends', async () => {
    await using setup = await aSetup()
    setup.state.origins = { extension: 'policy' }
    const answer = await setup.open().ask('saveSettings', { changes: { extension: '999', name: 'x' } })
    expect(value(answer)).toMatchObject({ ok: false, wrong: ['extension'] })
    expect(setup.state.settings).toMatchObject({ extension: '201', name: '' })
  })
})

describe('the first set-up', () => {
  const given = {
    hub: 'https://new.example.com:3000',
    enrollmentKey: ' key.pin ',
    extension: '202',
    name: 'C',
    email: '',
  }

  it('the first set-up keeps the values and enrolls with the key', async () => {
    await using setup = await aSetup()
    const answer = await setup.open().ask('setUp', given)
    expect(value(answer)).toEqual({ ok: true, hubName: 'https://new.example.com:3000' })
    expect(setup.enrollments).toEqual(['key.pin'])
    expect(setup.state.settings).toMatchObject({ hub: 'https://new.example.com:3000', extension: '202' })
  })

  it.each([
    ['hub-away', 'hub', 'unreachable'],
    ['hub-busy', 'hub', 'unreachable'],
    ['not-protected', 'hub', 'not-protected'],
    ['wrong-hub', 'hub', 'wrong-hub'],
    ['unexpected-answer', 'hub', 'unexpected-answer'],
    ['key-incomplete', 'enrollmentKey', 'key-incomplete'],
    ['key-refused', 'enrollmentKey', 'key-refused'],
  ] as const)('a set-up that ends with the code %s names its field and reason', async (code, field, why) => {
    await using setup = await aSetup()
    setup.state.enrollFails = enrollError(code, 'Words for a person.')
    const answer = value(await setup.open().ask('setUp', given))
    expect(answer).toEqual({ ok: false, field, why, detail: 'Words for a person.' })
  })

  it('the first set-up names the field that is not allowed, and asks no hub', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    expect(value(await page.ask('setUp', { ...given, hub: 'ftp://x' }))).toMatchObject({
      ok: false,
      field: 'hub',
    })
    expect(value(await page.ask('setUp', { ...given, email: 'x' }))).toMatchObject({
      ok: false,
      field: 'email',
    })
    expect(setup.enrollments).toEqual([])
  })

  it('the first set-up leaves locked values as they are', async () => {
    await using setup = await aSetup()
    setup.state.origins = { hub: 'policy', extension: 'installer' }
    expect(value(await setup.open().ask('setUp', given)).ok).toBe(true)
    expect(setup.state.settings).toMatchObject({
      hub: 'https://hub.example.com:3000',
      extension: '201',
      name: 'C',
    })
  })
})

describe('user actions on a call', () => {
  it('a user action reaches the agent under the id of its call', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    await page.ask('actOnCall', { action: 'pause', callId: CALL_ID })
    await page.ask('actOnCall', { action: 'start' })
    expect(setup.actions).toEqual([{ action: 'pause', callId: CALL_ID }, { action: 'start' }])
  })

  it('a mark is shown among the words, at its position in the recording', async () => {
    await using setup = await aSetup()
    const page = setup.open()
    const call = aCallReport()
    setup.state.view = { ...setup.state.view, calls: [call] }
    const header = { part: 2, startedAtMs: setup.clock.nowMs() - 7_000 }
    const part = { header, position: 1, endSample: 7 * 16_000, closed: false }
    setup.parts.agent.recordings.list = () =>
      [{ recordingId: RECORDING_ID, sealed: false, parts: [part] }] as never
    setup.desk.onEvent({ kind: 'call', call })
    setup.clock.jumpWallClock(3_600_000) // the sound is not affected
    await page.ask('actOnCall', { action: 'mark', callId: CALL_ID })
    await setup.clock.advance(200)
    expect(page.of('lines').at(-1)?.lines).toEqual([
      { kind: 'mark', id: 'mark-2-7000', part: 2, fromMs: 7_000 },
    ])
  })

  it('a sound test is refused while a call is on', async () => {
    await using setup = await aSetup()
    setup.state.view = { ...setup.state.view, calls: [aCallReport()] }
    expect(value(await setup.open().ask('testSound', {}))).toMatchObject({ ok: false, why: 'call-on' })
  })
})

describe('the diagnosis', () => {
  const verdicts = async (setup: Awaited<ReturnType<typeof aSetup>>) => {
    const { checks } = value(await setup.open().ask('diagnose', {}))
    return Object.fromEntries(checks.map(({ check, verdict, finding }) => [check, `${verdict} ${finding}`]))
  }

  it('the diagnosis checks every link of the chain', async () => {
    await using setup = await aSetup()
    setup.desk.onEvent({ kind: 'enrolled', agentId: 'agent-1', hubName: 'Helpdesk' })
    setup.desk.onEvent({ kind: 'link', at: 'open', hub: { version: '1', timeMs: setup.clock.nowMs() + 800 } })
    expect(await verdicts(setup)).toEqual({
      hub: 'good linked',
      certificate: 'good pinned',
      enrollment: 'good done',
      clock: 'good right',
      'recording-rule': 'unknown not-reported',
      'call-sources': 'good on',
      sound: 'unknown unnamed',
      disk: 'good enough',
      waiting: 'good nothing',
      workers: 'good ok',
      helpdesk: 'unknown not-reported',
    })
  })

  it('the diagnosis names each fault, and never fails itself', async () => {
    await using setup = await aSetup()
    setup.state.health = new Error('connect ECONNREFUSED')
    setup.parts.platform.devices = () => Promise.reject(new Error('no sound server'))
    setup.parts.platform.callSources = () => [{ name: 'microphone', state: 'failed', detail: 'no registry' }]
    setup.parts.agent.recordings.space = async () => 'none'
    setup.state.view = { ...setup.state.view, replicas: [aReplica] }
    setup.desk.onEvent({
      kind: 'link',
      at: 'open',
      hub: { version: '1', timeMs: setup.clock.nowMs() - 300_000 },
    })
    setup.desk.onEvent({ kind: 'link', at: 'waiting', why: 'gone' })
    expect(await verdicts(setup)).toMatchObject({
      hub: 'bad away',
      clock: 'unknown not-reported',
      'call-sources': 'bad failed',
      sound: 'unknown unnamed',
      disk: 'bad none',
      waiting: 'warning something',
      workers: 'unknown not-reported',
    })
    setup.desk.onEvent({
      kind: 'link',
      at: 'open',
      hub: { version: '1', timeMs: setup.clock.nowMs() - 300_000 },
    })
    expect(await verdicts(setup)).toMatchObject({ hub: 'warning no-answer', clock: 'bad far-off' })
  })
})

it('a call is found by the hub’s id as soon as the hub has sent it', async () => {
  await using setup = await aSetup()
  setup.desk.onEvent({ kind: 'call', call: aCallReport() })
  setup.desk.onEvent({ kind: 'identified', callId: CALL_ID, canonicalId: CANONICAL_ID })
  setup.desk.onEvent({ kind: 'utterance', callId: CANONICAL_ID, utterance: anUtterance('1') })
  const page = setup.open()
  expect(page.of('lines')[0]?.callId).toBe(CALL_ID)
})

import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { describe, expect, it } from 'vitest'
import { answerCall } from '../../src/ipc/answerCall.ts'
import { functions, type Input } from '../../src/ipc/channels.ts'
import { FUNCTION_NAMES, type FunctionName } from '../../src/ipc/functionNames.ts'
import { createDesk } from '../../src/main/desk/desk.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { CALL_ID, DRAFT_ID } from '../../testing/desk/deskBuilders.ts'
import { fakeDeskParts } from '../../testing/desk/fakeDeskParts.ts'

/** Arguments that each function accepts, and some that each function must refuse. */
const EXAMPLES: { readonly [Name in FunctionName]: { good: Input<Name>; broken: readonly unknown[] } } = {
  actOnCall: {
    good: { action: 'pause' },
    broken: [{ action: 'explode' }, {}, { action: 'pause', callId: '../x' }],
  },
  showDraft: {
    good: { draftId: DRAFT_ID, visible: true },
    broken: [{ draftId: DRAFT_ID }, { draftId: 7, visible: true }],
  },
  editDraft: {
    good: { draftId: DRAFT_ID, changes: { title: 'x' } },
    broken: [
      { draftId: DRAFT_ID },
      { draftId: DRAFT_ID, changes: { title: 'x'.repeat(201) } },
      { draftId: DRAFT_ID, changes: { priority: 'URGENT' } },
    ],
  },
  decideDraft: {
    good: { draftId: DRAFT_ID, choice: { kind: 'discard', reason: 'private' } },
    broken: [
      { draftId: DRAFT_ID, choice: { kind: 'discard' } },
      { draftId: DRAFT_ID, choice: 'file' },
    ],
  },
  answerPendingChange: {
    good: { draftId: DRAFT_ID, answer: { kind: 'field', field: 'title', resolution: 'mine' } },
    broken: [
      { draftId: DRAFT_ID, answer: { about: 'field', field: 'state', use: 'mine' } },
      { draftId: DRAFT_ID, answer: { about: 'decision', use: 'mine' } },
      { draftId: DRAFT_ID },
    ],
  },
  searchCalls: {
    good: { words: 'imprimante', skip: 0, limit: 40 },
    broken: [
      { words: 'x', skip: 0, limit: 0 },
      { words: 'x', skip: 0, limit: 1_000 },
      { words: 'x'.repeat(500), skip: 0, limit: 1 },
    ],
  },
  openCall: { good: { callId: CALL_ID }, broken: [{ callId: 'a/b' }, {}] },
  sendAgain: { good: { callId: CALL_ID }, broken: [{ callId: null }] },
  saveSettings: {
    good: { changes: { name: 'Camille' } },
    broken: [{ changes: { password: 'x' } }, { changes: { name: 7 } }, {}],
  },
  findHubs: { good: {}, broken: ['now', null] },
  setUp: {
    good: { hub: 'https://hub.example.com', enrollmentKey: 'k', extension: '201', name: 'C', email: '' },
    broken: [
      { hub: 'https://hub.example.com' },
      { hub: 7, enrollmentKey: 'k', extension: '', name: '', email: '' },
    ],
  },
  listDevices: { good: {}, broken: [[], undefined] },
  listMicrophonePrograms: { good: {}, broken: ['all'] },
  testSound: { good: {}, broken: [3] },
  diagnose: { good: {}, broken: [false] },
  dismissUserError: { good: { id: 1 }, broken: [{ id: -1 }, { id: '1' }] },
}

async function aClient() {
  const fake = fakeDeskParts()
  const desk = createDesk({ ...fake.parts, clock: createFakeClock(), log: silentLogger })
  const client = desk.connect(() => undefined)
  return {
    ...fake,
    client,
    async [Symbol.asyncDispose]() {
      client.close()
      await desk.stop()
    },
  }
}

describe('the table of functions', () => {
  it('the table of functions has every name once, in both files', () => {
    expect(Object.keys(functions).sort()).toEqual([...FUNCTION_NAMES].sort())
    expect(Object.keys(EXAMPLES).sort()).toEqual([...FUNCTION_NAMES].sort())
  })

  it.each(FUNCTION_NAMES)('the table of functions answers %s with its output schema', async (name) => {
    await using setup = await aClient()
    const answer = await setup.client.call({ name, input: EXAMPLES[name].good })
    expect(answer).toMatchObject({ ok: true })
    if (answer.ok) expect(functions[name].output.safeParse(answer.value).success).toBe(true)
  })

  it.each(FUNCTION_NAMES.flatMap((name) => EXAMPLES[name].broken.map((input) => [name, input] as const)))(
    'the table of functions refuses %s of %j with a reason, and does nothing',
    async (name, input) => {
      await using setup = await aClient()
      const answer = await setup.client.call({ name, input })
      expect(answer).toMatchObject({ ok: false, error: 'broken-argument' })
      expect([setup.actions, setup.shown, setup.edits, setup.decisions, setup.enrollments].flat()).toEqual([])
    },
  )

  it.each(['constructor', '__proto__', 'toString', '', 7, null, undefined])(
    'the table of functions has no function %j',
    async (name) => {
      await using setup = await aClient()
      expect(await setup.client.call({ name, input: {} })).toMatchObject({
        ok: false,
        error: 'broken-argument',
      })
    },
  )

  it('the table of functions turns a handler that throws, or breaks its output schema, into an error answer', async () => {
    const logged: unknown[] = []
    const handlers = Object.fromEntries(
      FUNCTION_NAMES.map((name) => [
        name,
        () => (name === 'diagnose' ? { checks: 'all' } : Promise.reject(new Error('no disk'))),
      ]),
    )
    const call = (name: string) =>
      answerCall(handlers as never, { name, input: {} }, (which) => logged.push(which))
    expect(await call('findHubs')).toEqual({ ok: false, error: 'failed', message: 'no disk' })
    expect(await call('diagnose')).toMatchObject({ ok: false, error: 'failed' })
    expect(logged).toEqual(['findHubs', 'diagnose'])
  })
})

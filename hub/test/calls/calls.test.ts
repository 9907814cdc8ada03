import { expect, it } from 'vitest'
import { DAY_MS, type AgentId, type BoardCall, type CallId, type CallSnapshot } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { openCalls, type CallStore } from '../../src/calls/calls.ts'
import { readCallEvent } from '../../src/threecx/readCallEvent.ts'

const AGENT = 'agent-camille' as AgentId
const NOW = Date.UTC(2026, 0, 5, 9, 0, 0)
const snapshot = (change: Partial<CallSnapshot> = {}): CallSnapshot => ({
  callId: 'AGENT-CALL-0001' as CallId,
  revision: 1,
  phase: 'talking',
  direction: 'unknown',
  extension: '201',
  startedAtMs: NOW,
  recording: 'recording',
  ...change,
})
const from = (call: CallSnapshot, agentId = AGENT, extension = '201') => ({
  agentId,
  agentName: 'Camille',
  extension,
  call,
})

async function aBoard() {
  const clock = createFakeClock(NOW + 200_000)
  const rows = new Map<string, unknown>()
  const aliases: { alias: string; callId: string }[] = []
  let fails = 0
  const store: CallStore = {
    save(call, names) {
      if (fails > 0) return Promise.reject(new Error(`disk full ${(fails -= 1)}`))
      rows.set(call.callId, structuredClone(call))
      for (const alias of names) aliases.push({ alias, callId: call.callId })
      return Promise.resolve()
    },
    since: () => Promise.resolve({ calls: [...rows.values()], aliases }),
    stored: (id) => Promise.resolve(rows.get(aliases.find(({ alias }) => alias === id)?.callId ?? id)),
  }
  let ids = 0
  const open = () =>
    openCalls({
      store,
      clock,
      country: 'FR',
      newId: () => `PBX-CALL-${String((ids += 1)).padStart(4, '0')}`,
      identify: (number) => (number === '+33240112233' ? { match: 'one', contactId: 'thomas', contactName: 'Thomas Girard' } : undefined), // prettier-ignore
    })
  const calls = await open()
  const changes: BoardCall[] = []
  calls.onChange((call) => void changes.push(call))
  return { calls, changes, clock, open, fail: () => void (fails = 1), rows }
}
/** Returns the PBX's report of a call, as the CRM template sends it. */
const pbx = (change: Record<string, unknown> = {}) => {
  const event = readCallEvent(
    { callType: 'Inbound', number: '+33240112233', agentExt: '201', startTime: '2026-01-05T09:00:04Z', endUtc: '2026-01-05T09:02:00Z', name: 'Girard', ...change }, // prettier-ignore
    NOW + 125_000,
  )
  if (!event.ok || event.kind !== 'ended') throw new Error('no end')
  return event.report
}

it('finds an evicted call by the agent’s own id, so no second call and no second ticket is created', async () => {
  const { calls, clock, rows } = await aBoard()
  const { callId } = await calls.reportFromPbx(pbx())
  const done = snapshot({ phase: 'done', revision: 2, endedAtMs: NOW + 120_000 })
  expect((await calls.report(from(done))).callId).toBe(callId)
  await clock.advance(20 * DAY_MS)
  await calls.report(from(snapshot({ callId: 'AGENT-CALL-0002' as CallId, startedAtMs: clock.nowMs() })))
  expect(calls.find(callId)).toBeUndefined()
  const again = await calls.report(from({ ...done, revision: 3, recording: 'complete' }))
  expect(again).toMatchObject({ callId, recording: 'complete' })
  expect(rows.has('AGENT-CALL-0001')).toBe(false)
  expect(calls.find('AGENT-CALL-0001')?.callId).toBe(callId)
})

it.each(['+33 2 40 11 22 33', '0240112233', '0033240112233'])(
  'gives a call no name where the PBX repeats the number as %s',
  async (name) => {
    const { calls } = await aBoard()
    const call = await calls.reportFromPbx(pbx({ name }))
    expect(call).toMatchObject({ remoteNumber: '+33240112233' })
    expect(call).not.toHaveProperty('remoteName')
  },
)

it('joins the PBX’s report to the call that the agent reported, under the agent’s id', async () => {
  const { calls } = await aBoard()
  await calls.report(from(snapshot({ phase: 'done', revision: 2, endedAtMs: NOW + 120_000 })))
  const joined = await calls.reportFromPbx(pbx())
  expect(calls.list()).toHaveLength(1)
  expect(joined).toMatchObject({
    callId: 'AGENT-CALL-0001',
    agentId: AGENT,
    direction: 'inbound',
    remoteNumber: '+33240112233',
    remoteName: 'Girard',
    caller: { contactName: 'Thomas Girard' },
  })
})

it('joins an offline agent’s call to the PBX’s report of hours ago, and finds it by both ids', async () => {
  const { calls, open } = await aBoard()
  const reported = await calls.reportFromPbx(pbx())
  const late = await calls.report(from(snapshot({ phase: 'done', revision: 7, endedAtMs: NOW + 119_000 })))
  expect(late.callId).toBe(reported.callId)
  expect(calls.find('AGENT-CALL-0001')?.callId).toBe(reported.callId)
  expect((await open()).find('AGENT-CALL-0001')?.callId).toBe(reported.callId)
})

it('does not join a report of another extension, another number, or another time', async () => {
  const { calls } = await aBoard()
  await calls.report(from(snapshot({ remoteNumber: '+33240112233' })))
  await calls.reportFromPbx(pbx({ agentExt: '202' }))
  await calls.reportFromPbx(pbx({ number: '+33199001122' }))
  await calls.reportFromPbx(pbx({ startTime: '2026-01-05T08:00:00Z' }))
  expect(calls.list()).toHaveLength(4)
})

it('keeps one call when the PBX reports it twice', async () => {
  const { calls } = await aBoard()
  await calls.reportFromPbx(pbx())
  await calls.reportFromPbx(pbx())
  expect(calls.list()).toHaveLength(1)
})

it('neither ends nor reopens an agent’s call by the PBX’s report', async () => {
  const { calls } = await aBoard()
  await calls.report(from(snapshot()))
  expect(await calls.reportFromPbx(pbx())).toMatchObject({ phase: 'talking' })
  await calls.report(from(snapshot({ phase: 'done', revision: 2, endedAtMs: NOW + 120_000 })))
  // A missed call is another one than a talked one.
  expect((await calls.reportFromPbx(pbx({ callType: 'Missed' }))).callId).not.toBe('AGENT-CALL-0001')
  expect(calls.find('AGENT-CALL-0001')).toMatchObject({ phase: 'done' })
})

it('ignores a report of an older revision', async () => {
  const { calls, changes } = await aBoard()
  await calls.report(from(snapshot({ phase: 'done', revision: 5 })))
  await calls.report(from(snapshot({ phase: 'talking', revision: 4 })))
  expect(calls.list()[0]?.phase).toBe('done')
  expect(changes).toHaveLength(1)
})

it('[C3] keeps an ended call ended', async () => {
  const { calls, changes } = await aBoard()
  await calls.report(from(snapshot({ phase: 'wrap-up', revision: 3, endedAtMs: NOW + 120_000 })))
  expect(await calls.report(from(snapshot({ phase: 'talking', revision: 4 })))).toMatchObject({
    phase: 'wrap-up',
    revision: 3,
  })
  expect(changes).toHaveLength(1)
  await calls.report(from(snapshot({ phase: 'done', revision: 5, endedAtMs: NOW + 120_000 })))
  expect(changes.at(-1)?.phase).toBe('done')
})

it('keeps two calls of one agent apart', async () => {
  const { calls } = await aBoard()
  await calls.report(from(snapshot()))
  await calls.report(from(snapshot({ callId: 'AGENT-CALL-0002' as CallId, startedAtMs: NOW + 2_000 })))
  expect(calls.list()).toHaveLength(2)
})

it('creates one call from two reports that arrive at once', async () => {
  const { calls } = await aBoard()
  await Promise.all([calls.report(from(snapshot())), calls.reportFromPbx(pbx()), calls.reportFromPbx(pbx())])
  expect(calls.list()).toHaveLength(1)
})

it('evicts a call after a week, as a restart would, but not one that an agent still reports', async () => {
  const { calls, clock } = await aBoard()
  await calls.reportFromPbx(pbx())
  await calls.report(from(snapshot({ phase: 'done', revision: 2, endedAtMs: NOW + 120_000 })))
  expect(calls.find('AGENT-CALL-0001')).toBeDefined()
  await clock.advance(8 * DAY_MS)
  const late = snapshot({ callId: 'OFFLINE-CALL-1' as CallId, startedAtMs: NOW - 3_600_000, phase: 'done' })
  await calls.report(from(late))
  expect(calls.list().map(({ callId }) => callId)).toEqual(['OFFLINE-CALL-1'])
  expect(calls.find('AGENT-CALL-0001')).toBeUndefined()
  await clock.advance(2 * DAY_MS)
  await calls.report(from(snapshot({ callId: 'NEW-CALL-0001' as CallId, startedAtMs: clock.nowMs() })))
  expect(calls.list().map(({ callId }) => callId)).toEqual(['NEW-CALL-0001'])
})

it('notifies no listener of a call that could not be stored, and accepts the report again', async () => {
  const { calls, changes, fail } = await aBoard()
  fail()
  await expect(calls.report(from(snapshot()))).rejects.toThrow('disk full')
  expect(changes).toEqual([])
  expect(calls.list()).toEqual([])
  await calls.report(from(snapshot()))
  expect(changes).toHaveLength(1)
})

it.each([
  [{ callType: 'Missed' }, { missed: true, direction: 'inbound' }],
  [{ callType: 'Notanswered' }, { missed: true, direction: 'outbound' }],
  [
    { callType: 'Outbound', number: '', callee: '0240112233' },
    { missed: false, direction: 'outbound', remoteNumber: '0240112233' },
  ],
  [{ startTime: '', duration: '00:01:30' }, { startedAtMs: Date.UTC(2026, 0, 5, 9, 0, 30) }],
  [{ startTime: '05/01/2026 10:00', durationSeconds: 90 }, { startedAtMs: Date.UTC(2026, 0, 5, 9, 0, 30) }],
  [{ name: '[Name]' }, { extension: '201' }],
  [{ number: 33240112233 }, { remoteNumber: '33240112233' }],
])('reads the PBX’s report with %o', (change, read) => {
  expect(pbx(change)).toMatchObject(read)
  expect(pbx(change).remoteName).not.toBe('[Name]')
})

it.each([undefined, 'text', [], { number: '1' }, { agentExt: '' }, { agentExt: { deep: 1 } }])(
  'names the missing fields of the report %o',
  (body) => {
    expect(readCallEvent(body, NOW)).toMatchObject({ ok: false, missing: expect.any(String) as string })
  },
)

import { describe, expect, it } from 'vitest'
import type { AgentId, CallId, CallSnapshot } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { openCalls, type CallStore } from '../../src/calls/calls.ts'
import type { LiveFact } from '../../src/calls/liveFact.ts'

const ALICE = 'agent-alice' as AgentId
const EVE = 'agent-eve' as AgentId
const START = Date.UTC(2026, 0, 5, 9, 0, 0)
const NUMBER = '+33240112233'

const rings = (change: Partial<LiveFact> = {}): LiveFact => ({
  leg: '101/17',
  extension: '101',
  state: 'talking',
  direction: 'inbound',
  remoteNumber: NUMBER,
  atMs: START,
  ...change,
})
const snapshot = (change: Partial<CallSnapshot> = {}): CallSnapshot => ({
  callId: 'CALL-OF-ALICE' as CallId,
  revision: 1,
  phase: 'talking',
  direction: 'unknown',
  extension: '101',
  startedAtMs: START,
  recording: 'recording',
  ...change,
})
const byAlice = (change: Partial<CallSnapshot> = {}) => ({
  ...{ agentId: ALICE, agentName: 'Alice', extension: '101' },
  call: snapshot(change),
})
/** Eve enrolled with another extension, whatever her reports claim. */
const byEve = (change: Partial<CallSnapshot> = {}, extension = '102') => ({
  ...{ agentId: EVE, agentName: 'Eve', extension },
  call: snapshot(change),
})

async function aBoard() {
  const rows = new Map<string, unknown>()
  const aliases = new Map<string, string>()
  const store: CallStore = {
    save(call, names) {
      rows.set(call.callId, structuredClone(call))
      for (const alias of names) if (!aliases.has(alias)) aliases.set(alias, call.callId)
      return Promise.resolve()
    },
    stored: (id) => Promise.resolve(rows.get(aliases.get(id) ?? id)),
    since: () => Promise.resolve({ calls: [], aliases: [] }),
  }
  let ids = 0
  const open = () =>
    openCalls({
      store,
      clock: createFakeClock(START),
      country: 'FR',
      newId: () => `PBX-CALL-${String((ids += 1)).padStart(4, '0')}`,
      identify: () => undefined,
    })
  return { calls: await open(), open, rows }
}

describe('[C9] a call keeps its owner', () => {
  it.each([
    ['the same revision', {}],
    ['a higher revision', { revision: 9 }],
    ['its end', { revision: 9, phase: 'done', endedAtMs: START + 1 }],
    ['the claim that it is elsewhere', { revision: 9, elsewhere: true }],
  ] as const)(
    'when another agent reports it with %s, on the board and when only the database has it',
    async (_, change) => {
      const { calls, open, rows } = await aBoard()
      await calls.report(byAlice())
      const before = structuredClone([...rows])
      const empty = await open() // a board that begins after the call
      for (const board of [calls, empty]) {
        expect(await board.report(byEve(change, '101'))).toMatchObject({ agentId: ALICE, phase: 'talking' })
        expect([...rows]).toEqual(before)
      }
      expect(empty.list()).toEqual([])
    },
  )

  it('when another agent reports an alias of it', async () => {
    const { calls } = await aBoard()
    await calls.factFromPbx(rings())
    const { callId } = await calls.report(byAlice())
    expect(callId).not.toBe(snapshot().callId)
    for (const id of [callId, snapshot().callId])
      expect(await calls.report(byEve({ callId: id, revision: 9 }))).toMatchObject({ agentId: ALICE })
    expect(calls.list()).toHaveLength(1)
  })
})

describe('[C9] the PBX’s word is about the extension with which an agent enrolled', () => {
  it('leaves a call that only the PBX reported to an agent of its extension', async () => {
    const { calls } = await aBoard()
    const { callId } = await calls.factFromPbx(rings())
    for (const extension of ['102', '']) {
      const refused = await calls.report(byEve({ callId, elsewhere: true }, extension))
      expect(refused.agentId).toBeUndefined()
    }
    expect(await calls.report(byAlice({ callId }))).toMatchObject({ callId, agentId: ALICE })
  })

  it('joins no report of an agent that claims the extension to the PBX’s call', async () => {
    const { calls } = await aBoard()
    const { callId } = await calls.factFromPbx(rings())
    for (const extension of ['102', '']) {
      const own = await calls.report(byEve({ callId: `CALL-OF-EVE-${extension}x` as CallId }, extension))
      expect(own).toMatchObject({ agentId: EVE, localOnly: true })
      expect(own.remoteNumber).toBeUndefined()
    }
    expect(calls.find(callId)?.agentId).toBeUndefined()
  })

  it('joins no fact of the PBX to a call under a claimed extension, whichever came first', async () => {
    const { calls } = await aBoard()
    const own = await calls.report(byEve({ callId: 'CALL-OF-EVE-1' as CallId }))
    const { callId } = await calls.factFromPbx(rings())
    expect(callId).not.toBe(own.callId)
    const { callId: ended } = await calls.reportFromPbx({
      ...{ extension: '101', direction: 'inbound', remoteNumber: NUMBER, missed: false },
      ...{ startedAtMs: START, endedAtMs: START + 60_000 },
    })
    expect(ended).toBe(callId)
    expect(calls.find(own.callId)).toMatchObject({ agentId: EVE, localOnly: true })
    expect(calls.find(own.callId)?.remoteNumber).toBeUndefined()
    expect(await calls.report(byAlice())).toMatchObject({ callId, agentId: ALICE, remoteNumber: NUMBER })
  })

  it('[C6] moves a call reported only elsewhere to an agent of its extension, and to no other', async () => {
    const { calls } = await aBoard()
    const { callId } = await calls.factFromPbx(rings())
    const idle = {
      ...byAlice({ callId, elsewhere: true, recording: 'none' }),
      agentId: 'agent-at-home' as AgentId,
    }
    expect((await calls.report(idle)).agentId).toBe('agent-at-home')
    expect((await calls.report(byEve({ callId, revision: 9 }))).agentId).toBe('agent-at-home')
    expect((await calls.report(byAlice({ callId }))).agentId).toBe(ALICE)
    expect((await calls.report(idle)).agentId).toBe(ALICE)
  })
})

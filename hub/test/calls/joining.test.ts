import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MINUTE_MS, type AgentId, type BoardCall, type CallId, type CallSnapshot } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { openCalls, type CallStore } from '../../src/calls/calls.ts'
import type { PbxReport } from '../../src/calls/pbxReport.ts'

const AGENT = 'agent-camille' as AgentId
const NOW = Date.UTC(2026, 0, 5, 9, 0, 0)

async function aBoard() {
  const clock = createFakeClock(NOW)
  const rows = new Map<string, unknown>()
  const store: CallStore = {
    save: (call) => Promise.resolve(void rows.set(call.callId, structuredClone(call))),
    since: () => Promise.resolve({ calls: [...rows.values()], aliases: [] }),
    stored: (id) => Promise.resolve(rows.get(id)),
  }
  let ids = 0
  const calls = await openCalls({
    store,
    clock,
    country: 'FR',
    newId: () => `PBX-CALL-${String((ids += 1)).padStart(4, '0')}`,
    identify: (number) => (number ? { match: 'one', contactId: number, contactName: `of ${number}` } : undefined), // prettier-ignore
  })
  let own = 0
  /** Returns the report of the agent's PC, whose clock is ahead by so much; `says`: it states its clock. */
  const agent = (change: Partial<CallSnapshot>, aheadMs = 0, says = aheadMs !== 0) => {
    const call: CallSnapshot = {
      callId: `AGENT-CALL-${String((own += 1)).padStart(4, '0')}` as CallId,
      revision: 1,
      phase: 'talking',
      direction: 'unknown',
      extension: '201',
      startedAtMs: clock.nowMs(),
      talkingSinceMs: clock.nowMs(),
      recording: 'recording',
      ...change,
    }
    const shifted = {
      ...call,
      startedAtMs: call.startedAtMs + aheadMs,
      ...(call.talkingSinceMs === undefined ? {} : { talkingSinceMs: call.talkingSinceMs + aheadMs }),
      ...(call.endedAtMs === undefined ? {} : { endedAtMs: call.endedAtMs + aheadMs }),
    }
    const clockAheadMs = says ? { clockAheadMs: aheadMs } : {}
    return { agentId: AGENT, agentName: 'Camille', extension: '201', call: shifted, ...clockAheadMs }
  }
  const pbx = (change: Partial<PbxReport>, aheadMs = 0): PbxReport => {
    const report = { extension: '201', direction: 'inbound' as const, missed: false, endedAtMs: clock.nowMs(), isEndReported: true, ...change } // prettier-ignore
    return {
      ...report,
      endedAtMs: report.endedAtMs + aheadMs,
      ...(report.startedAtMs === undefined ? {} : { startedAtMs: report.startedAtMs + aheadMs }),
    }
  }
  return { calls, clock, agent, pbx }
}
const SECOND = 1_000

it.each([
  ['case 08: a missed call that ended 8 s ago', { missed: true }, 12, 8],
  ['a missed call that ended a second ago', { missed: true }, 2, 1],
  ['a talked call that ended 20 s ago', { missed: false }, 22, 20],
  ['a talked call that ended 8 s ago', { missed: false }, 25, 8],
])('[A3] %s gives the next caller neither name nor number', async (_, change, began, ended) => {
  const { calls, clock, agent, pbx } = await aBoard()
  const nowMs = clock.nowMs()
  const report = pbx({ ...change, remoteNumber: '0612345678', remoteName: 'Client A', startedAtMs: nowMs - began * SECOND, endedAtMs: nowMs - ended * SECOND }) // prettier-ignore
  const before = await calls.reportFromPbx(report)
  const next = await calls.report(agent({}, 0, true))
  expect(next.callId).not.toBe(before.callId)
  expect(next).not.toHaveProperty('remoteNumber')
  expect(next).not.toHaveProperty('caller')
  // Its end is reported with another number: it is the caller's own.
  await clock.advance(60 * SECOND)
  const end = await calls.reportFromPbx(pbx({ remoteNumber: '0633333333', startedAtMs: nowMs - 1 * SECOND }))
  expect(end).toMatchObject({ callId: next.callId, remoteNumber: '0633333333', join: { reason: 'start', numbers: 'unknown' } }) // prettier-ignore
})

it('[A3] a missed call is never joined to a talked one, whichever comes first, and a dialed one that nobody answered is', async () => {
  const { calls, clock, agent, pbx } = await aBoard()
  const talked = await calls.report(agent({}, 0, true))
  const missed = await calls.reportFromPbx(pbx({ missed: true, startedAtMs: clock.nowMs() - 5 * SECOND }))
  expect(missed.callId).not.toBe(talked.callId)
  expect(calls.find(talked.callId)).not.toHaveProperty('join')
  const other = await aBoard()
  const dialed = await other.calls.report(other.agent({ direction: 'outbound' }, 0, true))
  await other.clock.advance(20 * SECOND)
  const notAnswered = other.pbx({ missed: true, direction: 'outbound', remoteNumber: '0240112233', startedAtMs: NOW }) // prettier-ignore
  expect((await other.calls.reportFromPbx(notAnswered)).callId).toBe(dialed.callId)
})

it.each([45, -45, 120, -120, 175, -175])(
  '[A3] case 09 joins one call whose agent’s clock is %i s ahead, said or not',
  async (seconds) => {
    for (const says of [true, false]) {
      const { calls, clock, agent, pbx } = await aBoard()
      const { callId } = await calls.report(agent({}, seconds * SECOND, says))
      await clock.advance(90 * SECOND)
      const report = pbx({ remoteNumber: '0633333333', remoteName: 'Paul Essai', startedAtMs: NOW - 4 * SECOND }) // prettier-ignore
      const joined = await calls.reportFromPbx(report)
      expect(joined).toMatchObject({ callId, remoteName: 'Paul Essai', caller: { contactName: 'of 0633333333' } }) // prettier-ignore
      expect(joined.join?.reason).toMatch(says ? /^start$/ : /^(only-candidate|picked-up)$/)
      expect(calls.list()).toHaveLength(1)
    }
  },
)

it.each([45, -45, 120, -120])(
  '[A3] case 09 joins one call whose PBX’s clock is %i s ahead',
  async (seconds) => {
    for (const order of ['report first', 'agent first']) {
      const { calls, clock, agent, pbx } = await aBoard()
      const call = agent({}, 0, true)
      if (order === 'agent first') await calls.report(call)
      await clock.advance(90 * SECOND)
      await calls.reportFromPbx(pbx({ remoteNumber: '0633333333', startedAtMs: NOW }, seconds * SECOND))
      const done = { ...call.call, phase: 'done' as const, revision: 2, endedAtMs: clock.nowMs() }
      const last = await calls.report({ ...call, call: done })
      expect(calls.list(), order).toHaveLength(1)
      expect(last).toMatchObject({ remoteNumber: '0633333333' })
    }
  },
)

it('[A3] knows the PBX’s clock from five reports on, and joins the right one of two calls that are near each other', async () => {
  const { calls, clock, agent, pbx } = await aBoard()
  const aheadMs = -100 * SECOND
  expect(calls.pbxClock()).toEqual({ at: 'unknown', aheadMs: 0 })
  for (let index = 0; index < 5; index++) {
    await clock.advance(5 * MINUTE_MS)
    await calls.reportFromPbx(pbx({ extension: `30${index}`, startedAtMs: clock.nowMs() - 60 * SECOND }, aheadMs)) // prettier-ignore
  }
  expect(calls.pbxClock()).toEqual({ at: 'reports', aheadMs })
  const startMs = clock.nowMs()
  const [first, second] = [agent({}, 0, true), agent({ startedAtMs: startMs + 100 * SECOND, talkingSinceMs: startMs + 100 * SECOND }, 0, true)] // prettier-ignore
  await calls.report(first)
  await clock.advance(60 * SECOND)
  await calls.report({ ...first, call: { ...first.call, revision: 2, phase: 'done', endedAtMs: clock.nowMs() } }) // prettier-ignore
  await calls.reportFromPbx(pbx({ remoteNumber: '0611111111', startedAtMs: startMs }, aheadMs))
  await clock.advance(40 * SECOND)
  await calls.report(second)
  await clock.advance(60 * SECOND)
  await calls.reportFromPbx(pbx({ remoteNumber: '0622222222', startedAtMs: startMs + 100 * SECOND }, aheadMs))
  expect(calls.find(first.call.callId)).toMatchObject({ remoteNumber: '0611111111' })
  expect(calls.find(second.call.callId)).toMatchObject({ remoteNumber: '0622222222' })
  // The header of Call Control decides where there is one.
  calls.pbxDated(clock.nowMs() + 40 * SECOND)
  expect(calls.pbxClock()).toEqual({ at: 'header', aheadMs: 40 * SECOND })
})

it('[A3] joins nothing within three minutes while two calls fit and a clock is not known', async () => {
  const { calls, clock, agent, pbx } = await aBoard()
  for (let index = 0; index < 2; index++) {
    const call = agent({})
    await calls.report(call)
    await clock.advance(40 * SECOND)
    await calls.report({ ...call, call: { ...call.call, revision: 2, phase: 'done', endedAtMs: clock.nowMs() } }) // prettier-ignore
  }
  const report = await calls.reportFromPbx(pbx({ startedAtMs: NOW - 100 * SECOND, endedAtMs: NOW - 60 * SECOND })) // prettier-ignore
  expect(report).not.toHaveProperty('agentId')
  expect(calls.list()).toHaveLength(3)
})

it('[C13] [A3] takes a join apart: number, name and caller leave the call, and the next report finds the PBX’s own', async () => {
  const { calls, clock, agent, pbx } = await aBoard()
  const { callId } = await calls.report(agent({}, 0, true))
  await clock.advance(60 * SECOND)
  const report = pbx({ remoteNumber: '0612345678', remoteName: 'Client A', startedAtMs: NOW })
  expect(await calls.reportFromPbx(report)).toMatchObject({ callId, join: { reason: 'start' } })
  expect(await calls.takeBackJoin('agent-other' as AgentId, callId)).toBeUndefined()
  const own = await calls.takeBackJoin(AGENT, callId)
  expect(own).toMatchObject({ callId, phase: 'talking' })
  for (const gone of ['join', 'remoteNumber', 'remoteName', 'caller', 'pbxEndedAtMs'])
    expect(own).not.toHaveProperty(gone)
  const again = await calls.reportFromPbx(report)
  expect(again).toMatchObject({ remoteNumber: '0612345678', remoteName: 'Client A', phase: 'done' })
  expect(again.callId).not.toBe(callId)
  expect(calls.find(callId)).not.toHaveProperty('remoteNumber')
  expect(await calls.takeBackJoin(AGENT, callId)).toMatchObject({ callId }) // twice changes nothing
  expect(calls.list()).toHaveLength(2)
})

it('[C12] [A3] joins calls of one extension by any clocks within ±3 min, in any order and doubled, each to its own', async () => {
  const shift = fc.integer({ min: -150, max: 150 })
  const one = fc.record({
    ringS: fc.integer({ min: 0, max: 25 }),
    talkS: fc.integer({ min: 5, max: 900 }),
    pauseS: fc.integer({ min: 600, max: 3_600 }),
    agentSaysNumber: fc.boolean(),
    reportFirst: fc.boolean(),
    doubled: fc.boolean(),
    isMissed: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(
      shift,
      shift,
      fc.boolean(),
      fc.array(one, { minLength: 1, maxLength: 8 }),
      async (pbxS, agentS, says, plan) => {
        // prettier-ignore
        // Two unknown clocks that differ by more than three minutes are beyond what is promised.
        if (Math.abs(pbxS - (says ? 0 : agentS)) > 150) return
        const { calls, clock, agent, pbx } = await aBoard()
        const expected: { callId: CallId; number: string }[] = []
        for (const [
          index,
          { ringS, talkS, pauseS, agentSaysNumber, reportFirst, doubled, isMissed },
        ] of plan.entries()) {
          // prettier-ignore
          await clock.advance(pauseS * SECOND)
          const startMs = clock.nowMs()
          const number = `06100000${10 + index}`
          if (isMissed) {
            await clock.advance(ringS * SECOND)
            await calls.reportFromPbx(pbx({ missed: true, remoteNumber: number, startedAtMs: startMs }, pbxS * SECOND)) // prettier-ignore
            continue
          }
          await clock.advance(ringS * SECOND)
          const call = agent(agentSaysNumber ? { remoteNumber: number } : {}, agentS * SECOND, says)
          await calls.report(call)
          await clock.advance(talkS * SECOND)
          const done = { ...call, call: { ...call.call, revision: 2, phase: 'done' as const, endedAtMs: clock.nowMs() + agentS * SECOND } } // prettier-ignore
          const report = pbx({ remoteNumber: number, startedAtMs: startMs }, pbxS * SECOND)
          const steps = [() => calls.report(done), () => calls.reportFromPbx(report)]
          if (reportFirst) steps.reverse()
          for (const step of steps) await step()
          if (doubled) for (const step of steps) await step()
          expected.push({ callId: call.call.callId, number })
        }
        for (const { callId, number } of expected) expect(calls.find(callId)).toMatchObject({ remoteNumber: number }) // prettier-ignore
        const talked = calls.list().filter(({ phase }: BoardCall) => phase !== 'missed')
        expect(talked).toHaveLength(expected.length)
      },
    ),
    { numRuns: 150 },
  )
}, 60_000)

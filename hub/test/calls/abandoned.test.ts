import { expect, it } from 'vitest'
import {
  MINUTE_MS,
  encodeFrame,
  type AgentId,
  type BoardCall,
  type CallId,
  type Draft,
} from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { watchAbandonedCalls } from '../../src/calls/abandonedCalls.ts'
import { mergeAgentReport } from '../../src/calls/joinCall.ts'
import { abandonedTuning, presumeOver } from '../../src/calls/presumeOver.ts'
import { aCall, aPart } from '../../testing/messages.ts'
import { startHub } from '../../testing/startHub.ts'

const AGENT = 'agent-camille' as AgentId
const { afterPbxMs, aloneMs } = abandonedTuning
const NOW = Date.UTC(2026, 0, 5, 9, 0, 0)
const board = (change: Partial<BoardCall> = {}): BoardCall => ({
  ...aCall({ startedAtMs: NOW, talkingSinceMs: NOW, revision: 4 }),
  agentId: AGENT,
  ...change,
})
const away = (forMs: number) => ({ forMs, sinceMs: NOW + 60_000 })

it.each([
  ['talking, for less than half an hour', board(), aloneMs - 1, undefined],
  ['talking, for half an hour: it ended when the agent’s link ended', board(), aloneMs, { phase: 'done', endedAtMs: NOW + 60_000 }],
  ['ringing, for half an hour', board({ phase: 'ringing' }), aloneMs, { phase: 'missed' }],
  ['held, the PBX reported its end', board({ phase: 'held', pbxEndedAtMs: NOW + 90_000 }), afterPbxMs, { phase: 'done', endedAtMs: NOW + 90_000 }],
  ['the PBX reported its end, the agent may restart yet', board({ pbxEndedAtMs: NOW + 90_000 }), afterPbxMs - 1, undefined],
  ['wrap-up keeps its own end', board({ phase: 'wrap-up', endedAtMs: NOW + 30_000 }), aloneMs, { phase: 'done', endedAtMs: NOW + 30_000 }],
  ['over already', board({ phase: 'done' }), aloneMs, undefined],
  ['no agent’s call', { ...board(), agentId: undefined }, aloneMs, undefined],
] as const)('[C8] presumes a call over by its phase and the agent’s absence: %s', (_, call, forMs, expected) => {
  const presumed = presumeOver(call, away(forMs), NOW + aloneMs)
  if (expected === undefined) expect(presumed).toBeUndefined()
  else expect(presumed).toMatchObject({ ...expected, presumedOverAtMs: NOW + aloneMs, revision: call.revision })
}) // prettier-ignore

it('[C8] revokes the presumption by the agent’s own report, repeated or new, and by no older one', () => {
  const presumed = presumeOver(board({ pbxEndedAtMs: NOW + 1 }), away(aloneMs), NOW + aloneMs)
  const reported = (revision: number, change = {}) =>
    mergeAgentReport(presumed, board().callId, {
      agentId: AGENT,
      agentName: 'Camille',
      extension: '201',
      call: aCall({ startedAtMs: NOW, revision, ...change }),
    })
  expect(reported(4)).toMatchObject({ phase: 'talking', pbxEndedAtMs: NOW + 1 })
  expect(reported(4).presumedOverAtMs).toBeUndefined()
  expect(reported(5, { phase: 'held' })).toMatchObject({ phase: 'held' })
  expect(reported(5, { phase: 'done', endedAtMs: NOW + 5 })).toMatchObject({
    phase: 'done',
    endedAtMs: NOW + 5,
  })
  expect(reported(3)).toBe(presumed)
})

it('[C8] checks presence again before it ends a call, so an agent that came back meanwhile keeps its call', async () => {
  const clock = createFakeClock()
  let call = board()
  const concluded: BoardCall[] = []
  let meanwhile = () => undefined as unknown
  const watch = watchAbandonedCalls({
    clock,
    calls: {
      list: () => [call],
      conclude(_: CallId, how) {
        meanwhile()
        call = how(call)
        concluded.push(call)
        return Promise.resolve(call)
      },
    },
    onPresumed: () => undefined,
    onFailure: (error) => {
      throw error instanceof Error ? error : new Error(String(error))
    },
  })
  watch.presence(AGENT, true)
  await clock.advance(aloneMs * 2)
  watch.presence(AGENT, false)
  await clock.advance(aloneMs - 1)
  expect(concluded).toEqual([])
  meanwhile = () => watch.presence(AGENT, true)
  await clock.advance(abandonedTuning.sweepMs)
  expect(concluded.map(({ phase }) => phase)).toEqual(['talking'])
  watch.presence(AGENT, false)
  meanwhile = () => undefined
  await clock.advance(aloneMs + abandonedTuning.sweepMs)
  expect(call).toMatchObject({ phase: 'done' })
  await watch.stop()
})

it('[C8] removes a dead PC’s call from the wallboard, offers its draft with the text so far, and resumes the call when the PC is back', async () => {
  const clock = createFakeClock(Date.now())
  await using hub = await startHub({ clock, settings: { tickets: { maxWaitSeconds: 10 } } })
  const camille = await hub.enroll('agent')
  const agent = await hub.connect('agent', camille)
  const wallboardMember = await hub.enroll('wallboard')
  const wallboard = await hub.connect('wallboard', wallboardMember)
  const call = aCall({ recordingId: 'recording-1' as never })
  agent.send({ kind: 'call-report', call })
  const { header, records } = aPart(4)
  agent.send({ kind: 'part-open', stream: 1, header })
  await agent.next('part-position')
  agent.send(encodeFrame(1, records))
  await clock.advance(1_000)
  expect(await agent.next('draft')).toMatchObject({ draft: { state: { at: 'collecting' } } })
  await wallboard.next('wallboard-call')
  const gone = hub.logged('agent.disconnected')
  agent.socket.terminate()
  await gone
  await clock.advance(aloneMs + MINUTE_MS)
  expect((await hub.logged('call.presumed-over')).fields).toMatchObject({
    callId: call.callId,
    phase: 'done',
  })
  await clock.advance(MINUTE_MS) // the draft waits for its text, and the wallboard shows the end for a while
  const laterWallboard = await hub.connect('wallboard', wallboardMember)
  expect(await laterWallboard.next('wallboard-snapshot')).toMatchObject({
    calls: [],
    agents: [{ state: 'offline' }],
  })
  const back = await hub.connect('agent', camille)
  const draftAt = async (at: string) => {
    for (;;) {
      const { draft } = (await back.next('draft')) as unknown as { draft: Draft }
      if (draft.state.at === at) return draft
    }
  }
  expect(await draftAt('proposed')).toMatchObject({ transcript: 'late' })
  back.send({ kind: 'call-report', call })
  await back.next('call-stored')
  expect(await back.next('draft')).toMatchObject({
    draft: { state: { at: 'collecting' }, transcript: 'pending' },
  })
  back.send({ kind: 'part-open', stream: 1, header })
  expect(await back.next('part-position')).toMatchObject({ position: 4 })
})

import { expect, it } from 'vitest'
import {
  hubToWallboard,
  type AgentId,
  type BoardCall,
  type CallId,
  type Draft,
  type HubToWallboard,
} from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createWallboardKeys } from '../../src/wallboard/wallboardKeys.ts'
import { createWallboardFeed, type WallboardFeedNeeds } from '../../src/wallboard/wallboardFeed.ts'
import { AGENT, aCall, aLine, CALL } from '../../testing/ticketBuilders.ts'

const NOON = new Date(2026, 0, 5, 12, 0, 0).getTime()
const keyOf = createWallboardKeys(Buffer.from('the secret of a run'))
function aFeed(change: Partial<WallboardFeedNeeds> = {}) {
  const clock = createFakeClock(NOON)
  const sent: HubToWallboard[] = []
  const feed = createWallboardFeed({
    clock,
    publish: (text) => void sent.push(hubToWallboard.parse(JSON.parse(text))),
    privacy: { country: 'FR', names: 'full', keyOf },
    onBroken: (kind) => {
      throw new Error(`a broken ${kind}`)
    },
    recent: () => [],
    slots: () => ({ total: 4, used: 1 }),
    draftsWaiting: () => 2,
    calls: [],
    tickets: [],
    ...change,
  })
  const ofKind = <Kind extends HubToWallboard['kind']>(kind: Kind) => sent.filter((one): one is Extract<HubToWallboard, { kind: Kind }> => one.kind === kind) // prettier-ignore
  return { clock, feed, sent, ofKind }
}
const talking: BoardCall = aCall({
  phase: 'talking',
  startedAtMs: NOON - 60_000,
  talkingSinceMs: NOON - 50_000,
})
const done: BoardCall = { ...talking, phase: 'done', endedAtMs: NOON - 10_000 }
const filed = {
  draftId: 'draft-000001',
  callId: CALL,
  state: { at: 'filed', ticketId: '512', filedAtMs: NOON },
  fields: { title: 'Imprimante', priority: 'HIGH', organizationName: 'Menuiserie Lambert' },
} as unknown as Draft // prettier-ignore -- the feed reads these fields only

it('shows a call with its text and a masked number, and removes it 20 s after its end', async () => {
  const utterances = [aLine('caller', 'Bonjour')].map(({ atMs: _, ...line }) => line)
  const { feed, ofKind, clock } = aFeed({ recent: () => utterances })
  feed.call(talking)
  expect(feed.snapshot().calls[0]).toMatchObject({
    phase: 'talking',
    remoteNumberMasked: '+33 ••• 33',
    utterances: utterances.map(({ channel, text }) => ({ channel, text })),
  })
  expect(JSON.stringify(feed.snapshot())).not.toContain('240112233')
  feed.call(done)
  expect(ofKind('wallboard-call').at(-1)?.call.phase).toBe('done')
  await clock.advance(19_999)
  expect(ofKind('wallboard-call-gone')).toEqual([])
  await clock.advance(1)
  expect(ofKind('wallboard-call-gone')).toEqual([{ kind: 'wallboard-call-gone', callId: keyOf(CALL) }])
  expect(feed.snapshot().calls).toEqual([])
})

it('omits the times of single words, so that a snapshot of 200 calls fits into a socket’s buffer', () => {
  const words = Array.from({ length: 12 }, (_, at) => ({
    text: 'bonjour',
    fromMs: at,
    toMs: at + 1,
    confidence: 0.987654321,
  }))
  const utterances = Array.from({ length: 40 }, () => ({ ...aLine('caller', 'bonjour '.repeat(12)), words }))
  const { feed, ofKind } = aFeed({ recent: () => utterances })
  for (let number = 0; number < 200; number++)
    feed.call({ ...talking, callId: `CALL-${String(number).padStart(8, '0')}` as CallId })
  expect(JSON.stringify(feed.snapshot()).length).toBeLessThan(4 * 1_048_576)
  feed.utterance(CALL, utterances[0]!)
  expect(ofKind('wallboard-utterance')[0]?.utterance).toMatchObject({ text: utterances[0]!.text })
})

it('counts the figures of the day, and estimates none', async () => {
  const { feed, ofKind, clock } = aFeed({ calls: [aCall({ callId: 'CALL-MORNING-1' as CallId, phase: 'missed', startedAtMs: NOON - 3_600_000 })] }) // prettier-ignore
  expect(feed.snapshot().figures).toMatchObject({ callsToday: 1, missedToday: 1, hangUpToDraftMs: null })
  feed.call(done)
  for (const ms of [900, 300, 5_000]) feed.hangUpToDraft(ms)
  await clock.advance(500)
  expect(ofKind('wallboard-figures')).toHaveLength(1)
  expect(ofKind('wallboard-figures')[0]?.figures).toMatchObject({
    callsToday: 2,
    missedToday: 1,
    callsActive: 0,
    talkMsToday: 40_000,
    slotsTotal: 4,
    slotsUsed: 1,
    draftsWaiting: 2,
    hangUpToDraftMs: 900,
  })
})

it('shows each ticket once, however often its draft changes', () => {
  const { feed, ofKind } = aFeed()
  feed.draft(filed, done)
  feed.draft(filed, done)
  expect(ofKind('wallboard-ticket')).toHaveLength(1)
  expect(feed.snapshot().tickets).toMatchObject([{ ticketId: '512', title: 'Imprimante', organizationName: 'Menuiserie Lambert', agentName: 'Camille' }]) // prettier-ignore
})

it('starts the day again at midnight, and publishes a snapshot to every wallboard', async () => {
  const { feed, clock, ofKind } = aFeed()
  feed.call(done)
  feed.draft(filed, done)
  feed.hangUpToDraft(900)
  await clock.advance(12 * 3_600_000)
  expect(ofKind('wallboard-snapshot')).toMatchObject([{ tickets: [], figures: { callsToday: 0 } }])
  expect(feed.snapshot()).toMatchObject({ tickets: [], figures: { callsToday: 0, ticketsToday: 0, hangUpToDraftMs: null } }) // prettier-ignore
})

it('drops agents at midnight that were offline the whole day before', async () => {
  const { feed, clock } = aFeed()
  feed.presence(AGENT, 'Camille', '201', true)
  feed.presence('agent-who-left' as AgentId, 'Louis', '202', true)
  feed.presence('agent-who-left' as AgentId, 'Louis', '202', false)
  await clock.advance(24 * 3_600_000)
  expect(feed.snapshot().agents).toHaveLength(2)
  await clock.advance(24 * 3_600_000)
  expect(feed.snapshot().agents.map(({ name }) => name)).toEqual(['Camille'])
})

it('keeps an agent offline on the wallboard whatever is reported of its calls', () => {
  const { feed } = aFeed()
  feed.presence(AGENT, 'Camille', '201', true)
  feed.presence(AGENT, 'Camille', '201', false)
  feed.call(done)
  expect(feed.snapshot().agents).toMatchObject([{ state: 'offline' }])
})

it('publishes each change of an agent’s state', () => {
  const { feed, ofKind } = aFeed()
  feed.presence(AGENT, 'Camille', '201', true)
  feed.call(talking)
  feed.call(done)
  feed.presence(AGENT, 'Camille', '201', false)
  expect(ofKind('wallboard-agent').map(({ agent }) => agent.state)).toEqual(['available', 'talking', 'available', 'offline']) // prettier-ignore
})

it('shows the call of an agent that reconnects in mid-call after a restart of the hub', () => {
  const { feed, ofKind } = aFeed({ calls: [talking] })
  expect(feed.snapshot().calls).toEqual([])
  feed.presence(AGENT, 'Camille', '201', true)
  expect(ofKind('wallboard-call').map(({ call }) => call.callId)).toEqual([keyOf(CALL)])
  expect(feed.snapshot()).toMatchObject({ calls: [{ phase: 'talking' }], agents: [{ state: 'talking' }] })
})

it('counts a call that an offline agent reports hours later, without showing it', () => {
  const { feed, ofKind } = aFeed()
  feed.presence(AGENT, 'Camille', '201', true)
  feed.call({ ...done, startedAtMs: NOON - 3 * 3_600_000, endedAtMs: NOON - 2.9 * 3_600_000 })
  expect(ofKind('wallboard-call')).toEqual([])
  expect(feed.snapshot().figures.callsToday).toBe(1)
})

it('[T8] shows no more calls of one agent than fit on a screen, whatever it reports, and counts all of them', () => {
  const { feed, ofKind } = aFeed()
  for (let number = 0; number < 1_000; number += 1)
    feed.call({ ...talking, callId: `call-flood-${number.toFixed(0)}` as CallId })
  feed.call({ ...talking, callId: 'call-of-another' as CallId, agentId: 'agent-another' as AgentId })
  expect(feed.snapshot().calls).toHaveLength(11)
  expect(ofKind('wallboard-call')).toHaveLength(11)
  expect(feed.snapshot().figures.callsActive).toBe(1_001)
})

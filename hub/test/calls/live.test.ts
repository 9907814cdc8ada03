import { describe, expect, it } from 'vitest'
import {
  HOUR_MS,
  MINUTE_MS,
  type AgentId,
  type BoardCall,
  type CallId,
  type CallSnapshot,
} from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { openCalls, type Calls, type CallStore } from '../../src/calls/calls.ts'
import type { CurrentFact, LiveFact } from '../../src/calls/liveFact.ts'

const AGENT = 'agent-camille' as AgentId
const START = Date.UTC(2026, 0, 5, 9, 0, 0)
const NUMBER = '+33240112233'

const live = (state: LiveFact['state'], afterMs: number, change: Partial<LiveFact> = {}): LiveFact => ({
  leg: '201/17',
  extension: '201',
  state,
  direction: 'inbound',
  remoteNumber: NUMBER,
  atMs: START + afterMs,
  ...change,
})
const snapshot = (change: Partial<CallSnapshot> = {}): CallSnapshot => ({
  callId: 'AGENT-CALL-0001' as CallId,
  revision: 1,
  phase: 'talking',
  direction: 'unknown',
  extension: '201',
  startedAtMs: START,
  recording: 'recording',
  ...change,
})
const from = (call: CallSnapshot, agentId = AGENT, extension = '201') => ({
  agentId,
  agentName: 'Camille',
  extension,
  call,
})
const webhook = (change: Partial<Parameters<Calls['reportFromPbx']>[0]> = {}) => ({
  extension: '201',
  direction: 'inbound' as const,
  remoteNumber: NUMBER,
  missed: false,
  startedAtMs: START,
  endedAtMs: START + 120_000,
  ...change,
})

async function aBoard() {
  const clock = createFakeClock(START)
  const rows = new Map<string, unknown>()
  const aliases = new Map<string, string>()
  let isFull = false
  const store: CallStore = {
    save(call, names) {
      if (isFull) return Promise.reject(new Error('disk full'))
      rows.set(call.callId, structuredClone(call))
      for (const alias of names) if (!aliases.has(alias)) aliases.set(alias, call.callId)
      return Promise.resolve()
    },
    stored: (id) => Promise.resolve(rows.get(aliases.get(id) ?? id)),
    since: () =>
      Promise.resolve({
        calls: [...rows.values()],
        aliases: [...aliases].map(([alias, callId]) => ({ alias, callId })),
      }),
  }
  let ids = 0
  const facts: CurrentFact[] = []
  const drafted = new Set<CallId>()
  const changes: BoardCall[] = []
  const open = async (): Promise<Calls> => {
    const opened = await openCalls({
      store,
      clock,
      country: 'FR',
      newId: () => `PBX-CALL-${String((ids += 1)).padStart(4, '0')}`,
      identify: () => undefined,
    })
    opened.onFact((held) => void facts.push(held))
    opened.onChange((call) => {
      changes.push(call)
      // Each call of an agent gets a draft.
      if (call.agentId) drafted.add(call.callId)
    })
    return opened
  }
  let calls = await open()
  await calls.pbxLink({ at: 'open', legs: [] })
  return {
    get calls() {
      return calls
    },
    clock,
    facts,
    drafted,
    changes,
    fills: (full: boolean) => void (isFull = full),
    async restart() {
      await calls.stop()
      calls = await open()
    },
    async [Symbol.asyncDispose]() {
      await calls.stop()
      expect(clock.pending, 'nothing waits after the stop').toBe(0)
    },
  }
}

describe('a call that only the PBX reports', () => {
  it.each([
    ['0240112233', '+33240112233'],
    ['+41310000000', '+41 31 000 00 00'],
  ])(
    'gives a call of %s no name where the PBX repeats the number as %s',
    async (remoteNumber, remoteName) => {
      await using board = await aBoard()
      const call = await board.calls.factFromPbx({ ...live('ringing', 0), remoteNumber, remoteName })
      expect(call.remoteNumber).toBe(remoteNumber)
      expect(call.remoteName ?? board.facts[0]?.fact.remoteName).toBeUndefined()
    },
  )

  it('keeps a name that contains the number', async () => {
    await using board = await aBoard()
    const named = { remoteNumber: '0240112233', remoteName: 'Girard 02 40 11 22 33' }
    expect(await board.calls.factFromPbx({ ...live('ringing', 0), ...named })).toMatchObject(named)
  })

  it('shows a call without an agent ringing, talking and ended', async () => {
    await using board = await aBoard()
    await board.calls.factFromPbx(live('ringing', 0))
    await board.calls.factFromPbx(live('talking', 8_000))
    await board.calls.factFromPbx(live('held', 20_000))
    await board.calls.factFromPbx(live('talking', 30_000))
    await board.calls.factFromPbx(live('ended', 60_000))
    expect(board.changes.map(({ phase }) => phase)).toEqual(['ringing', 'talking', 'held', 'talking', 'done'])
    expect(board.calls.list()).toEqual([
      expect.objectContaining({
        startedAtMs: START,
        talkingSinceMs: START + 8_000,
        endedAtMs: START + 60_000,
        remoteNumber: NUMBER,
        direction: 'inbound',
        recording: 'none',
      }),
    ])
    expect(board.drafted.size).toBe(0)
  })

  it('counts a call that ends while it rings as missed, and keeps it ended', async () => {
    await using board = await aBoard()
    await board.calls.factFromPbx(live('ringing', 0))
    await board.calls.factFromPbx(live('ended', 20_000))
    await board.calls.factFromPbx(live('talking', 20_100))
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['missed'])
  })

  it('counts a group call as missed by nobody when a colleague answers', async () => {
    await using board = await aBoard()
    const one = { conversation: '880' }
    const other = { ...one, leg: '202/18', extension: '202' }
    await board.calls.factFromPbx(live('ringing', 0, one))
    await board.calls.factFromPbx(live('ringing', 0, other))
    await board.calls.factFromPbx(live('talking', 5_000, other))
    await board.calls.factFromPbx(live('ended', 7_000, one))
    expect(board.facts.at(-1)).toMatchObject({ answered: true, fact: { leg: '201/17', state: 'ended' } })
    await board.calls.factFromPbx(live('ended', 60_000, other))
    expect(board.facts.at(-1)?.answered).toBeUndefined()
    expect(board.calls.list().map(({ phase, conversation }) => [phase, conversation])).toEqual([
      ['done', '880'],
      ['done', '880'],
    ])
  })

  it('refuses a fact while the disk is full, notifies nobody, and creates one call when the fact is repeated', async () => {
    await using board = await aBoard()
    board.fills(true)
    await expect(board.calls.factFromPbx(live('ringing', 0))).rejects.toThrow('disk full')
    expect(board.facts).toEqual([])
    board.fills(false)
    await board.calls.factFromPbx(live('ringing', 0))
    board.fills(true)
    await expect(board.calls.pbxLink({ at: 'open', legs: [] })).rejects.toThrow('disk full')
    board.fills(false)
    await board.calls.pbxLink({ at: 'open', legs: [] })
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['missed'])
    expect(board.facts.map(({ fact }) => fact.state)).toEqual(['ringing', 'ended'])
  })

  it('ignores the end of an unknown leg', async () => {
    await using board = await aBoard()
    await board.calls.factFromPbx(live('ended', 0))
    expect(board.calls.list()).toEqual([])
    expect(board.facts).toEqual([])
  })

  it('ends a call whose end was never reported', async () => {
    await using board = await aBoard()
    await board.calls.factFromPbx(live('ringing', 0))
    await board.calls.factFromPbx(live('talking', 0, { leg: '202/1', extension: '202' }))
    await board.clock.advance(5 * MINUTE_MS)
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['missed', 'talking'])
    await board.clock.advance(4 * HOUR_MS)
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['missed', 'done'])
    expect(board.facts.filter(({ fact }) => fact.state === 'ended').map(({ fact }) => fact.leg)).toEqual([
      '201/17',
      '202/1',
    ])
  })

  it.each([
    ['forward', 1],
    ['back', -1],
  ])('keeps calls when the hub’s clock is set %s by hours, and ends them in time', async (_, sign) => {
    await using board = await aBoard()
    await board.calls.factFromPbx(live('ringing', 0))
    await board.calls.factFromPbx(live('talking', 0, { leg: '202/1', extension: '202' }))
    board.clock.jumpWallClock(sign * 9 * HOUR_MS)
    await board.clock.advance(2 * MINUTE_MS)
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['ringing', 'talking'])
    await board.calls.factFromPbx(live('talking', 0, { atMs: board.clock.nowMs() }))
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['talking', 'talking'])
    await board.clock.advance(5 * HOUR_MS)
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['done', 'done'])
  })

  it('ends a call that was ringing when the hub stopped, by wall-clock time', async () => {
    await using board = await aBoard()
    await board.calls.factFromPbx(live('ringing', 0))
    board.clock.jumpWallClock(HOUR_MS)
    await board.restart()
    await board.clock.advance(MINUTE_MS)
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['missed'])
  })

  it('ends a call whose leg the reconnected PBX does not list, at the time of its last fact', async () => {
    await using board = await aBoard()
    await board.calls.pbxLink({ at: 'open', legs: [] })
    await board.calls.factFromPbx(live('talking', 0))
    await board.calls.factFromPbx(live('talking', 0, { leg: '202/1', extension: '202' }))
    await board.clock.advance(10_000)
    await board.calls.pbxLink({ at: 'away' })
    await board.clock.advance(50_000)
    await board.calls.pbxLink({ at: 'open', legs: ['202/1'] })
    expect(board.calls.list().map(({ phase, endedAtMs }) => [phase, endedAtMs])).toEqual([
      ['done', START + 10_000],
      ['talking', undefined],
    ])
    expect(board.facts.at(-1)?.fact).toMatchObject({ leg: '201/17', state: 'ended' })
  })

  it('ends an unlisted leg’s call also after a restart of the hub', async () => {
    await using board = await aBoard()
    await board.calls.factFromPbx(live('talking', 0))
    await board.restart()
    await board.calls.pbxLink({ at: 'open', legs: [] })
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['done'])
  })

  it('reports no current facts while the PBX is away, but joins facts that come early', async () => {
    await using board = await aBoard()
    await board.calls.pbxLink({ at: 'away' })
    await board.calls.factFromPbx(live('talking', 0))
    expect(board.calls.pbxFactsOf('201')).toEqual({ at: 'away', facts: [] })
    await board.calls.pbxLink({ at: 'open', legs: ['201/17'] })
    expect(board.calls.pbxFactsOf('201')).toMatchObject({
      at: 'open',
      facts: [{ fact: { leg: '201/17' } }],
    })
  })

  it('finds a call by its leg after a restart of the hub in mid-call', async () => {
    await using board = await aBoard()
    await board.calls.factFromPbx(live('ringing', 0))
    await board.restart()
    await board.calls.factFromPbx(live('talking', 5_000))
    await board.restart()
    await board.calls.factFromPbx(live('ended', 9_000))
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['done'])
  })

  it('cuts texts of any length so that the call can be loaded again', async () => {
    await using board = await aBoard()
    const long = { remoteNumber: '1'.repeat(500), remoteName: 'x'.repeat(500), leg: 'l'.repeat(64) }
    await board.calls.factFromPbx(live('ringing', 0, long))
    await board.restart()
    await board.calls.factFromPbx(live('talking', 1_000, long))
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['talking'])
  })
})

describe('live facts and the agent’s own report', () => {
  it('[C4] joins the agent’s call to the one that rang, also when it was picked up late', async () => {
    await using board = await aBoard()
    const rang = await board.calls.factFromPbx(live('ringing', 0))
    await board.calls.factFromPbx(live('talking', 45_000))
    const own = await board.calls.report(from(snapshot({ startedAtMs: START + 45_300 })))
    expect(own).toMatchObject({ callId: rang.callId, agentId: AGENT, remoteNumber: NUMBER })
    expect(board.calls.find('AGENT-CALL-0001')?.callId).toBe(rang.callId)
  })

  it('joins a live fact to the call that the agent reported first, and names the agent', async () => {
    await using board = await aBoard()
    await board.calls.report(from(snapshot()))
    const joined = await board.calls.factFromPbx(live('talking', 400))
    expect(joined).toMatchObject({ callId: 'AGENT-CALL-0001', remoteNumber: NUMBER, direction: 'inbound' })
    expect(board.facts).toEqual([expect.objectContaining({ callId: 'AGENT-CALL-0001' })])
  })

  it('lets only the agent decide phase and recording', async () => {
    await using board = await aBoard()
    await board.calls.report(from(snapshot({ phase: 'held', recording: 'paused' })))
    await board.calls.factFromPbx(live('talking', 400))
    expect(await board.calls.factFromPbx(live('ended', 900))).toMatchObject({
      phase: 'held',
      recording: 'paused',
    })
  })

  it('notifies of nothing but the end once the agent has ended its call', async () => {
    await using board = await aBoard()
    await board.calls.factFromPbx(live('talking', 0))
    await board.calls.report(from(snapshot({ phase: 'wrap-up', endedAtMs: START + 20_000 })))
    await board.calls.factFromPbx(live('held', 21_000))
    await board.calls.factFromPbx(live('ended', 22_000))
    expect(board.facts.map(({ fact }) => fact.state)).toEqual(['talking', 'ended'])
    expect(board.calls.pbxFactsOf('201').facts).toEqual([])
  })

  it('creates another call for a second ring meanwhile, also from the same number', async () => {
    await using board = await aBoard()
    await board.calls.report(from(snapshot({ startedAtMs: START - 60_000 })))
    await board.calls.factFromPbx(live('talking', 0))
    await board.calls.factFromPbx(live('ringing', 1_000, { leg: '201/18', remoteNumber: '+33199001122' }))
    await board.calls.factFromPbx(live('ringing', 2_000, { leg: '201/19' }))
    expect(board.calls.list()).toHaveLength(3)
    expect(board.calls.pbxFactsOf('201').facts.map(({ fact }) => fact.leg)).toEqual([
      '201/17',
      '201/18',
      '201/19',
    ])
    expect(board.calls.pbxFactsOf('202').facts).toEqual([])
  })

  it('gives the report to the nearest of two calls of one extension', async () => {
    await using board = await aBoard()
    const first = await board.calls.factFromPbx(live('ringing', 0))
    const second = await board.calls.factFromPbx(
      live('ringing', 20_000, { leg: '201/18', remoteNumber: '0199001122' }),
    )
    expect((await board.calls.report(from(snapshot({ startedAtMs: START + 19_000 })))).callId).toBe(
      second.callId,
    )
    const other = snapshot({ callId: 'AGENT-CALL-0002' as CallId, startedAtMs: START + 1_000 })
    expect((await board.calls.report(from(other))).callId).toBe(first.callId)
  })

  it('keeps two calls of the same number in a row apart, each with its own report from the PBX', async () => {
    await using board = await aBoard()
    await board.calls.factFromPbx(live('ringing', 0))
    await board.calls.factFromPbx(live('talking', 2_000))
    await board.calls.factFromPbx(live('ended', 10_000))
    await board.calls.factFromPbx(live('ringing', 13_000, { leg: '201/18' }))
    await board.calls.factFromPbx(live('talking', 15_000, { leg: '201/18' }))
    const [first, second] = board.calls.list()
    const { startedAtMs: _, ...withoutStart } = webhook({ endedAtMs: START + 14_000 })
    expect((await board.calls.reportFromPbx(withoutStart)).callId).toBe(first?.callId)
    const again = webhook({ startedAtMs: START + 13_000, endedAtMs: START + 60_000 })
    expect((await board.calls.reportFromPbx(again)).callId).toBe(second?.callId)
    expect(board.calls.list().map(({ phase }) => phase)).toEqual(['done', 'done'])
  })

  it('[C6] leaves a call at another telephone with the agent that records it, and moves it there from another agent', async () => {
    await using board = await aBoard()
    const { callId } = await board.calls.factFromPbx(live('talking', 0))
    const elsewhere = snapshot({ callId, elsewhere: true, recording: 'none' })
    const idle = 'agent-at-home' as AgentId
    expect((await board.calls.report(from(elsewhere, idle))).agentId).toBe(idle)
    expect((await board.calls.report(from(snapshot({ callId })))).agentId).toBe(AGENT)
    const ended = snapshot({ ...elsewhere, revision: 9, phase: 'wrap-up', endedAtMs: START + 9_000 })
    expect(await board.calls.report(from(ended, idle))).toMatchObject({ agentId: AGENT, phase: 'talking' })
    expect(board.calls.list()).toHaveLength(1)
  })
})

describe('the webhook at the end', () => {
  it('ends a call that had live facts by the webhook, and reports the end of its legs', async () => {
    await using board = await aBoard()
    const received = await board.calls.factFromPbx(live('talking', 0))
    expect(await board.calls.reportFromPbx(webhook())).toMatchObject({
      callId: received.callId,
      phase: 'done',
    })
    expect(board.facts.at(-1)).toMatchObject({
      callId: received.callId,
      fact: { leg: '201/17', state: 'ended' },
    })
    await board.calls.factFromPbx(live('ended', 121_000))
    expect(board.calls.list()).toHaveLength(1)
  })

  it('reports an end to the agent of a call without live facts, if the start time identifies the call', async () => {
    await using board = await aBoard()
    await board.calls.report(from(snapshot()))
    const { startedAtMs: _, ...withoutStart } = webhook()
    await board.calls.reportFromPbx(withoutStart)
    expect(board.facts).toEqual([])
    await board.calls.reportFromPbx(webhook())
    expect(board.facts).toEqual([
      expect.objectContaining({
        callId: 'AGENT-CALL-0001',
        fact: expect.objectContaining({ state: 'ended', remoteNumber: NUMBER }) as LiveFact,
      }),
    ])
  })
})

it('creates another call for a leg name that the PBX uses again an hour later, also after a restart', async () => {
  await using board = await aBoard()
  await board.calls.factFromPbx(live('talking', 0))
  await board.calls.factFromPbx(live('ended', 10_000))
  await board.calls.factFromPbx(live('ringing', HOUR_MS))
  await board.restart()
  await board.calls.factFromPbx(live('talking', HOUR_MS + 5_000))
  expect(board.calls.list().map(({ phase }) => phase)).toEqual(['done', 'talking'])
})

/** Returns a repeatable random source: mulberry32 is small, and the same on every machine. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1)

it.each(SEEDS)(
  '[C4] creates one call and one draft from the facts of one conversation in any order (seed %i)',
  async (seed) => {
    await using board = await aBoard()
    const random = seeded(seed)
    const ringMs = Math.floor(random() * 50_000)
    const knowsNumber = random() < 0.5
    const number = knowsNumber ? { remoteNumber: '0240112233' } : {}
    const rang = random() < 0.7 // else the agent detects the call by the microphone alone
    const startedAtMs = START + (rang ? 200 : ringMs + 300)
    const talkingSinceMs = START + ringMs + 300
    const own =
      (phase: CallSnapshot['phase'], revision: number, change: Partial<CallSnapshot> = {}) =>
      () =>
        board.calls.report(from(snapshot({ ...number, phase, revision, startedAtMs, ...change })))
    const reported = (state: LiveFact['state'], afterMs: number) => () =>
      board.calls.factFromPbx(live(state, afterMs))
    const talked = { talkingSinceMs }
    const over = { ...talked, endedAtMs: START + ringMs + 60_500 }
    const threads = [
      [reported('ringing', 0), reported('talking', ringMs), reported('held', ringMs + 20_000), reported('talking', ringMs + 30_000), reported('ended', ringMs + 60_000)].slice(random() < 0.2 ? 1 : 0), // prettier-ignore
      [...(rang ? [own('ringing', 1)] : []), own('talking', 2, talked), own('wrap-up', 3, over), own('done', 4, over)].slice(random() < 0.3 ? -1 : 0), // prettier-ignore
      [() => board.calls.reportFromPbx(webhook({ startedAtMs: START, endedAtMs: START + ringMs + 60_000 }))],
    ]
    while (threads.some(({ length }) => length > 0)) {
      if (random() < 0.15) await board.restart()
      const waiting = threads.filter(({ length }) => length > 0)
      await waiting[Math.floor(random() * waiting.length)]?.shift()?.()
    }
    const shown = JSON.stringify(board.calls.list(), undefined, 1)
    expect(board.calls.list(), `seed ${String(seed)}: ${shown}`).toHaveLength(1)
    expect(board.drafted.size).toBe(1)
    expect(board.calls.list()[0]).toMatchObject({ phase: 'done', agentId: AGENT, direction: 'inbound' })
  },
)

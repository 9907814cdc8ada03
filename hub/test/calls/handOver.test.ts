import { describe, expect, it } from 'vitest'
import { MINUTE_MS, callSnapshot, type AgentId, type CallId, type CallSnapshot } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { openCalls, type CallStore } from '../../src/calls/calls.ts'
import type { LiveFact } from '../../src/calls/liveFact.ts'

const START = Date.UTC(2026, 0, 5, 9, 0, 0)
const CALLER = '+33240112233'
const SECOND = 1_000

/** Returns a fact about one extension's leg in the conversation with the caller. */
const fact = (
  extension: string,
  state: LiveFact['state'],
  afterMs: number,
  change: Partial<LiveFact> = {},
): LiveFact => ({
  ...{ leg: `${extension}/1`, extension, state, direction: 'inbound', remoteNumber: CALLER },
  ...{ conversation: '880', atMs: START + afterMs },
  ...change,
})
const INTERNAL = {
  direction: 'internal',
  remoteNumber: '201',
  remoteName: 'Alice',
  conversation: '881',
} as const

async function aBoard() {
  const rows = new Map<string, unknown>()
  const store: CallStore = {
    save: (call) => Promise.resolve(void rows.set(call.callId, structuredClone(call))),
    stored: (id) => Promise.resolve(rows.get(id)),
    since: () => Promise.resolve({ calls: [...rows.values()], aliases: [] }),
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
  const calls = await open()
  const play = async (...facts: readonly LiveFact[]) => {
    for (const one of facts) await calls.factFromPbx(one)
  }
  /** Returns, for each call by its extension, the extensions that it continues. */
  const continued = () => {
    const extensionOf = (id: CallId) => calls.find(id)?.extension ?? '?'
    return calls.list().map(({ extension, continues = [] }) => [extension, ...continues.map(extensionOf)].join(' ← ')) // prettier-ignore
  }
  return { calls, open, play, continued }
}

describe('[C11] a call that goes from one technician to another', () => {
  it('goes on after a transfer without asking: the first has ended when the second answers', async () => {
    const { calls, play, continued } = await aBoard()
    await play(
      fact('201', 'ringing', 0),
      fact('201', 'talking', 5 * SECOND),
      fact('201', 'ended', 60 * SECOND),
      fact('202', 'ringing', 61 * SECOND),
      fact('202', 'talking', 70 * SECOND),
    )
    expect(continued()).toEqual(['201', '202 ← 201'])
    const [first, second] = calls.list()
    expect(first?.continuedBy).toBe(second?.callId)
  })

  it('goes on with its caller after a transfer that was announced to the colleague', async () => {
    const { calls, play, continued } = await aBoard()
    await play(fact('201', 'talking', 0), fact('202', 'talking', 40 * SECOND, INTERNAL))
    expect(continued()).toEqual(['201', '202'])
    await play(fact('202', 'talking', 50 * SECOND), fact('201', 'ended', 51 * SECOND))
    expect(continued()).toEqual(['201', '202 ← 201'])
    const [, second] = calls.list()
    expect(second).toMatchObject({ direction: 'inbound', remoteNumber: CALLER })
    expect(second).not.toHaveProperty('remoteName')
  })

  it('keeps caller and predecessor when the second technician’s PC still names the colleague', async () => {
    const { calls, play } = await aBoard()
    await play(fact('201', 'talking', 0), fact('202', 'talking', 40 * SECOND, INTERNAL))
    await play(fact('202', 'talking', 50 * SECOND), fact('201', 'ended', 51 * SECOND))
    const [first, second] = calls.list()
    const call: CallSnapshot = {
      ...{ callId: second!.callId, revision: 3, phase: 'talking', direction: 'internal', extension: '202' },
      ...{
        remoteNumber: '201',
        remoteName: 'Alice',
        startedAtMs: START + 40 * SECOND,
        recording: 'recording',
      },
    }
    const bob = 'agent-bob' as AgentId
    const reported = await calls.report({ agentId: bob, agentName: 'Bob', extension: '202', call })
    expect(reported).toMatchObject({ agentId: bob, direction: 'inbound', remoteNumber: CALLER, continues: [first!.callId] }) // prettier-ignore
  })

  it('belongs to the technician who talks last: back again, and in a conference', async () => {
    const { play, continued } = await aBoard()
    await play(fact('201', 'talking', 0), fact('202', 'talking', 10 * SECOND), fact('203', 'talking', 20 * SECOND)) // prettier-ignore
    expect(continued()).toEqual(['201', '202', '203'])
    await play(fact('203', 'ended', 30 * SECOND))
    expect(continued()).toEqual(['201', '202 ← 203', '203'])
    await play(fact('202', 'ended', 40 * SECOND))
    expect(continued()).toEqual(['201 ← 202', '202 ← 203', '203'])
    await play(fact('201', 'ended', 50 * SECOND), fact('202', 'talking', 60 * SECOND, { leg: '202/2' }))
    expect(continued()).toEqual(['201 ← 202', '202 ← 203', '203', '202 ← 201'])
  })

  it.each([
    ['another conversation', { conversation: '990' }],
    ['a conversation without a name', { conversation: undefined }],
    ['another caller under a name that the PBX uses again', { remoteNumber: '+33199001122' }],
    ['a colleague', { ...INTERNAL, conversation: '880' }],
    ['a caller minutes later', { atMs: START + 60 * SECOND + 4 * MINUTE_MS }],
  ])('is not continued by %s', async (_, change) => {
    const { play, continued } = await aBoard()
    const { conversation, ...named } = fact('202', 'talking', 70 * SECOND, change as Partial<LiveFact>)
    await play(
      fact('201', 'talking', 0),
      fact('201', 'ended', 60 * SECOND),
      conversation === undefined ? named : { ...named, conversation },
    )
    expect(continued()).toEqual(['201', '202'])
  })

  it('is not continued by a telephone that rings with it, nor does it continue one that only rang', async () => {
    const { play, continued } = await aBoard()
    await play(
      fact('201', 'ringing', 0),
      fact('202', 'ringing', 0),
      fact('202', 'talking', 5 * SECOND),
      fact('201', 'ended', 6 * SECOND),
      fact('202', 'ended', 60 * SECOND),
    )
    expect(continued()).toEqual(['201', '202'])
  })

  it('keeps what it continues over a restart of the hub', async () => {
    const { play, open } = await aBoard()
    await play(
      fact('201', 'talking', 0),
      fact('201', 'ended', 60 * SECOND),
      fact('202', 'talking', 70 * SECOND),
    )
    const [first, second] = (await open()).list()
    expect(second?.continues).toEqual([first?.callId])
    expect(first?.continuedBy).toBe(second?.callId)
  })

  it('takes no agent’s word for it', async () => {
    const { calls } = await aBoard()
    const call = callSnapshot.parse({
      ...{
        callId: 'CALL-OF-EVE' as CallId,
        revision: 1,
        phase: 'talking',
        direction: 'inbound',
        extension: '202',
      },
      ...{
        startedAtMs: START,
        recording: 'none',
        continues: ['CALL-OF-ALICE'],
        continuedBy: 'CALL-OF-ALICE',
      },
    })
    const { continues, continuedBy } = await calls.report({ agentId: 'agent-eve' as AgentId, agentName: 'Eve', extension: '202', call }) // prettier-ignore
    expect([continues, continuedBy]).toEqual([undefined, undefined])
  })
})

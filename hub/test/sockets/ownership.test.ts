import { encodeFrame, type PartHeader } from '@3cx-ninja/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aPart } from '../../testing/messages.ts'
import {
  aFinal,
  aWorkerAtWork,
  CALLER,
  messagesSince,
  received,
  openTwoAgents,
  type TwoAgents,
} from '../../testing/twoAgents.ts'

type Message = object | Uint8Array
interface Attack {
  readonly name: string
  readonly messages: (world: TwoAgents) => readonly Message[]
  /** The kinds of the answers, each at least once. */
  readonly answers: readonly string[]
}

const open = (header: PartHeader, stream = 7) => ({ kind: 'part-open', stream, header })
const report = (call: object) => ({ kind: 'call-report', call })

/** Each message by which one agent can name a thing of another; Eve knows every id. */
const ATTACKS: readonly Attack[] = [
  {
    name: 'part-open of the next part of another’s recording under a call of one’s own',
    messages: ({ header, ownCall }) => [open({ ...header, part: 2, callId: ownCall.callId })],
    answers: ['part-refused'],
  },
  {
    name: 'part-open of the next part of another’s recording under its own call',
    messages: ({ header }) => [open({ ...header, part: 2, previousPosition: 20 })],
    answers: ['part-refused'],
  },
  {
    name: 'part-open of another’s part with its true header',
    messages: ({ header }) => [open(header)],
    answers: ['part-refused'],
  },
  {
    name: 'part-open of another’s part with every field but the call',
    messages: ({ header, ownCall }) => [open({ ...header, callId: ownCall.callId })],
    answers: ['part-refused'],
  },
  {
    name: 'part-open with the owner’s id in the header',
    messages: ({ header, alice }) => [open({ ...header, agentId: alice.id } as PartHeader)],
    answers: ['part-refused'],
  },
  {
    name: 'part-open of a new recording of another’s call',
    messages: ({ header }) => [open({ ...header, recordingId: 'recording-of-eve' as never })],
    answers: ['part-refused'],
  },
  {
    name: 'frames and part-close on another’s stream',
    messages: ({ draft }) => [
      encodeFrame(1, aPart(21).records.slice(20)),
      { kind: 'part-close', stream: 1 },
      { kind: 'draft-edit', draftId: draft.draftId, baseRevision: 0, changes: {} },
    ],
    answers: ['draft-refused'],
  },
  ...(
    [
      ['with the same revision', {}],
      ['with a higher revision', { revision: 9 }],
      ['as ended', { revision: 9, phase: 'done', endedAtMs: Date.now() }],
      ['as elsewhere', { revision: 9, elsewhere: true, recording: 'none' }],
      ['as of one’s own extension', { revision: 9, extension: '102' }],
      ['with a recording of one’s own', { revision: 9, recordingId: 'recording-of-eve' }],
    ] as const
  ).map(([how, change]): Attack => ({
    name: `call-report of another’s call ${how}`,
    messages: ({ call }) => [report({ ...call, ...change })],
    answers: ['call-stored'],
  })),
  {
    name: 'recording-erase of another’s recording',
    messages: ({ header }) => [{ kind: 'recording-erase', recordingId: header.recordingId }],
    answers: ['recording-erased'],
  },
  {
    name: 'recording-erase after a report of one’s own call that names the recording, and part-open of it',
    messages: ({ header, ownCall }) => [
      report({ ...ownCall, callId: 'second-call-of-eve', startedAtMs: 1_700_000_000_000, recordingId: header.recordingId }), // prettier-ignore
      { kind: 'recording-erase', recordingId: header.recordingId },
      open({ ...header, part: 2, callId: 'second-call-of-eve' as never }),
    ],
    answers: ['call-identified', 'recording-erased', 'part-refused'],
  },
  {
    name: 'draft-visible of another’s draft',
    messages: ({ draft: { draftId, revision } }) => [
      { kind: 'draft-visible', draftId, revision },
      { kind: 'draft-edit', draftId, baseRevision: 0, changes: {} },
    ],
    answers: ['draft-refused'],
  },
  {
    name: 'draft-edit of another’s draft',
    messages: ({ draft: { draftId, revision } }) => [
      { kind: 'draft-edit', draftId, baseRevision: revision, changes: { title: 'Eve was here' } },
    ],
    answers: ['draft-refused'],
  },
  ...['file', 'hold', 'resume', 'undo', 'discard'].map((kind): Attack => ({
    name: `draft-decide ${kind} of another’s draft`,
    messages: ({ draft: { draftId, revision } }) => [
      { kind: 'draft-decide', draftId, baseRevision: revision, decision: { kind, ...(kind === 'discard' ? { reason: 'private' } : {}) } }, // prettier-ignore
    ],
    answers: ['draft-refused'],
  })),
]

describe.each([
  ['of a hub that runs', false],
  ['of a hub that was started again', true],
])(
  '[C9] [R15] [D4] each message that names a thing of another client changes nothing: %s',
  (_, isRestarted) => {
    let world: TwoAgents
    beforeAll(async () => {
      world = await openTwoAgents()
      if (isRestarted) await world.restart()
    })
    afterAll(() => world[Symbol.asyncDispose]())

    it.each(ATTACKS.map((attack) => [attack.name, attack] as const))(
      '%s',
      async (name, { messages, answers }) => {
        const { aliceLink, eveLink } = world
        const before = await world.stored()
        const [ofAlice, ofEve] = [aliceLink.received.length, eveLink.received.length]
        for (const message of messages(world)) eveLink.send(message)
        await received(eveLink, ofEve, answers)
        expect(await world.stored()).toEqual(before)
        expect(await world.recordsOn()).toBeGreaterThan(20)
        expect(messagesSince(aliceLink, ofAlice).map(({ kind }) => kind)).toEqual(['records-flushed'])
        const sent = messagesSince(eveLink, ofEve)
        expect(JSON.stringify(sent), name).not.toContain(CALLER)
        expect(sent.map(({ kind }) => kind)).not.toContain('part-position')
      },
    )
  },
)

/** Each message by which one worker can name the lease of another. */
const OF_A_LEASE: Readonly<Record<string, object>> = {
  'lease-accept': {},
  'lease-decline': { reason: 'mine' },
  'lease-renew': { fence: 1 },
  'lease-done': { fence: 1 },
  'lease-return': { fence: 1, reason: 'mine' },
  'records-acknowledged': { part: 1, position: 20 },
  utterance: { fence: 1, utterance: aFinal({ text: 'Eve was here' }), lagMs: 0 },
}

it.each(Object.entries(OF_A_LEASE))(
  '[W4] %s of another worker’s lease is answered lease-revoked, and its holder goes on',
  async (kind, fields) => {
    await using world = await openTwoAgents()
    const holder = await aWorkerAtWork(world.hub)
    const other = await world.hub.connect('worker', await world.hub.enroll('worker'))
    other.send({ kind, leaseId: holder.leaseId, ...fields })
    expect(await other.next('lease-revoked')).toMatchObject({ reason: 'unknown-lease' })
    holder.link.send({ kind: 'lease-renew', leaseId: holder.leaseId, fence: holder.fence })
    await holder.link.next('lease-renewed')
    holder.say({ text: 'Bonjour.' })
    const { utterance } = (await world.aliceLink.next('utterance')) as unknown as { utterance: { text: string } } // prettier-ignore
    expect(utterance.text).toBe('Bonjour.')
  },
)

it('[C9] sends a call’s words and identity to its own agent only, whatever another agent reported of it', async () => {
  await using world = await openTwoAgents()
  const { call } = world
  const worker = await aWorkerAtWork(world.hub)
  world.eveLink.send(report({ ...call, revision: 9 }))
  await world.eveLink.next('call-stored')
  worker.say({ text: 'Mon imprimante fume.' })
  expect(await world.aliceLink.next('utterance')).toMatchObject({
    utterance: { text: 'Mon imprimante fume.' },
  })
  await world.connect()
  expect(await world.aliceLink.next('utterance')).toMatchObject({ callId: call.callId })
  world.eveLink.send({ kind: 'ping', n: 1 })
  await world.eveLink.next('pong')
  expect(JSON.stringify(world.eveLink.received)).not.toContain('imprimante')
  expect(JSON.stringify(world.eveLink.received)).not.toContain(call.callId)
})

it('[H2] plays a recording back to its own agent only, also after another reported its call, and after a restart', async () => {
  await using world = await openTwoAgents()
  const { hub, header, call, alice, eve } = world
  const sound = `/api/agent/recordings/${header.recordingId}`
  const statusOf = async (address: string, { token }: { token: string }) =>
    (await hub.ask(address, { headers: { authorization: `Bearer ${token}` } })).status
  const expectOwn = async () => {
    for (const address of [sound, `${sound}/parts/1/records?from=0`]) {
      expect(await statusOf(address, alice)).toBe(200)
      expect(await statusOf(address, eve)).toBe(403)
    }
  }
  world.eveLink.send(report({ ...call, revision: 9 }))
  await world.eveLink.next('call-stored')
  await expectOwn()
  await world.restart()
  await expectOwn()
})

it('[R10] keeps a recording whose call left the board a week ago from the erasure of another agent, and lets its own erase it', async () => {
  const startedAtMs = Date.now() - 8 * 86_400_000
  const over = {
    startedAtMs,
    talkingSinceMs: startedAtMs,
    phase: 'done',
    endedAtMs: startedAtMs + 60_000,
  } as const
  await using world = await openTwoAgents(over)
  await world.restart()
  const { header } = world
  const before = await world.stored()
  world.eveLink.send({ kind: 'recording-erase', recordingId: header.recordingId })
  await world.eveLink.next('recording-erased')
  expect(await world.stored()).toEqual(before)
  await world.recordsOn()
  world.aliceLink.send({ kind: 'recording-erase', recordingId: header.recordingId })
  await world.aliceLink.next('recording-erased')
  expect((await world.stored()) as object).toMatchObject({ played: { error: 'erased' } })
})

it('[R10] keeps a recording that has not arrived from the erasure of another agent, once a call of its own names it', async () => {
  await using world = await openTwoAgents()
  const { header, ownCall, call } = world
  const late = { recordingId: 'recording-to-come' as never, callId: 'old-call-of-alice' as never }
  const startedAtMs = Date.now() - 8 * 86_400_000
  const since = world.aliceLink.received.length
  world.aliceLink.send(report({ ...call, ...late, startedAtMs, phase: 'done', endedAtMs: startedAtMs + 1 }))
  await received(world.aliceLink, since, ['call-stored'])
  await world.restart()
  const { aliceLink, eveLink } = world
  eveLink.send(report({ ...ownCall, revision: 2, recordingId: late.recordingId }))
  expect((await eveLink.next('call-identified'))['call']).not.toHaveProperty('recordingId')
  eveLink.send({ kind: 'recording-erase', recordingId: late.recordingId })
  await eveLink.next('recording-erased')
  eveLink.send(open({ ...header, recordingId: late.recordingId, callId: ownCall.callId }))
  expect(await eveLink.next('part-refused')).toMatchObject({ reason: 'not-yours' })
  aliceLink.send(open({ ...header, ...late }))
  expect(await aliceLink.next('part-position')).toMatchObject({ stream: 7, position: 0 })
})

it('[C9] drops the id of another’s recording from a report of one’s own call, and logs it', async () => {
  await using world = await openTwoAgents()
  const { header, ownCall, eveLink, hub } = world
  eveLink.send(report({ ...ownCall, revision: 2, recordingId: header.recordingId }))
  const { call } = (await eveLink.next('call-identified')) as unknown as { call: { revision: number } }
  expect(call).toMatchObject({ revision: 2 })
  expect(call).not.toHaveProperty('recordingId')
  expect((await hub.logged('call.recording-of-another-dropped')).fields).toMatchObject({
    agentId: world.eve.id,
  })
})

it('[R10] erases at an agent’s request what nobody has, and refuses it to nobody else’s harm', async () => {
  await using world = await openTwoAgents()
  world.eveLink.send({ kind: 'recording-erase', recordingId: 'never-had-it' })
  expect(await world.eveLink.next('recording-erased')).toMatchObject({ recordingId: 'never-had-it' })
  expect(await world.recordsOn()).toBe(21)
})

it('[T6] gives a wallboard no id by which an agent could name the call or the recording', async () => {
  await using world = await openTwoAgents()
  const { hub, call, header } = world
  const wallboard = await hub.connect('wallboard', await hub.enroll('wallboard'))
  const worker = await aWorkerAtWork(hub)
  const first = (await wallboard.next('wallboard-snapshot')) as unknown as { calls: { callId: string }[] }
  worker.say({})
  const { callId } = await wallboard.next('wallboard-utterance')
  expect(first.calls.map((one) => one.callId)).toContain(callId)
  const second = await hub.connect('wallboard', await hub.enroll('wallboard'))
  const again = (await second.next('wallboard-snapshot')) as unknown as { calls: { callId: string }[] }
  expect(again.calls.map((one) => one.callId)).toContain(callId)
  const shown = JSON.stringify([wallboard.received, second.received])
  for (const id of [
    call.callId,
    header.recordingId,
    'recordingId',
    'contactId',
    'organizationId',
    'utterance-0',
  ])
    expect(shown).not.toContain(id)
})

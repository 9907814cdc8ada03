import { crc32 } from 'node:zlib'
import { PROTOCOL_VERSION, encodeFrame } from '@3cx-ninja/protocol'
import { createFakeDisk } from '../../../recording-log/testing/fakeDisk.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { expect, it } from 'vitest'
import { aCall, aPart, aWorkerOffer } from '../../testing/messages.ts'
import { Refused } from '../../testing/rawClient.ts'
import { startHub, type TestHub } from '../../testing/startHub.ts'

const ROLES = ['agent', 'worker', 'wallboard'] as const
const hello = (role: string, change = {}) => ({
  kind: 'hello',
  protocol: PROTOCOL_VERSION,
  role,
  version: 'test',
  ...change,
})
const refusedBy = async (opening: Promise<unknown>) => {
  const error = await opening.catch((caught: unknown) => caught)
  if (!(error instanceof Refused)) throw new Error(`not refused: ${String(error)}`)
  return error
}
/** Resolves once another agent has connected and was welcomed: the hub still does its work. */
const expectWell = async (hub: TestHub) => {
  const link = await hub.connect('agent', await hub.enroll('agent'))
  await link.next('agent-settings')
  expect(hub.log.filter(({ event }) => event === 'hub.crashed')).toEqual([])
}

it('[L7] answers 401 with the remedy to a token that is missing, wrong or revoked, for every role', async () => {
  await using hub = await startHub()
  for (const role of ROLES) {
    const member = await hub.enroll(role)
    await hub.hub.access.revoke(member.id)
    for (const token of ['', 'wrong', member.token]) {
      const { status, body } = await refusedBy(hub.open(role, token))
      expect(status).toBe(401)
      expect(body).toMatchObject({ error: 'bad-token', message: expect.stringContaining('enroll again') })
    }
  }
  await expectWell(hub)
})

it('[L3] answers 403 to a token of another role, and badToken to a hello of another role', async () => {
  await using hub = await startHub()
  const agent = await hub.enroll('agent')
  expect(await refusedBy(hub.open('worker', agent.token))).toMatchObject({
    status: 403,
    body: { error: 'other-role' },
  })
  const link = await hub.open('agent', agent.token)
  link.send(hello('worker'))
  expect(await link.closed).toEqual({ code: 4401, reason: 'badToken' })
})

it('[L2] closes a link with protocolTooOld or protocolTooNew by the protocol of its hello', async () => {
  await using hub = await startHub()
  const agent = await hub.enroll('agent')
  const old = await hub.open('agent', agent.token)
  old.send(hello('agent', { protocol: 0 }))
  expect(await old.closed).toEqual({ code: 4400, reason: 'protocolTooOld' })
  const fresh = await hub.open('agent', agent.token)
  fresh.send(hello('agent', { protocol: PROTOCOL_VERSION + 1 }))
  expect(await fresh.closed).toEqual({ code: 4406, reason: 'protocolTooNew' })
  await expectWell(hub)
})

it('[L1] [L6] closes brokenMessage for an invalid message, and logs it without its text', async () => {
  await using hub = await startHub()
  const agent = await hub.enroll('agent')
  const broken: (string | object | Buffer)[] = [
    'not json',
    '[]',
    'null',
    '{"kind":5}',
    { kind: 'call-report', call: { callId: 'x' } },
    { kind: 'call-report', call: { ...aCall(), remoteName: 'x'.repeat(500) } },
    { kind: 'part-open', stream: 0, header: aPart(0).header },
    { kind: 'part-open', stream: 1, header: { ...aPart(0).header, recordingId: '../../etc/passwd' } },
    { kind: 'draft-edit', draftId: 'x', baseRevision: -1, changes: {} },
  ]
  for (const message of broken) {
    const link = await hub.connect('agent', agent)
    link.send(message)
    expect(await link.closed, JSON.stringify(message)).toMatchObject({ code: 4422 })
  }
  for (const first of [aCall(), Buffer.from('sound')]) {
    const link = await hub.open('agent', agent.token)
    link.send(first)
    expect((await link.closed).code).toBe(4422)
  }
  const odd = hub.log.filter(({ event }) => event === 'agent.unexpected-message')
  expect(odd.length).toBeGreaterThan(broken.length - 1)
  expect(JSON.stringify(odd)).not.toContain('xxxxx')
  await expectWell(hub)
})

it('[L6] ignores a message of an unknown kind', async () => {
  await using hub = await startHub()
  const link = await hub.connect('agent', await hub.enroll('agent'))
  link.send({ kind: 'of-a-newer-peer', a: 1 })
  link.send({ kind: 'ping', n: 7 })
  expect(await link.next('pong')).toEqual({ kind: 'pong', n: 7 })
})

it('[L9] closes 1009 for a message that is larger than allowed', async () => {
  await using hub = await startHub()
  for (const role of ROLES) {
    const link = await hub.connect(role, await hub.enroll(role))
    link.send('x'.repeat(262_145))
    expect((await link.closed).code).toBe(1009)
  }
  await expectWell(hub)
})

it('[L9] closes tooMany for a flood', async () => {
  await using hub = await startHub({ clock: createFakeClock(Date.now()) })
  const link = await hub.connect('agent', await hub.enroll('agent'))
  for (let n = 0; n < 5_001; n += 1) link.send({ kind: 'of-a-newer-peer' })
  expect(await link.closed).toEqual({ code: 4429, reason: 'tooMany' })
})

it('[T5] closes brokenMessage for a wallboard that sends messages, and for a worker that sends audio', async () => {
  await using hub = await startHub()
  const wallboard = await hub.connect('wallboard', await hub.enroll('wallboard'))
  await wallboard.next('wallboard-snapshot')
  wallboard.send({ kind: 'anything' })
  expect((await wallboard.closed).code).toBe(4422)
  const worker = await hub.connect('worker', await hub.enroll('worker'))
  worker.send(Buffer.from('sound'))
  expect((await worker.closed).code).toBe(4422)
})

it('[L1] closes brokenMessage for any message before hello, ping and pong included', async () => {
  await using hub = await startHub()
  const agent = await hub.enroll('agent')
  const first = [{ kind: 'ping', n: 1 }, { kind: 'pong', n: 1 }, { kind: 'call-report', call: aCall() }, Buffer.alloc(20)] // prettier-ignore
  for (const message of first) {
    const link = await hub.open('agent', agent.token)
    link.send(message)
    expect(await link.closed).toEqual({ code: 4422, reason: 'brokenMessage' })
    expect(link.received).toEqual([])
  }
})

it('[L1] [L4] closes helloMissing for a peer without hello, and heartbeatLost for one that falls silent', async () => {
  const clock = createFakeClock(Date.now())
  await using hub = await startHub({ clock })
  const agent = await hub.enroll('agent')
  const silent = await hub.open('agent', agent.token)
  await clock.advance(5_000)
  expect(await silent.closed).toEqual({ code: 4408, reason: 'helloMissing' })
  const link = await hub.connect('agent', agent)
  await clock.advance(2_500)
  link.send({ kind: 'ping', n: 1 })
  await link.next('pong')
  await clock.advance(12_500)
  link.send({ kind: 'ping', n: 2 })
  await link.next('pong')
  await clock.advance(15_000)
  expect(await link.closed).toEqual({ code: 4410, reason: 'heartbeatLost' })
})

it('[L8] replaces the first link of the same agent', async () => {
  await using hub = await startHub()
  const agent = await hub.enroll('agent')
  const first = await hub.connect('agent', agent)
  const second = await hub.connect('agent', agent)
  expect(await first.closed).toEqual({ code: 4409, reason: 'replaced' })
  second.send({ kind: 'ping', n: 1 })
  await second.next('pong')
  expect((await hub.ask('/metrics')).text).toContain('hub_links{role="agent"} 1')
})

it('cuts the links of a revoked agent, worker or wallboard at once, also one without a hello', async () => {
  await using hub = await startHub()
  for (const role of ROLES) {
    const member = await hub.enroll(role)
    const greeting = await hub.open(role, member.token)
    const link = await hub.connect(role, member)
    await hub.hub.access.revoke(member.id)
    expect(await link.closed).toEqual({ code: 4401, reason: 'badToken' })
    expect(await greeting.closed).toEqual({ code: 4401, reason: 'badToken' })
  }
  expect((await hub.ask('/metrics')).text).toMatch(/hub_links\{role="wallboard"\} 0/)
  await expectWell(hub)
})

it('answers or ignores unknown ids of drafts, streams and leases, and serves the next client', async () => {
  await using hub = await startHub()
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  agent.send({
    kind: 'draft-decide',
    draftId: 'nobodys-draft',
    baseRevision: 1,
    decision: { kind: 'file' },
  })
  expect(await agent.next('draft-refused')).toEqual({
    kind: 'draft-refused',
    draftId: 'nobodys-draft',
    reason: 'unknown-draft',
  })
  agent.send(encodeFrame(77, aPart(1).records))
  agent.send({ kind: 'part-close', stream: 77 })
  agent.send({ kind: 'recording-erase', recordingId: 'never-had-it' })
  expect(await agent.next('recording-erased')).toMatchObject({ recordingId: 'never-had-it' })
  const worker = await hub.connect('worker', await hub.enroll('worker'))
  worker.send(aWorkerOffer())
  worker.send({ kind: 'lease-renew', leaseId: 'nobodys-lease', recordingId: 'recording-1', fence: 1 })
  worker.send({ kind: 'ping', n: 1 })
  await worker.next('pong')
  await expectWell(hub)
})

it('[R1] [R3] [R7] stores a part, reports when it is flushed, and refuses a damaged record', async () => {
  await using hub = await startHub()
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  agent.send({ kind: 'call-report', call: aCall() })
  await agent.next('call-stored')
  const { header, records } = aPart(4)
  agent.send({ kind: 'part-open', stream: 1, header })
  expect(await agent.next('part-position')).toMatchObject({ stream: 1, position: 0 })
  expect(await agent.next('records-flushed')).toMatchObject({ position: 0 })
  agent.send(encodeFrame(1, records.slice(0, 2)))
  expect(await agent.next('records-flushed')).toMatchObject({ position: 2 })
  agent.send(encodeFrame(1, records.slice(3)))
  expect(await agent.next('part-position')).toMatchObject({ position: 2 })
  const damaged = encodeFrame(1, records.slice(2))
  damaged[damaged.length - 1]! ^= 1
  agent.send(damaged)
  expect(await agent.next('part-refused')).toMatchObject({ stream: 1, reason: 'broken-record' })
  agent.send({ kind: 'part-open', stream: 2, header })
  expect(await agent.next('part-position')).toMatchObject({ stream: 2, position: 2 })
})

it('[R7] [L11] refuses a record longer than the limits of disk and encoder, and goes on serving the other clients', async () => {
  await using hub = await startHub()
  const worker = await hub.connect('worker', await hub.enroll('worker'))
  worker.send(aWorkerOffer())
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  agent.send({ kind: 'call-report', call: aCall() })
  await agent.next('call-stored')
  const { header, records } = aPart(2)
  agent.send({ kind: 'part-open', stream: 1, header })
  await agent.next('part-position')
  agent.send(encodeFrame(1, records))
  await worker.next('lease-offer')
  agent.send(frameOfPayload(1, 2, 16_385))
  expect(await agent.next('part-refused')).toMatchObject({ stream: 1, reason: 'broken-record' })
  agent.send({ kind: 'part-open', stream: 2, header })
  expect(await agent.next('part-position')).toMatchObject({ stream: 2, position: 2 })
  worker.send({ kind: 'ping', n: 1 })
  await worker.next('pong')
  await expectWell(hub)
})

it('[R8] refuses a recording without consent, of an opted-out party or of another agent’s call', async () => {
  const optOut = { extensions: ['199'], numbers: ['02 40 99 88 77'] }
  await using hub = await startHub({ settings: { recording: { optOut } } })
  const mine = await hub.connect('agent', await hub.enroll('agent'))
  const open = async (link: typeof mine, stream: number, change: object) => {
    link.send({ kind: 'part-open', stream, header: { ...aPart(0).header, ...change } })
    return link.next('part-refused')
  }
  expect(await open(mine, 1, { extension: '199' })).toMatchObject({ reason: 'opted-out' })
  mine.send({
    kind: 'call-report',
    call: { ...aCall(), callId: 'opted-out-call', remoteNumber: '+33240998877' },
  })
  await mine.next('call-stored')
  expect(await open(mine, 2, { callId: 'opted-out-call' })).toMatchObject({ reason: 'opted-out' })
  const other = await hub.connect('agent', await hub.enroll('agent', { extension: '102' }))
  other.send({ kind: 'call-report', call: { ...aCall(), callId: 'call-of-102', extension: '102' } })
  await other.next('call-stored')
  expect(await open(mine, 3, { callId: 'call-of-102' })).toMatchObject({ reason: 'not-yours' })

  await hub.restart({ settings: { recording: { consent: { confirmed: false } } } })
  const later = await hub.connect('agent', await hub.enroll('agent'))
  expect(await open(later, 1, {})).toMatchObject({ reason: 'no-consent' })
})

it.each(['+3225123456', '025123456', '003225123456', '02/512.34.56'])(
  '[S3] refuses the recording of an opted-out Belgian subscriber who calls as %s',
  async (remoteNumber) => {
    const recording = { optOut: { numbers: ['02 512 34 56'] } }
    await using hub = await startHub({ settings: { recording, country: 'BE' } })
    const agent = await hub.connect('agent', await hub.enroll('agent'))
    agent.send({ kind: 'call-report', call: { ...aCall(), remoteNumber } })
    await agent.next('call-stored')
    agent.send({ kind: 'part-open', stream: 1, header: aPart(0).header })
    expect(await agent.next('part-refused')).toMatchObject({ reason: 'opted-out' })
  },
)

it('[R10] erases a recording for its own agent only, and refuses it forever after', async () => {
  await using hub = await startHub()
  const member = await hub.enroll('agent')
  const mine = await hub.connect('agent', member)
  const { header, records } = aPart(2)
  mine.send({ kind: 'call-report', call: { ...aCall(), recordingId: header.recordingId } })
  await mine.next('call-stored')
  mine.send({ kind: 'part-open', stream: 1, header })
  await mine.next('part-position')
  mine.send(encodeFrame(1, records))
  await mine.next('records-flushed')
  const other = await hub.connect('agent', await hub.enroll('agent', { extension: '102' }))
  other.send({ kind: 'recording-erase', recordingId: header.recordingId })
  await other.next('recording-erased')
  mine.send({ kind: 'part-open', stream: 2, header })
  expect(await mine.next('part-position')).toMatchObject({ stream: 2, position: 2 })
  mine.send({ kind: 'recording-erase', recordingId: header.recordingId })
  await mine.next('recording-erased')
  await hub.restart()
  const again = await hub.connect('agent', member)
  again.send({ kind: 'part-open', stream: 1, header })
  expect(await again.next('part-refused')).toMatchObject({ reason: 'erased' })
})

it('[R8] refuses parts while the disk is full, reports it in /health, loses nothing, and goes on once there is room', async () => {
  const disk = createFakeDisk()
  await using hub = await startHub({ fileSystem: disk.fs })
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  const { header, records } = aPart(6)
  agent.send({ kind: 'part-open', stream: 1, header })
  await agent.next('part-position')
  await agent.next('records-flushed')
  agent.send(encodeFrame(1, records.slice(0, 2)))
  expect(await agent.next('records-flushed')).toMatchObject({ position: 2 })

  disk.setRoom(0)
  agent.send(encodeFrame(1, records.slice(2, 4)))
  await hub.logged('disk.failed')
  const sick = await hub.ask('/health')
  expect(sick.status).toBe(503)
  expect(sick.json()).toMatchObject({ ready: false })
  expect(sick.text).toMatch(/"name":"disk","state":"failed".*"remedy":"[^"]+/)
  const second = aPart(1, { recordingId: 'recording-2' as never, callId: 'other-call' as never })
  agent.send({ kind: 'part-open', stream: 2, header: second.header })
  expect(await agent.next('part-refused')).toMatchObject({ stream: 2, reason: 'disk-full' })

  disk.heal()
  expect(await agent.next('records-flushed')).toMatchObject({ stream: 1, position: 4 })
  await hub.logged('disk.recovered')
  // The answer is made once a second at most, for all that ask.
  await expect.poll(async () => (await hub.ask('/health')).json()).toMatchObject({ ready: true })
  agent.send({ kind: 'part-open', stream: 3, header: second.header })
  expect(await agent.next('part-position')).toMatchObject({ stream: 3, position: 0 })
})

/** Returns a frame of one record with a good checksum, whatever limit its payload exceeds. */
function frameOfPayload(stream: number, sequence: number, length: number): Uint8Array {
  const word = Buffer.alloc(4)
  word.writeUInt32BE(sequence)
  const record = Buffer.alloc(10 + length)
  record.writeUInt16BE(length, 8)
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(record, crc32(word)))
  return Buffer.concat([Buffer.from([1, 0, stream]), word, Buffer.from([1]), record, checksum])
}

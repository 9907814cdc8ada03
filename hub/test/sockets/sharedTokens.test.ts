import { expect, it } from 'vitest'
import { MINUTE_MS, PROTOCOL_VERSION, encodeFrame } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createSharedTokens, type SharedToken } from '../../src/sockets/sharedTokens.ts'
import { aCall, aPart } from '../../testing/messages.ts'
import type { RawAnswer } from '../../testing/rawClient.ts'
import { startHub, type Member, type TestHub } from '../../testing/startHub.ts'

async function connectAs(hub: TestHub, member: Member, instance: string, machine: string) {
  const link = await hub.open('agent', member.token)
  link.send({ kind: 'hello', protocol: PROTOCOL_VERSION, role: 'agent', version: 'test', instance, machine })
  await link.next('agent-settings')
  return link
}
const enrollmentsOf = (answer: RawAnswer) =>
  answer
    .json<{ parts: { name: string; state: string; reason?: string; remedy?: string }[] }>()
    .parts.find(({ name }) => name === 'enrollments')

it('[L8] reports two PCs with one token, with machine and remedy, in the log, in /health and on the admin page', async () => {
  await using hub = await startHub()
  const camille = await hub.enroll('agent', { name: 'Camille' })
  const first = await connectAs(hub, camille, 'run-of-pc-1', 'PC-1')
  const second = await connectAs(hub, camille, 'run-of-pc-2', 'PC-2')
  expect(await first.closed).toEqual({ code: 4409, reason: 'replaced' })
  const admin = await hub.signInAdmin()
  const seen = async () => enrollmentsOf(await admin.ask('/api/admin/overview'))
  expect(await seen()).toEqual({ name: 'enrollments', state: 'ok' }) // a restart replaces the link in the same way
  await connectAs(hub, camille, 'run-of-pc-1', 'PC-1')
  await second.closed
  const { fields } = await hub.logged('client.token-shared')
  expect(fields).toMatchObject({
    name: 'Camille',
    locations: ['PC-2 (127.0.0.1)', 'PC-1 (127.0.0.1)'],
    remedy: expect.stringContaining('Enroll one of them again'),
  })
  expect(enrollmentsOf(await hub.ask('/health'))).toMatchObject({
    state: 'degraded',
    client: { role: 'agent', id: camille.id },
    remedy: expect.stringContaining('Enroll one of them again'),
  })
  expect(await seen()).toMatchObject({
    state: 'degraded',
    reason: expect.stringMatching(/'Camille'.*PC-2 \(127\.0\.0\.1\), PC-1 \(127\.0\.0\.1\)/),
    remedy: expect.stringContaining('Enroll one of them again'),
  })
  expect((await admin.ask('/api/admin/overview')).json()).toMatchObject({
    sharedTokens: [{ name: 'Camille', locations: ['PC-2 (127.0.0.1)', 'PC-1 (127.0.0.1)'] }],
  })
})

it('[L8] stores the recordings of two PCs that replace each other, whole and apart', async () => {
  await using hub = await startHub()
  const camille = await hub.enroll('agent')
  const pcs = ['PC-1', 'PC-2'].map((machine, index) => {
    const ids = { callId: `01JCALLOFPC${index}`, recordingId: `recording-of-pc-${index}` }
    const payload = Buffer.alloc(3_200, index + 1)
    const { header, records } = aPart(8, ids as never)
    return { machine, ...ids, header, records: records.map((record) => ({ ...record, payload })) }
  })
  for (let round = 0; round < 4; round += 1)
    for (const { machine, header, records, callId, recordingId } of pcs) {
      const link = await connectAs(hub, camille, `run-of-${machine}`, machine)
      link.send({ kind: 'call-report', call: { ...aCall(), callId, recordingId, revision: 1 } })
      link.send({ kind: 'part-open', stream: 1, header })
      const { position } = await link.next('part-position')
      expect(position).toBe(round * 2)
      link.send(encodeFrame(1, records.slice(round * 2, round * 2 + 2)))
      while ((await link.next('records-flushed'))['position'] !== round * 2 + 2);
    }
})

it('[L8] refuses a part of a copied disk whose header differs, so that it is never mixed into the first PC’s part', async () => {
  await using hub = await startHub()
  const camille = await hub.enroll('agent')
  const { header } = aPart(0)
  const first = await connectAs(hub, camille, 'run-of-pc-1', 'PC-1')
  first.send({ kind: 'part-open', stream: 1, header })
  await first.next('part-position')
  const second = await connectAs(hub, camille, 'run-of-pc-2', 'PC-2')
  second.send({
    kind: 'part-open',
    stream: 1,
    header: { ...header, startedAtMs: header.startedAtMs + 60_000 },
  })
  expect(await second.next('part-refused')).toMatchObject({ reason: 'header-differs' })
})

function someSharedTokens() {
  const clock = createFakeClock()
  const found: SharedToken[] = []
  const sharedTokens = createSharedTokens({ clock, onShared: (one) => void found.push(one) })
  const arrive = (instance: string | undefined, address = '10.0.0.1', clientId = 'camille') =>
    sharedTokens.connected({ clientId, role: 'agent', name: 'Camille', instance, machine: undefined, address }) // prettier-ignore
  return { clock, found, sharedTokens, arrive }
}

it('[L8] reports no shared token for a restart, a change of network or an older agent', () => {
  const { found, arrive } = someSharedTokens()
  for (let start = 0; start < 50; start += 1) arrive(`run-${start}`, `10.0.0.${start % 2}`)
  for (let turn = 0; turn < 50; turn += 1) arrive('run-49', `10.0.0.${turn % 2}`)
  for (let turn = 0; turn < 50; turn += 1) arrive(undefined, `10.0.0.${turn % 2}`)
  expect(found).toEqual([])
})

it('[L8] reports a shared token once, drops it 20 minutes after the last replacement, and reports it again if it returns', async () => {
  const { clock, found, sharedTokens, arrive } = someSharedTokens()
  const replaceEachOther = async (rounds: number) => {
    for (let round = 0; round < rounds; round += 1) {
      arrive('a', '10.0.0.1')
      await clock.advance(MINUTE_MS)
      arrive('b', '10.0.0.2')
      await clock.advance(MINUTE_MS)
    }
  }
  await replaceEachOther(5)
  expect(found).toHaveLength(1)
  expect(
    sharedTokens
      .list()[0]
      ?.locations.map(({ address }) => address)
      .sort(),
  ).toEqual(['10.0.0.1', '10.0.0.2'])
  await clock.advance(20 * MINUTE_MS)
  expect(sharedTokens.list()).toEqual([])
  await replaceEachOther(2)
  expect(found).toHaveLength(2)
})

it('[L8] drops a shared token at once when one of the two PCs connects with its own enrollment', () => {
  const { found, sharedTokens, arrive } = someSharedTokens()
  for (const instance of ['a', 'b', 'a', 'b']) arrive(instance)
  expect(sharedTokens.list()).toHaveLength(1)
  arrive('b', '10.0.0.2', 'louis')
  expect(sharedTokens.list()).toEqual([])
  arrive('a')
  expect([found.length, sharedTokens.list().length]).toEqual([1, 0])
})

import path from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { callId, recordingId, type CallSnapshot } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createIntakes } from '../../src/sockets/intake.ts'
import { createPace, createReading } from '../../src/sockets/reading.ts'
import { socketsTuning } from '../../src/sockets/tuning.ts'
import { aCall, aPart } from '../../testing/messages.ts'
import type { RawLink } from '../../testing/rawClient.ts'
import { startHub, type TestHub } from '../../testing/startHub.ts'

/** What of a flood may come before an honest message's answer: what is under way, and what the sockets deliver meanwhile. */
const A_FEW = 60
const FLOOD = 3_000

const idOf = (number: number) => callId.parse(`01JFLOOD${number.toFixed(0).padStart(8, '0')}`)
const countOf = (link: RawLink, kind: string) =>
  link.received.filter((one) => !Buffer.isBuffer(one) && one.kind === kind).length
const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Two agents: one floods, the other makes one call. */
async function aHubUnderFlood() {
  const hub = await startHub()
  const flooder = await hub.connect('agent', await hub.enroll('agent', { extension: '102', name: 'flooder' }))
  const honest = await hub.connect('agent', await hub.enroll('agent', { extension: '101', name: 'honest' }))
  const report = (change: Partial<CallSnapshot>) =>
    flooder.send({ kind: 'call-report', call: aCall({ extension: '102', ...change }) })
  /** Reports a call and opens its part; resolves with how many answers the flooder got before both were answered. */
  const makeCall = async (kind: string) => {
    const before = countOf(flooder, kind)
    const { header } = aPart(0)
    honest.send({ kind: 'call-report', call: aCall({ recordingId: header.recordingId }) })
    honest.send({ kind: 'part-open', stream: 1, header })
    await honest.next('call-stored')
    await honest.next('part-position')
    return countOf(flooder, kind) - before
  }
  return { hub, flooder, honest, report, makeCall, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() }
}

it('[L13] stores an honest call behind a few reports of an agent that floods with new calls', async () => {
  await using world = await aHubUnderFlood()
  for (let number = 0; number < FLOOD; number += 1) world.report({ callId: idOf(number), phase: 'talking' })
  await until(() => countOf(world.flooder, 'call-stored') > 20)
  expect(await world.makeCall('call-stored')).toBeLessThan(A_FEW)
  expect(countOf(world.flooder, 'call-stored')).toBeLessThan(FLOOD)
})

it('[L13] stores an honest call behind a few reports of an agent that floods with one call', async () => {
  await using world = await aHubUnderFlood()
  for (let revision = 1; revision <= FLOOD; revision += 1) world.report({ callId: idOf(0), revision })
  await until(() => countOf(world.flooder, 'call-stored') > 20)
  expect(await world.makeCall('call-stored')).toBeLessThan(A_FEW)
  expect(countOf(world.flooder, 'call-stored')).toBeLessThan(FLOOD)
})

it('[L13] opens an honest part behind a few parts of an agent that floods with new recordings', async () => {
  await using world = await aHubUnderFlood()
  world.report({ callId: idOf(0) })
  await world.flooder.next('call-stored')
  for (let stream = 1; stream <= 1_500; stream += 1) {
    const id = recordingId.parse(`recording-flood-${stream.toFixed(0)}`)
    world.flooder.send({ kind: 'part-open', stream, header: aPart(0, { callId: idOf(0), recordingId: id, extension: '102' }).header }) // prettier-ignore
  }
  await until(() => countOf(world.flooder, 'part-position') > 20)
  expect(await world.makeCall('part-position')).toBeLessThan(A_FEW)
  expect(countOf(world.flooder, 'part-position')).toBeLessThan(1_500)
})

it('[L9] closes tooMany for more text than a program of ours ever sends, and names the client in /health', async () => {
  await using hub = await startHub()
  const member = await hub.enroll('agent', { name: 'flooder' })
  const flooder = await hub.connect('agent', member)
  const report = JSON.stringify({ kind: 'call-report', call: aCall(), padding: 'x'.repeat(170_000) })
  for (let number = 0; number < 100; number += 1) flooder.send(report)
  expect((await flooder.closed).code).toBe(4429)
  const { parts } = (await hub.ask('/health')).json<{
    parts: { name: string; state: string; reason: string }[]
  }>()
  expect(parts.find(({ name }) => name === 'traffic')).toMatchObject({
    state: 'degraded',
    reason: expect.stringContaining("agent 'flooder'"),
  })
})

it('[L13] ends in bounded time with a backlog: what no agent was answered is left to the agent', async () => {
  await using world = await aHubUnderFlood()
  for (let number = 0; number < FLOOD; number += 1) world.report({ callId: idOf(number) })
  await until(() => countOf(world.flooder, 'call-stored') > 20)
  const answered = countOf(world.flooder, 'call-stored')
  await world.hub.stop()
  expect(rowsOf(world.hub, 'call')).toBeLessThan(answered + socketsTuning.maxWaiting + 2 * A_FEW)
})

it('[L13] keeps at most the bound of one link waiting: above it the socket is not read, at half of it again', async () => {
  const tuning = { underWay: 4, maxWaiting: 100, maxWaitingBytes: 1_000, behindMs: 5_000 }
  const intakes = createIntakes({ clock: createFakeClock(), tuning })
  const socket = { isRead: true }
  const reading = createReading(
    { pause: () => (socket.isRead = false), resume: () => (socket.isRead = true) },
    () => undefined,
  )
  const intake = intakes.open('agent-1', reading, () => undefined)
  const gates: (() => void)[] = []
  const add = (bytes: number) => intake.add(bytes, () => new Promise((resolve) => gates.push(resolve)))
  const pass = async () => {
    gates.shift()?.()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  while (socket.isRead) add(1)
  expect(intakes.count('agent-1')).toBe(101)
  expect(gates).toHaveLength(4)
  while (!socket.isRead) await pass()
  expect(intakes.count('agent-1')).toBe(50)
  while (intakes.count('agent-1') > 0) await pass()
  add(900)
  expect(socket.isRead).toBe(true)
  add(900)
  expect(socket.isRead).toBe(false)
  await pass()
  await pass()
  expect(socket.isRead).toBe(true)
})

it('[L13] reads a link that sends more bytes than a line carries again after a second, and closes nothing', async () => {
  const clock = createFakeClock()
  const socket = { isRead: true }
  const reading = createReading(
    { pause: () => (socket.isRead = false), resume: () => (socket.isRead = true) },
    () => undefined,
  )
  const pace = createPace({ reading, clock, perSecond: 1_000, atOnce: 2_000 })
  pace.count(2_000)
  expect(socket.isRead).toBe(true)
  pace.count(1)
  expect(socket.isRead).toBe(false)
  await clock.advance(1_000)
  expect(socket.isRead).toBe(true)
})

it('[D8] sends an agent with 10,000 open drafts all of them, those to decide now first', async () => {
  await using hub = await startHub()
  const member = await hub.enroll('agent')
  const link = await hub.connect('agent', member)
  link.send({ kind: 'call-report', call: aCall({ phase: 'done', endedAtMs: Date.now(), recording: 'none' }) })
  await until(() => countOf(link, 'draft') > 1)
  link.close()
  await hub.stop()
  copyDrafts(hub, 10_000, 'x'.repeat(1_000), 'parked')
  await hub.restart()
  const back = await hub.connect('agent', member)
  await until(() => countOf(back, 'draft') === 10_001)
  const [first] = back.received.filter((one) => !Buffer.isBuffer(one) && one.kind === 'draft')
  expect(first).toMatchObject({ draft: { state: { at: expect.not.stringMatching('parked') } } })
})

it('[C10] leaves a new call to its agent when the agent has more drafts than the hub keeps, and names the agent in /health', async () => {
  await using hub = await startHub()
  const member = await hub.enroll('agent', { name: 'collector' })
  const link = await hub.connect('agent', member)
  link.send({ kind: 'call-report', call: aCall() })
  await until(() => countOf(link, 'draft') > 0)
  await hub.stop()
  copyDrafts(hub, 1_700, 'x'.repeat(20_000), 'parked')
  await hub.restart()
  const back = await hub.connect('agent', member)
  back.send({ kind: 'call-report', call: aCall({ callId: idOf(1) }) })
  back.send({ kind: 'call-report', call: aCall({ revision: 2, phase: 'held' }) })
  // The known call goes on; the new one waits on its PC.
  expect(await back.next('call-stored')).toMatchObject({ revision: 2 })
  expect(countOf(back, 'call-stored')).toBe(1)
  expect((await hub.logged('call.refused-as-too-many')).fields).toMatchObject({ callId: idOf(1) })
  const { parts } = (await hub.ask('/health')).json<{
    parts: { name: string; state: string; reason: string }[]
  }>()
  expect(parts.find(({ name }) => name === 'drafts')).toMatchObject({
    state: 'degraded',
    reason: expect.stringContaining("agent 'collector'"),
  })
})

function database(hub: TestHub) {
  return new SQLite(path.join(hub.folder, 'data', 'hub.sqlite'))
}

function rowsOf(hub: TestHub, table: 'call' | 'draft'): number {
  const sqlite = database(hub)
  const { count } = sqlite.prepare(`select count(*) as count from ${table}`).get() as { count: number }
  sqlite.close()
  return count
}

/** Stores copies of the hub's one draft, as if its agent had made so many calls. The hub must be stopped. */
function copyDrafts(hub: TestHub, count: number, description: string, at: string): void {
  const sqlite = database(hub)
  const row = sqlite.prepare('select * from draft').get() as { draftJson: string }
  const columns = Object.keys(row)
  const insert = sqlite.prepare(
    `insert into draft (${columns.join()}) values (${columns.map((name) => `@${name}`).join()})`,
  )
  sqlite.transaction(() => {
    for (let number = 0; number < count; number += 1) {
      const record = JSON.parse(row.draftJson) as Record<
        'draft' | 'lifecycle' | 'call',
        Record<string, unknown>
      > & {
        draft: { fields: object }
      }
      const ids = { draftId: `draft-copy-${number.toFixed(0)}`, callId: `call-copy-${number.toFixed(0)}` }
      const state = { at }
      Object.assign(record.draft, ids, { state, fields: { ...record.draft.fields, description } })
      Object.assign(record.lifecycle, { state })
      Object.assign(record.call, { callId: ids.callId, phase: 'done' })
      insert.run({ ...row, ...ids, at, draftJson: JSON.stringify(record) })
    }
  })()
  sqlite.close()
}

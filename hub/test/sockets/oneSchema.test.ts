import path from 'node:path'
import SQLite from 'better-sqlite3'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeFrame, hubToAgent, hubToWallboard, type Draft } from '@3cx-ninja/protocol'
import { aCall, aPart, aWorkerOffer } from '../../testing/messages.ts'
import type { RawLink } from '../../testing/rawClient.ts'
import { startHub, type TestHub } from '../../testing/startHub.ts'

const YEAR_0001 = -62_135_596_800_000
const FAR = 8_640_000_000_000_000

/** Sets up an active call whose recording is leased to a worker; the test sends the worker's messages. */
async function aLeasedCall(hub: TestHub) {
  const camille = await hub.enroll('agent')
  const agent = await hub.connect('agent', camille)
  const { header, records } = aPart(4)
  agent.send({ kind: 'call-report', call: aCall({ recordingId: header.recordingId }) })
  agent.send({ kind: 'part-open', stream: 1, header })
  await agent.next('part-position')
  agent.send(encodeFrame(1, records))
  return { camille, agent, header }
}
async function aLease(hub: TestHub, token: { id: string; token: string }) {
  const worker = await hub.connect('worker', token)
  worker.send(aWorkerOffer())
  const { lease } = (await worker.next('lease-offer')) as unknown as { lease: { leaseId: string; fence: number } } // prettier-ignore
  worker.send({ kind: 'lease-accept', leaseId: lease.leaseId })
  const say = (utterance: object) => worker.send({ kind: 'utterance', ...lease, utterance, lagMs: 0 })
  return { worker, say }
}
const said = (change: object = {}) => ({
  utteranceId: 'utterance-0001',
  recordingId: 'recording-1',
  channel: 'caller',
  part: 1,
  state: 'final',
  fromMs: 0,
  toMs: 90,
  text: 'Mon imprimante ne répond plus.',
  words: [],
  ...change,
})
/** Changes the database while the hub is down, as an older version or a damaged page would have left it. */
async function restartWith(hub: TestHub, change: (sqlite: SQLite.Database) => void) {
  await hub.stop()
  const sqlite = new SQLite(path.join(hub.folder, 'data', 'hub.sqlite'))
  change(sqlite)
  sqlite.close()
  await hub.restart()
}
async function nextDraft(agent: RawLink, at: Draft['state']['at']): Promise<Draft> {
  for (;;) {
    const { draft } = (await agent.next('draft')) as unknown as { draft: Draft }
    if (draft.state.at === at) return draft
  }
}

it.each([
  ['fromMs', { fromMs: FAR, toMs: FAR }],
  ['toMs', { toMs: FAR }],
  ['a word', { words: [{ text: 'Mon', fromMs: 0, toMs: FAR, confidence: 1 }] }],
])(
  '[L12] M11 closes the link of a worker whose final cannot be read back by its %s, and the call gets its draft from another worker',
  async (_, change) => {
    await using hub = await startHub({ settings: { tickets: { maxWaitSeconds: 5 } } })
    const { agent } = await aLeasedCall(hub)
    const first = await aLease(hub, await hub.enroll('worker'))
    first.say(said(change))
    expect(await first.worker.closed).toEqual({ code: 4422, reason: 'brokenMessage' })
    const second = await aLease(hub, await hub.enroll('worker'))
    second.say(said())
    expect(await agent.next('utterance')).toMatchObject({ utterance: { text: said().text } })
    agent.send({ kind: 'call-report', call: aCall({ revision: 2, phase: 'missed', endedAtMs: Date.now() }) })
    await nextDraft(agent, 'proposed')
  },
)

it('[L12] M11 sets a stored final aside that cannot be read, names it once, and sends and files the rest of its call', async () => {
  await using hub = await startHub()
  const { camille, header } = await aLeasedCall(hub)
  const { recordingId, callId } = header
  await restartWith(hub, (sqlite) => {
    const insert = sqlite.prepare("insert into utterance values (?, ?, ?, 'caller', 1, ?, ?, ?)")
    const rows: [string, number, string][] = [
      ['utterance-0001', 0, JSON.stringify({ ...said(), atMs: Date.now() })],
      ['utterance-0002', 100, JSON.stringify({ ...said({ utteranceId: 'utterance-0002', fromMs: FAR, toMs: FAR }), atMs: FAR })], // prettier-ignore
      ['utterance-0003', 200, '{"utteranceId":"utterance-0003"'],
      ['utterance-0004', FAR, JSON.stringify({ ...said({ utteranceId: 'utterance-0004' }), atMs: YEAR_0001 })], // prettier-ignore
      ['utterance-0005', 300, JSON.stringify({ ...said({ utteranceId: 'utterance-0005', fromMs: 300, toMs: 390, text: 'Depuis ce matin.' }), atMs: Date.now() })], // prettier-ignore
    ]
    sqlite.prepare('insert into recordingProgress (recordingId, callId, fence) values (?, ?, 1)').run(recordingId, callId) // prettier-ignore
    for (const [id, fromMs, json] of rows) insert.run(id, recordingId, callId, fromMs, fromMs + 90, json)
  })
  const agent = await hub.connect('agent', camille)
  const texts = [await agent.next('utterance'), await agent.next('utterance')]
  expect(texts).toMatchObject([
    { utterance: { text: said().text } },
    { utterance: { text: 'Depuis ce matin.' } },
  ])
  // The next worker goes on behind the last final that can be read, whatever an older hub stored.
  const { worker } = await aLease(hub, await hub.enroll('worker'))
  expect(worker.received.find((one) => 'kind' in one && one.kind === 'lease-offer')).toMatchObject({
    lease: { resume: { caller: { toMs: 390 } } },
  })
  agent.send({ kind: 'call-report', call: aCall({ revision: 2, phase: 'missed', endedAtMs: Date.now(), recording: 'refused' }) }) // prettier-ignore
  await agent.next('draft')
  const named = hub.log.filter(({ event }) => event === 'transcript.unreadable')
  expect(new Set(named.map(({ fields }) => fields['utteranceId'])).size).toBe(named.length)
  expect(named.map(({ fields }) => fields['utteranceId'])).toContain('utterance-0002')
  expect(JSON.stringify(named)).not.toContain('imprimante')
})

it('[L12] M11 sets a stored call and a stored draft aside that cannot be read, and serves agents, wallboards and retention', async () => {
  await using hub = await startHub()
  const camille = await hub.enroll('agent')
  const agent = await hub.connect('agent', camille)
  const missed = aCall({ phase: 'missed', endedAtMs: Date.now(), recording: 'none' })
  const other = { ...missed, callId: '01JCALL000000002' as typeof missed.callId, startedAtMs: Date.now() - 900_000 } // prettier-ignore
  agent.send({ kind: 'call-report', call: missed })
  await nextDraft(agent, 'proposed')
  agent.send({ kind: 'call-report', call: other })
  await nextDraft(agent, 'proposed')
  await restartWith(hub, (sqlite) => {
    const change = (table: string, column: string, json: string, callId: string) =>
      sqlite.prepare(`update ${table} set ${column} = ? where callId = ?`).run(json, callId)
    const json = sqlite.prepare('select callJson from call where callId = ?').pluck().get(missed.callId)
    change('call', 'callJson', String(json).replace(/"endedAtMs":\d+/, `"endedAtMs":${YEAR_0001}`), missed.callId) // prettier-ignore
    change('draft', 'draftJson', '{"draft":', missed.callId)
    sqlite.prepare('insert into callAlias values (?, ?)').run('not an id', missed.callId)
    sqlite.prepare("insert into recordingProgress (recordingId, callId, fence, textAtMs) values ('x', 'y', 1, 5)").run() // prettier-ignore
  })
  const back = await hub.connect('agent', camille)
  expect((await nextDraft(back, 'proposed')).callId).toBe(other.callId)
  const wallboard = await hub.connect('wallboard', await hub.enroll('wallboard'))
  await wallboard.next('wallboard-snapshot')
  const unreadable = () => hub.log.filter(({ event }) => event === 'call.unreadable').length
  expect(unreadable()).toBe(1)
  expect(hub.log.some(({ event }) => event === 'draft.unreadable')).toBe(true)
  expect(hub.log.filter(({ event }) => event === 'retention.failed')).toEqual([])
  // The agent reports the call again: its row can be read again.
  back.send({ kind: 'call-report', call: { ...missed, revision: 2 } })
  await back.next('call-stored')
  const reported = unreadable()
  const outbox = await (await hub.signInAdmin()).ask('/api/admin/outbox')
  expect(outbox.status).toBe(200)
  await restartWith(hub, () => undefined)
  expect(unreadable()).toBe(reported)
})

it('[L12] border: whatever times and numbers an agent reports, what the hub stores and sends is readable', async () => {
  await using hub = await startHub()
  const member = await hub.enroll('agent')
  const wallboard = await hub.connect('wallboard', await hub.enroll('wallboard'))
  const time = fc.oneof(fc.constantFrom(0, -1, YEAR_0001, FAR, 1.5, Number.MAX_SAFE_INTEGER, 1e300), fc.integer(), fc.constant(Date.now())) // prettier-ignore
  let reported = 0
  await fc.assert(
    fc.asyncProperty(time, time, time, time, async (startedAtMs, talkingSinceMs, endedAtMs, revision) => {
      reported += 1
      const agent = await hub.connect('agent', member)
      const call = { ...aCall(), callId: `01JCALL-${reported}`, startedAtMs, talkingSinceMs, endedAtMs, revision, phase: 'done' } // prettier-ignore
      agent.send({ kind: 'call-report', call })
      await Promise.race([agent.closed, agent.next('call-stored').catch(() => undefined)])
      const again = await hub.connect('agent', member)
      again.send({ kind: 'ping', n: 1 })
      await again.next('pong')
      for (const message of [...agent.received, ...again.received])
        if ('kind' in message && !['welcome', 'ping', 'pong'].includes(message.kind))
          expect(hubToAgent.safeParse(message).success, JSON.stringify(message)).toBe(true)
    }),
    { numRuns: 60 },
  )
  for (const message of wallboard.received)
    if ('kind' in message && message.kind.startsWith('wallboard-'))
      expect(hubToWallboard.safeParse(message).success, JSON.stringify(message)).toBe(true)
  await hub.restart()
  expect(hub.log.filter(({ event }) => event === 'call.unreadable' || event === 'draft.unreadable')).toEqual([]) // prettier-ignore
})

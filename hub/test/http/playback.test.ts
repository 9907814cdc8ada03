import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import {
  callId,
  decodeFrame,
  encodeFrame,
  storedRecording,
  recordingId,
  type LogRecord,
} from '@3cx-ninja/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createOpenAnswers } from '../../src/http/openAnswers.ts'
import { aCall, aPart } from '../../testing/messages.ts'
import { startHub, type Member, type TestHub } from '../../testing/startHub.ts'

const SOUND = '/api/agent/recordings/recording-1'

/** Sends a part of so many records as its agent does. Resolves once the hub has flushed the part. */
async function replicate(hub: TestHub, agent: Member, count: number, change = {}) {
  const link = await hub.connect('agent', agent)
  const { header, records } = aPart(count, change)
  link.send({ kind: 'call-report', call: aCall({ callId: header.callId }) })
  await link.next('call-stored')
  link.send({ kind: 'part-open', stream: header.part, header })
  await link.next('part-position')
  for (let at = 0; at < records.length; at += 64)
    link.send(encodeFrame(header.part, records.slice(at, at + 64)))
  for (let position = -1; position < count;)
    position = Number((await link.next('records-flushed'))['position'])
  return { link, header, records }
}

const bearer = ({ token }: Pick<Member, 'token'>) => ({ headers: { authorization: `Bearer ${token}` } })

function open(hub: TestHub, address: string, { token }: Member): Promise<IncomingMessage> {
  const url = new URL(address, hub.url)
  const send = url.protocol === 'https:' ? tlsRequest : request
  return new Promise((resolve, reject) => {
    const asking = send(
      url,
      { ...bearer({ token }), agent: false, ...(hub.ca ? { ca: hub.ca } : {}) },
      resolve,
    )
    asking.on('error', reject)
    asking.end()
  })
}

async function recordsOf(incoming: AsyncIterable<Buffer>): Promise<LogRecord[]> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const records: LogRecord[] = []
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at)
    if (length === 0) return records
    const frame = decodeFrame(bytes.subarray(at + 4, at + 4 + length))
    if (!frame.ok) throw new Error(frame.fault)
    records.push(...frame.records)
    at += 4 + length
  }
  throw new Error('the answer was cut')
}
const ask = async (hub: TestHub, query: string, agent: Member, part = 1) =>
  recordsOf(await open(hub, `${SOUND}/parts/${part}/records?${query}`, agent))

describe('playback of a stored recording', () => {
  it('[H1][H3] lists a recording’s parts, and returns the records that its agent sent', async () => {
    await using hub = await startHub()
    const agent = await hub.enroll('agent')
    const { header, records } = await replicate(hub, agent, 301)
    const held = storedRecording.parse((await hub.ask(SOUND, bearer(agent))).json())
    expect(held).toMatchObject({ recordingId: 'recording-1', callId: header.callId })
    expect(held.parts).toEqual([{ header, position: 301, samples: 151 * 1_600 }])
    const plain = (all: readonly LogRecord[]) =>
      all.map((each) => ({ ...each, payload: Buffer.from(each.payload).toString('base64') }))
    expect(plain(await ask(hub, 'from=0', agent))).toEqual(plain(records))
    expect((await ask(hub, 'from=290', agent)).map(({ sequence }) => sequence)).toEqual([290, 291, 292, 293, 294, 295, 296, 297, 298, 299, 300]) // prettier-ignore
    expect((await ask(hub, 'from=100&limit=3', agent)).map(({ sequence }) => sequence)).toEqual([100, 101, 102]) // prettier-ignore
    expect(await ask(hub, 'from=301', agent)).toEqual([])
    // After a restart the parts are read from their files.
    await hub.restart()
    expect(await ask(hub, 'from=0', agent)).toHaveLength(301)
  })

  it('[H3] returns records from shortly before a moment, so that a decoder can settle', async () => {
    await using hub = await startHub()
    const agent = await hub.enroll('agent')
    await replicate(hub, agent, 301)
    const [first] = await ask(hub, `sample=${100 * 1_600 + 7}&limit=40`, agent)
    expect(first!.firstSample).toBeLessThan(100 * 1_600)
    expect(first!.firstSample).toBeGreaterThan(90 * 1_600)
    expect((await ask(hub, 'sample=0', agent))[0]!.sequence).toBe(0)
  })

  it('[H2] refuses a recording to another agent, a worker, an unknown or revoked token and a request without one', async () => {
    await using hub = await startHub()
    const agent = await hub.enroll('agent')
    await replicate(hub, agent, 10)
    const [other, worker] = [await hub.enroll('agent', { extension: '101' }), await hub.enroll('worker')]
    const records = `${SOUND}/parts/1/records?from=0`
    for (const address of [SOUND, records]) {
      const refusals = [
        await hub.ask(address, bearer(other)),
        await hub.ask(address, bearer(worker)),
        await hub.ask(address),
        await hub.ask(address, bearer({ token: 'x'.repeat(43) })),
      ]
      expect(refusals.map(({ status, json }) => [status, json()['error']])).toEqual([
        [403, 'not-yours'],
        [403, 'other-role'],
        [401, 'bad-token'],
        [401, 'bad-token'],
      ])
    }
    await hub.hub.access.revoke(agent.id)
    expect((await hub.ask(SOUND, bearer(agent))).status).toBe(401)
  })

  it('[H2] keeps a recording its agent’s own after the call board has evicted the call', async () => {
    const clock = createFakeClock(Date.now())
    await using hub = await startHub({ clock })
    const [agent, other] = [await hub.enroll('agent'), await hub.enroll('agent')]
    const link = await hub.connect('agent', agent)
    const { header } = aPart(0)
    link.send({ kind: 'call-report', call: aCall({ startedAtMs: clock.nowMs() - 20 * 86_400_000 }) })
    await link.next('call-stored')
    link.send({ kind: 'part-open', stream: 1, header })
    await link.next('part-position')
    await hub.restart() // the call board loads seven days only
    expect((await hub.ask(SOUND, bearer(agent))).status).toBe(200)
    expect((await hub.ask(SOUND, bearer(other))).json()).toMatchObject({ error: 'not-yours' })
  })

  it('[H4] answers 404 for an unknown recording and 410 for an erased one', async () => {
    await using hub = await startHub()
    const agent = await hub.enroll('agent')
    const { link } = await replicate(hub, agent, 10)
    expect(await hub.ask('/api/agent/recordings/recording-9', bearer(agent))).toMatchObject({ status: 404 })
    link.send({ kind: 'recording-erase', recordingId: recordingId.parse('recording-1') })
    await link.next('recording-erased')
    const gone = await hub.ask(SOUND, bearer(agent))
    expect([gone.status, gone.json()['error']]).toEqual([410, 'erased'])
    expect((await hub.ask(`${SOUND}/parts/1/records?from=0`, bearer(agent))).status).toBe(410)
  })

  it.each([
    ['%2e%2e%2f%2e%2e%2fhub-settings.json', 400],
    ['..%2f..%2fhub-settings.json', 400],
    ['a', 400],
    ["x'%20or%201=1--", 400],
    ['recording-1/parts/1/records', 400],
    ['recording-1/parts/1/records?from=-1', 400],
    ['recording-1/parts/1/records?from=1e99', 400],
    ['recording-1/parts/1/records?from=abc', 400],
    ['recording-1/parts/1/records?from=0&sample=0', 400],
    ['recording-1/parts/1/records?from=0&limit=0', 400],
    ['recording-1/parts/1/records?from=0&limit=999999', 400],
    ['recording-1/parts/0/records?from=0', 400],
    ['recording-1/parts/1.5/records?from=0', 400],
    ['recording-1/parts/..%2f..%2f1/records?from=0', 400],
    ['recording-1/parts/7/records?from=0', 404],
  ])(
    '[H4] answers the hostile address %s with %i and a reason, and serves the next request',
    async (address, status) => {
      const { hub, agent } = await theSharedHub()
      const answer = await hub.ask(`/api/agent/recordings/${address}`, bearer(agent))
      expect([answer.status, typeof answer.json()['message']]).toEqual([status, 'string'])
      expect((await hub.ask(SOUND, bearer(agent))).status).toBe(200)
    },
  )

  it('[H5] cuts an answer in its middle when the recording is erased or its agent revoked', async () => {
    await using hub = await startHub()
    const agent = await hub.enroll('agent')
    const { link } = await replicate(hub, agent, 6_000)
    for (const end of ['erase', 'revoke'] as const) {
      const id = end === 'erase' ? 'recording-1' : 'recording-2'
      if (end === 'revoke')
        await replicate(hub, agent, 6_000, { recordingId: id, callId: callId.parse('01JCALL000000002') })
      const incoming = await open(hub, `/api/agent/recordings/${id}/parts/1/records?from=0`, agent)
      await once(incoming, 'readable')
      if (end === 'erase') {
        link.send({ kind: 'recording-erase', recordingId: recordingId.parse(id) })
        await link.next('recording-erased') // a reader that goes on before this moment may read all of it
      } else await hub.hub.access.revoke(agent.id)
      await expect(recordsOf(incoming)).rejects.toThrow('was cut')
    }
  })

  it('[H6] refuses an agent a fifth answer at once, and gives it once another has ended', async () => {
    await using hub = await startHub()
    const agent = await hub.enroll('agent')
    await replicate(hub, agent, 6_000)
    const address = `${SOUND}/parts/1/records?from=0`
    const reading = await Promise.all([1, 2, 3, 4].map(() => open(hub, address, agent)))
    for (const each of reading) await once(each, 'readable')
    const refused = await hub.ask(address, bearer(agent))
    expect([refused.status, refused.json()['error']]).toEqual([429, 'too-many'])
    reading[0]!.destroy() // the player jumps to another moment
    for (let status = 429; status === 429;) {
      const again = await open(hub, address, agent)
      status = again.statusCode ?? 0
      if (status === 200) expect(await recordsOf(again)).toHaveLength(6_000)
      else await recordsOf(again).catch(() => undefined)
    }
    for (const each of reading) each.destroy()
  })
})

it('[H6] refuses a flood of requests of one agent, and answers another agent', async () => {
  const clock = createFakeClock(Date.now())
  await using hub = await startHub({ clock })
  const [agent, other] = [await hub.enroll('agent'), await hub.enroll('agent')]
  const ask = async (who: Member) => (await hub.ask(SOUND, bearer(who))).json()['error']
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask(agent)))
  expect(answers.filter((error) => error === 'unknown-recording')).toHaveLength(50)
  expect(answers.filter((error) => error === 'too-many')).toHaveLength(10)
  expect(await ask(other)).toBe('unknown-recording')
  await clock.advance(1_000)
  expect(await ask(agent)).toBe('unknown-recording')
})

let shared: Promise<{ hub: TestHub; agent: Member }> | undefined
function theSharedHub() {
  shared ??= (async () => {
    const hub = await startHub()
    const agent = await hub.enroll('agent')
    await replicate(hub, agent, 4)
    return { hub, agent }
  })()
  return shared
}
afterAll(async () => (await shared)?.hub[Symbol.asyncDispose]())

it('[H6] cuts an answer that its agent does not read, and counts it no longer', async () => {
  const clock = createFakeClock()
  const answers = createOpenAnswers({
    clock,
    onFailed: () => undefined,
    tuning: { answersOfAgent: 1, answersOfAll: 2, idleMs: 30_000 },
  })
  const of = { agentId: 'agent-1', recordingId: recordingId.parse('recording-1') }
  let closed = false
  async function* pieces(): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) yield await Promise.resolve(new Uint8Array(10))
    } finally {
      closed = true
    }
  }
  const reader = answers.open(of)!.stream(pieces()).getReader()
  expect(answers.open(of)).toBeUndefined()
  await clock.advance(29_000)
  await reader.read()
  await clock.advance(29_000)
  expect(answers.count()).toBe(1)
  await clock.advance(2_000)
  expect(await reader.read()).toMatchObject({ done: true })
  expect([answers.count(), closed]).toEqual([0, true])
  expect(clock.pending).toBe(0)
})

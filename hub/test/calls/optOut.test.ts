import { readdir } from 'node:fs/promises'
import path from 'node:path'
import {
  boardCall,
  callId,
  encodeFrame,
  recordingId,
  type BoardCall,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { describe, expect, it } from 'vitest'
import { createOptOutRule } from '../../src/calls/optOutRule.ts'
import { aCall, aPart } from '../../testing/messages.ts'
import type { RawLink } from '../../testing/rawClient.ts'
import { startHub, type TestHub } from '../../testing/startHub.ts'

const SECRET = 'webhook-secret-of-the-test-0123456789'
const OPTED_OUT = '+33240998877'
const settings = {
  recording: { optOut: { extensions: ['199'], numbers: ['02 40 99 88 77'] } },
  threecx: { webhookSecret: SECRET },
}
const { header } = aPart(0)
const known = { recordingId: header.recordingId, remoteNumber: undefined }

/** Records a call without a number; two of its records are on the hub's disk. */
async function aCallUnderWay(hub: TestHub, agent: RawLink) {
  agent.send({ kind: 'call-report', call: { ...aCall(), ...known } })
  await agent.next('call-stored')
  return aRecording(hub, agent)
}
async function aRecording(_hub: TestHub, agent: RawLink) {
  const { records } = aPart(4)
  agent.send({ kind: 'part-open', stream: 1, header })
  await agent.next('part-position')
  await agent.next('records-flushed')
  agent.send(encodeFrame(1, records.slice(0, 2)))
  expect(await agent.next('records-flushed')).toMatchObject({ position: 2 })
  return { rest: encodeFrame(1, records.slice(2)) }
}
const pbxNames = (hub: TestHub, number: string) =>
  hub.ask('/webhook/3cx/call-event', {
    body: JSON.stringify({ callType: 'Inbound', agentExt: '101', number, endUtc: new Date().toISOString() }),
    headers: { authorization: `Bearer ${SECRET}` },
  })
/** Resolves with the recording's files on the hub's disk. */
const held = (hub: TestHub) =>
  readdir(path.join(hub.folder, 'data', 'recordings', 'parts', header.recordingId)).catch(() => [])

describe('a call that turns out to be opted out', () => {
  it('[S3] refuses a recording offered at the same time as the report that names an opted-out caller', async () => {
    await using hub = await startHub({ settings })
    const agent = await hub.connect('agent', await hub.enroll('agent'))
    const call = { ...aCall(), recordingId: header.recordingId, remoteNumber: OPTED_OUT }
    agent.send({ kind: 'call-report', call })
    agent.send({ kind: 'part-open', stream: 1, header })
    expect(await agent.next('part-refused')).toMatchObject({ reason: 'opted-out' })
    expect(await held(hub)).toEqual([])
  })

  it('[S3] erases a recording when the PBX names the opted-out caller after the call, and notifies the agent', async () => {
    await using hub = await startHub({ settings })
    const member = await hub.enroll('agent')
    const agent = await hub.connect('agent', member)
    await aCallUnderWay(hub, agent)
    agent.send({ kind: 'part-close', stream: 1 })
    agent.send({ kind: 'call-report', call: { ...aCall(), ...known, revision: 2, phase: 'wrap-up', endedAtMs: Date.now(), recording: 'complete' } }) // prettier-ignore
    await agent.next('call-stored')
    expect((await pbxNames(hub, OPTED_OUT)).status).toBe(200)
    expect(await agent.next('recording-erased')).toMatchObject({ recordingId: header.recordingId })
    expect(await held(hub)).toEqual([])
    expect(hub.log.map(({ event }) => event)).toContain('recording.opted-out')
    expect(JSON.stringify(hub.log)).not.toContain('40998877')

    await hub.restart()
    const again = await hub.connect('agent', member)
    again.send({ kind: 'part-open', stream: 1, header })
    expect(await again.next('part-refused')).toMatchObject({ reason: 'opted-out' })
    expect(await held(hub)).toEqual([])
  })

  it('[S3] erases an opted-out call in progress and accepts no more of it from an agent that does not obey', async () => {
    await using hub = await startHub({ settings })
    const agent = await hub.connect('agent', await hub.enroll('agent'))
    const { rest } = await aCallUnderWay(hub, agent)
    agent.send({ kind: 'call-report', call: { ...aCall(), ...known, revision: 2, remoteNumber: '0033 2 40 99 88 77' } }) // prettier-ignore
    expect(await agent.next('recording-erased')).toMatchObject({ recordingId: header.recordingId })
    await agent.next('call-stored')
    agent.send(rest)
    expect(await agent.next('part-refused')).toMatchObject({ stream: 1, reason: 'erased' })
    agent.send({ kind: 'part-open', stream: 2, header: { ...header, recordingId: 'recording-2' } })
    expect(await agent.next('part-refused')).toMatchObject({ stream: 2, reason: 'opted-out' })
    expect(await held(hub)).toEqual([])
  })

  it('[S3] erases an opted-out recording whose agent reports the call only after the audio', async () => {
    await using hub = await startHub({ settings })
    const agent = await hub.connect('agent', await hub.enroll('agent'))
    await aRecording(hub, agent)
    agent.send({ kind: 'call-report', call: aCall({ extension: '199' }) })
    expect(await agent.next('recording-erased')).toMatchObject({ recordingId: header.recordingId })
    expect(await held(hub)).toEqual([])
  })

  it('[S3] erases an opted-out recording when the PBX named the caller before any agent’s report', async () => {
    await using hub = await startHub({ settings })
    const agent = await hub.connect('agent', await hub.enroll('agent'))
    const startedAtMs = Date.now()
    expect((await pbxNames(hub, OPTED_OUT)).status).toBe(200)
    await aRecording(hub, agent)
    agent.send({ kind: 'call-report', call: { ...aCall({ startedAtMs }), ...known } })
    expect(await agent.next('recording-erased')).toMatchObject({ recordingId: header.recordingId })
    expect(await held(hub)).toEqual([])
  })

  it('[S3] keeps no opted-out recording whose report and audio arrive at the same moment', async () => {
    await using hub = await startHub({ settings })
    const agent = await hub.connect('agent', await hub.enroll('agent'))
    const rounds = Array.from({ length: 25 }, (_, index) => index + 1)
    for (const round of rounds) {
      const own = aCall({ callId: callId.parse(`call-number-${round}`), remoteNumber: OPTED_OUT })
      const part = aPart(2, { callId: own.callId, recordingId: recordingId.parse(`recording-${round}`) })
      agent.send({ kind: 'call-report', call: own })
      agent.send({ kind: 'part-open', stream: round, header: part.header })
      agent.send(encodeFrame(round, part.records))
      await agent.next('call-stored')
      agent.send({ kind: 'part-open', stream: 100 + round, header: part.header })
    }
    for (let refused = 0; refused < rounds.length;) {
      const { stream } = await agent.next('part-refused')
      if (Number(stream) > 100) refused += 1
    }
    const left = await readdir(path.join(hub.folder, 'data', 'recordings', 'parts'), { recursive: true })
    expect(left.filter((name) => name.endsWith('.rec'))).toEqual([])
  })

  it('keeps other calls, and those recorded before a number was added to the settings', async () => {
    await using hub = await startHub({ settings })
    const member = await hub.enroll('agent')
    const agent = await hub.connect('agent', member)
    await aCallUnderWay(hub, agent)
    expect((await pbxNames(hub, '+33240112233')).status).toBe(200)
    await hub.restart({ settings: { ...settings, recording: { optOut: { numbers: ['+33240112233'] } } } })
    expect(await held(hub)).toContain('1.rec')
    const again = await hub.connect('agent', member)
    again.send({ kind: 'part-open', stream: 1, header: { ...header, recordingId: 'recording-2' } })
    expect(await again.next('part-refused')).toMatchObject({ reason: 'opted-out' })
  })

  it('reports a recording that cannot be erased, erases the others, and does not mark the call as erased', async () => {
    const call: BoardCall = boardCall.parse({ ...aCall(), remoteNumber: OPTED_OUT, recording: 'complete' })
    const ids = ['recording-a', 'recording-b'].map((id) => recordingId.parse(id))
    const gone: RecordingId[] = []
    const failed: string[] = []
    const rule = createOptOutRule({
      rules: () => ({ country: 'FR', optOut: { extensions: [], numbers: [OPTED_OUT] } }),
      recordings: {
        list: () => ids.map((each) => ({ recordingId: each, callId: callId.parse(call.callId) })),
      },
      erase: (id) => (id === ids[0] ? Promise.reject(new Error('EIO')) : Promise.resolve()),
      onErased: ({ recordingId: id }) => gone.push(id),
      onFailure: (id, error) => failed.push(`${id}: ${String(error)}`),
    })
    const stored = await rule(call, (id) => id === call.callId)
    expect({ gone, failed, recording: stored.recording }).toEqual({
      gone: [ids[1]],
      failed: ['recording-a: Error: EIO'],
      recording: 'complete',
    })
  })
})

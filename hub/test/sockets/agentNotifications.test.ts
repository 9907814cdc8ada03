import { expect, it } from 'vitest'
import { encodeFrame, type Utterance } from '@3cx-ninja/protocol'
import { aCall, aPart, aWorkerOffer } from '../../testing/messages.ts'
import type { RawLink } from '../../testing/rawClient.ts'
import { startHub, type TestHub } from '../../testing/startHub.ts'

const said = (number: number, change: Partial<Utterance> = {}) => ({
  utteranceId: `utterance-${String(number).padStart(6, '0')}`,
  recordingId: 'recording-1',
  channel: number % 2 ? 'agent' : 'caller',
  part: 1,
  state: 'final',
  fromMs: number * 100,
  toMs: number * 100 + 90,
  text: `Phrase ${number}.`,
  words: [],
  ...change,
})

/** Sets up an active call whose recording is leased to a worker; the test sends the worker's messages. */
async function aCallOnThePbx(hub: TestHub) {
  const camille = await hub.enroll('agent')
  const agent = await hub.connect('agent', camille)
  const { header, records } = aPart(4)
  agent.send({ kind: 'call-report', call: aCall({ recordingId: header.recordingId }) })
  agent.send({ kind: 'part-open', stream: 1, header })
  await agent.next('part-position')
  agent.send(encodeFrame(1, records))
  const worker = await hub.connect('worker', await hub.enroll('worker'))
  worker.send(aWorkerOffer())
  const { lease } = (await worker.next('lease-offer')) as unknown as { lease: { leaseId: string; fence: number } } // prettier-ignore
  const { leaseId, fence } = lease
  worker.send({ kind: 'lease-accept', leaseId })
  const say = (utterance: object) => worker.send({ kind: 'utterance', leaseId, fence, utterance, lagMs: 0 })
  return { camille, agent, header, say }
}
const linesOf = async (link: RawLink, count: number) => {
  const lines: Utterance[] = []
  while (lines.length < count)
    lines.push((await link.next('utterance') as unknown as { utterance: Utterance }).utterance) // prettier-ignore
  return lines
}

it('[U2] [U3] sends an agent that reconnects in mid-call all utterances so far in speaking order, partials included', async () => {
  await using hub = await startHub()
  const { camille, agent, say } = await aCallOnThePbx(hub)
  const count = 90
  for (let number = 1; number <= count; number += 1) say(said(number))
  say(said(count + 1, { state: 'partial', text: 'Phra' }))
  const live = await linesOf(agent, count + 1)
  expect(live[0]).toMatchObject({ part: 1, fromMs: 100, toMs: 190 }) // the worker counts ms from sample 0 of the part
  const back = await hub.connect('agent', camille)
  const again = await linesOf(back, count + 1)
  expect(again.map(({ text }) => text)).toEqual([
    ...Array.from({ length: count }, (_, index) => `Phrase ${index + 1}.`),
    'Phra',
  ])
  expect(again[0]).toEqual(live[0])
})

it('[C4] sends an agent later facts of its call under the agent’s own id', async () => {
  const secret = 'webhook-secret-of-the-test-0123456789'
  await using hub = await startHub({ settings: { threecx: { webhookSecret: secret } } })
  const headers = { authorization: `Bearer ${secret}` }
  const publishFact = (body: object) =>
    hub.ask('/webhook/3cx/call-event', { body: JSON.stringify(body), headers })
  const nowMs = Date.now()
  const ended = { callType: 'Inbound', agentExt: '101', startTime: new Date(nowMs - 60_000).toISOString(), endUtc: new Date(nowMs).toISOString() } // prettier-ignore
  await publishFact({ ...ended, number: '' })
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  const { remoteNumber: _, ...unnamed } = aCall({ phase: 'done', startedAtMs: nowMs - 60_000, endedAtMs: nowMs, recording: 'none' }) // prettier-ignore
  agent.send({ kind: 'call-report', call: unnamed })
  const first = await agent.next('call-identified')
  expect(first).toMatchObject({ alias: unnamed.callId, call: { callId: expect.not.stringMatching(unnamed.callId) } }) // prettier-ignore
  await publishFact({ ...ended, number: '+33240112233', name: 'Menuiserie Lambert' })
  expect(await agent.next('call-identified')).toMatchObject({
    alias: unnamed.callId,
    call: { remoteNumber: '+33240112233', remoteName: 'Menuiserie Lambert' },
  })
})

it('[S1] [S3] applies a saved opt-out at once, to connected agents and to the next part', async () => {
  await using hub = await startHub()
  const camille = await hub.enroll('agent')
  const agent = await hub.connect('agent', camille)
  await agent.next('agent-settings')
  const admin = await hub.signInAdmin()
  const saved = await admin.ask('/api/admin/settings', 'PUT', {
    recording: { optOut: { numbers: ['02 40 11 22 33'] } },
    tickets: { countdownSeconds: 30 },
  })
  expect(saved.status).toBe(200)
  expect(await agent.next('agent-settings')).toMatchObject({
    countdownMs: 30_000,
    optOut: { numbers: ['+33240112233'] },
  })
  agent.send({ kind: 'call-report', call: aCall() })
  agent.send({ kind: 'part-open', stream: 1, header: aPart(0).header })
  expect(await agent.next('part-refused')).toMatchObject({ reason: 'opted-out' })
  const overview = (await admin.ask('/api/admin/overview')).json<{ restartPending: string[] }>()
  expect(overview.restartPending).toEqual([])
})

it('[S1] [S2] applies a consent rule that is confirmed or withdrawn at once', async () => {
  await using hub = await startHub({ settings: { recording: { consent: { confirmed: false } } } })
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  const admin = await hub.signInAdmin()
  const { header } = aPart(0)
  const outcomes = async (stream: number, wait: string) => {
    agent.send({ kind: 'part-open', stream, header })
    return agent.next(wait)
  }
  expect(await outcomes(1, 'part-refused')).toMatchObject({ reason: 'no-consent' })
  const confirm = (confirmed: boolean) =>
    admin.ask('/api/admin/settings', 'PUT', { recording: { consent: { confirmed } } })
  await confirm(true)
  expect(await outcomes(2, 'part-position')).toMatchObject({ position: 0 })
  const health = (await hub.ask('/health')).json<{ parts: { name: string; state: string }[] }>()
  expect(health.parts).toContainEqual({ name: 'consent', state: 'ok' })
  await confirm(false)
  expect(await outcomes(3, 'part-refused')).toMatchObject({ reason: 'no-consent' })
})

it('[D1] [D7] sends an agent its current drafts after each welcome, a decided one on request, and none of another agent', async () => {
  await using hub = await startHub()
  const camille = await hub.enroll('agent')
  const agent = await hub.connect('agent', camille)
  agent.send({
    kind: 'call-report',
    call: aCall({ phase: 'missed', endedAtMs: Date.now(), recording: 'none' }),
  })
  let draft: { draftId: string; revision: number; state: { at: string } }
  do draft = ((await agent.next('draft')) as unknown as { draft: typeof draft }).draft
  while (draft.state.at !== 'proposed')
  const other = await hub.connect('agent', await hub.enroll('agent', { extension: '102' }))
  await other.next('agent-settings')
  const back = await hub.connect('agent', camille)
  expect(await back.next('draft')).toMatchObject({
    draft: { draftId: draft.draftId, revision: draft.revision },
  })
  const discard = {
    draftId: draft.draftId,
    baseRevision: draft.revision,
    decision: { kind: 'discard', reason: 'other' },
  }
  back.send({ kind: 'draft-decide', ...discard })
  expect(await back.next('draft')).toMatchObject({ draft: { state: { at: 'discarded' } } })
  back.send({ kind: 'draft-edit', draftId: draft.draftId, baseRevision: 0, changes: {} })
  expect(await back.next('draft-refused')).toMatchObject({
    reason: 'stale-revision',
    draft: { state: { at: 'discarded' } },
  })
  other.send({ kind: 'draft-edit', draftId: draft.draftId, baseRevision: 0, changes: {} })
  expect(await other.next('draft-refused')).toMatchObject({ reason: 'unknown-draft' })
  const last = await hub.connect('agent', camille)
  last.send({ kind: 'recording-erase', recordingId: 'recording-never-seen' })
  await last.next('recording-erased')
  expect(
    [...last.received, ...other.received].filter((one) => 'kind' in one && one.kind === 'draft'),
  ).toEqual([])
})

it('[R5] ignores frames of a closed stream, and opens its part again', async () => {
  await using hub = await startHub()
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  const { header, records } = aPart(4)
  agent.send({ kind: 'part-open', stream: 1, header })
  await agent.next('part-position')
  agent.send(encodeFrame(1, records.slice(0, 2)))
  agent.send({ kind: 'part-close', stream: 1 })
  agent.send(encodeFrame(1, records.slice(2)))
  agent.send({ kind: 'part-open', stream: 2, header })
  expect(await agent.next('part-position')).toMatchObject({ stream: 2, position: 2 })
})

it('[R5] keeps a part closed that is closed while it is being opened', async () => {
  await using hub = await startHub()
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  const { header, records } = aPart(4)
  agent.send({ kind: 'part-open', stream: 1, header })
  agent.send({ kind: 'part-close', stream: 1 })
  agent.send(encodeFrame(1, records))
  agent.send({ kind: 'part-open', stream: 2, header })
  let opened
  do opened = await agent.next('part-position')
  while (opened['stream'] !== 2)
  agent.send(encodeFrame(1, records))
  agent.send(encodeFrame(2, records.slice(0, 1)))
  let flushed
  do flushed = await agent.next('records-flushed')
  while (flushed['position'] === 0)
  expect(flushed).toMatchObject({ stream: 2, position: 1 })
})

it('[L9] closes tooMany for a wallboard that floods', async () => {
  await using hub = await startHub()
  const wallboard = await hub.connect('wallboard', await hub.enroll('wallboard'))
  for (let n = 0; n < 50; n += 1) wallboard.send({ kind: 'ping', n })
  expect(await wallboard.closed).toEqual({ code: 4429, reason: 'tooMany' })
})

import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import SQLite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { encodeFrame, type LogRecord } from '@3cx-ninja/protocol'
import { aCall, aPart, aWorkerOffer } from '../../testing/messages.ts'
import type { RawLink } from '../../testing/rawClient.ts'
import { startHub, type Member, type TestHub } from '../../testing/startHub.ts'

const WORD = 'zanzibar-pamplemousse'
const RECORDS = 20
/** Enough that pages of the database are split and merged. */
const LINES = 120
const RECORDING = 'recording-1'

/** Returns the files under the folder that hold the text in clear. */
async function filesWith(folder: string, text: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name))
  const found = await Promise.all(
    files.map(async (file) => ((await readFile(file)).includes(text) ? [path.basename(file)] : [])),
  )
  return found.flat()
}

const dataOf = (hub: TestHub) => path.join(hub.folder, 'data')

/** Resolves with the next draft of the call in one of these states. */
async function draftAt(link: RawLink, states: readonly string[]) {
  for (;;) {
    const { draft } = (await link.next('draft')) as unknown as {
      draft: { draftId: string; revision: number; state: { at: string }; transcript: string }
    }
    if (states.includes(draft.state.at) && draft.transcript === 'complete') return draft
  }
}

/** Lets an agent record a whole call, in which a worker hears the word in every line. */
async function aTranscribedCall(hub: TestHub, camille: Member) {
  const agent = await hub.connect('agent', camille)
  const { header, records } = aPart(RECORDS)
  const endSample = (RECORDS / 2) * 1_600
  const seal: LogRecord = { sequence: RECORDS, kind: 'sealed', channel: 'agent', firstSample: endSample, payload: new Uint8Array() } // prettier-ignore
  const call = aCall({ recordingId: header.recordingId })
  agent.send({ kind: 'call-report', call })
  agent.send({ kind: 'part-open', stream: 1, header })
  await agent.next('part-position')
  agent.send(encodeFrame(1, [...records, seal]))
  const worker = await hub.connect('worker', await hub.enroll('worker'))
  worker.send(aWorkerOffer())
  const { lease } = (await worker.next('lease-offer')) as unknown as { lease: { leaseId: string; fence: number } } // prettier-ignore
  const { leaseId, fence } = lease
  worker.send({ kind: 'lease-accept', leaseId })
  await worker.next('part-ends')
  for (let n = 0; n < LINES; n += 1)
    worker.send({
      kind: 'utterance',
      leaseId,
      fence,
      lagMs: 0,
      utterance: {
        utteranceId: `utterance-${String(n).padStart(6, '0')}`,
        recordingId: RECORDING,
        channel: n % 2 ? 'agent' : 'caller',
        part: 1,
        state: 'final',
        fromMs: n * 8,
        toMs: n * 8 + 7,
        text: `Mon imprimante ${WORD} ne marche pas, phrase ${n}.`,
        words: [],
      },
    })
  worker.send({ kind: 'records-acknowledged', leaseId, part: 1, position: RECORDS + 1 })
  worker.send({ kind: 'lease-done', leaseId, fence })
  await agent.next('recording-safe')
  agent.send({ kind: 'call-report', call: { ...call, revision: 2, phase: 'done', endedAtMs: Date.now(), recording: 'complete' } }) // prettier-ignore
  const draft = await draftAt(agent, ['proposed', 'countdown'])
  return { agent, draft }
}

/** Lets the agent file the ticket; resolves once its writes are in the outbox, where no helpdesk takes them. */
async function file(agent: RawLink, { draftId, revision }: { draftId: string; revision: number }) {
  agent.send({ kind: 'draft-decide', draftId, baseRevision: revision, decision: { kind: 'file' } })
  await draftAt(agent, ['blocked'])
}

async function erase(agent: RawLink) {
  agent.send({ kind: 'recording-erase', recordingId: RECORDING })
  await agent.next('recording-erased')
}

/** Without an undo the decision is final at once. */
const settings = { tickets: { undoSeconds: 0 } }

describe('an erasure', () => {
  it('[R10] leaves none of the words in any file of the data folder when it is acknowledged', async () => {
    await using hub = await startHub({ settings })
    const { agent } = await aTranscribedCall(hub, await hub.enroll('agent'))
    expect(await filesWith(dataOf(hub), WORD)).not.toEqual([])
    await erase(agent)
    expect(await filesWith(dataOf(hub), WORD)).toEqual([])
  })

  it('[R10] reaches the writes to the helpdesk of a ticket that was decided', async () => {
    await using hub = await startHub({ settings })
    const { agent, draft } = await aTranscribedCall(hub, await hub.enroll('agent'))
    await file(agent, draft)
    await erase(agent)
    expect(await filesWith(dataOf(hub), WORD)).toEqual([])
  })

  it('[R10] is acknowledged once a reader of the database has let its log go', async () => {
    await using hub = await startHub({ settings })
    const { agent } = await aTranscribedCall(hub, await hub.enroll('agent'))
    const reader = new SQLite(path.join(dataOf(hub), 'hub.sqlite'), { readonly: true })
    reader.exec('begin')
    reader.prepare('select count(*) from utterance').get()
    agent.send({ kind: 'recording-erase', recordingId: RECORDING })
    await hub.logged('recording.erased')
    // Other messages of the agent go on meanwhile.
    agent.send({ kind: 'call-report', call: aCall({ callId: 'another-call-1' as never, recording: 'none' }) })
    await agent.next('call-stored')
    expect(agent.received.some((one) => !Buffer.isBuffer(one) && one.kind === 'recording-erased')).toBe(false)
    reader.close()
    await agent.next('recording-erased')
    expect(await filesWith(dataOf(hub), WORD)).toEqual([])
  })

  it('[R10] is repeated by the start on a data folder that was put back by hand, also for a filed ticket', async () => {
    await using hub = await startHub({ settings })
    const camille = await hub.enroll('agent')
    const { agent, draft } = await aTranscribedCall(hub, camille)
    await file(agent, draft)
    const backup = await mkdtemp(path.join(tmpdir(), 'hub-backup-'))
    try {
      await hub.stop()
      const sqlite = new SQLite(path.join(dataOf(hub), 'hub.sqlite'))
      sqlite.exec("update outbox set at = 'done', rowJson = json_set(rowJson, '$.state', json('{\"at\":\"done\",\"ticketId\":\"7\"}'))") // prettier-ignore
      sqlite.close()
      await cp(dataOf(hub), backup, { recursive: true })
      await hub.restart()
      await erase(await hub.connect('agent', camille))
      await hub.stop()
      await rm(dataOf(hub), { recursive: true })
      await cp(backup, dataOf(hub), { recursive: true })
      expect(await filesWith(dataOf(hub), WORD)).not.toEqual([])
      await hub.restart()
      const again = await hub.connect('agent', camille)
      expect(await again.next('recording-erased')).toMatchObject({ recordingId: RECORDING })
      const headers = { authorization: `Bearer ${camille.token}` }
      const answer = await hub.ask(`/api/agent/recordings/${RECORDING}`, { headers })
      expect(answer.json()).toMatchObject({ error: 'erased' })
      expect(await filesWith(dataOf(hub), WORD)).toEqual([])
      const rows = new SQLite(path.join(dataOf(hub), 'hub.sqlite'), { readonly: true })
      const tickets = rows.prepare("select rowJson ->> '$.state.ticketId' from outbox where kind = 'ticket'").pluck().all() // prettier-ignore
      rows.close()
      expect(tickets).toEqual(['7'])
    } finally {
      await rm(backup, { recursive: true, force: true })
    }
  })

  it('is kept beside the master key with ids and times only', async () => {
    await using hub = await startHub({ settings })
    const { agent } = await aTranscribedCall(hub, await hub.enroll('agent'))
    await erase(agent)
    const list = await readFile(path.join(hub.folder, 'secrets', 'erasures.jsonl'), 'utf8')
    const keys = list.split('\n').filter(Boolean).map((line) => Object.keys(JSON.parse(line) as object).sort()) // prettier-ignore
    expect(keys).toEqual([['agentId', 'atMs', 'callId', 'recordingId'], ['done']])
  })
})

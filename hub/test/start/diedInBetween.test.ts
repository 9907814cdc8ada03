import path from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { encodeFrame, type Draft } from '@3cx-ninja/protocol'
import { aCall, aPart } from '../../testing/messages.ts'
import { startHub, type TestHub } from '../../testing/startHub.ts'

/** Restarts the hub after its tables were changed to what a crash would have left. */
async function dieWith(hub: TestHub, change: (sqlite: SQLite.Database) => void) {
  await hub.stop()
  const sqlite = new SQLite(path.join(hub.folder, 'data', 'hub.sqlite'))
  change(sqlite)
  sqlite.close()
  await hub.restart()
}

it.each([
  [
    'the end of a call was stored, but not in its draft',
    (sqlite: SQLite.Database) =>
      sqlite
        .prepare(
          "update call set phase = 'done', callJson = json_set(callJson, '$.phase', 'done', '$.endedAtMs', ?)",
        )
        .run(Date.now()),
  ],
  [
    'a whole call was stored, but no draft',
    (sqlite: SQLite.Database) => {
      sqlite
        .prepare(
          "update call set phase = 'done', callJson = json_set(callJson, '$.phase', 'done', '$.endedAtMs', ?)",
        )
        .run(Date.now())
      sqlite.exec('delete from draft')
    },
  ],
])('offers the draft after a crash between two stores: %s', async (_, change) => {
  await using hub = await startHub()
  const camille = await hub.enroll('agent')
  const agent = await hub.connect('agent', camille)
  agent.send({ kind: 'call-report', call: aCall({ recording: 'none' }) })
  await agent.next('draft')
  await dieWith(hub, change)
  const back = await hub.connect('agent', camille)
  let draft: Draft
  do draft = ((await back.next('draft')) as unknown as { draft: Draft }).draft
  while (draft.state.at !== 'proposed')
  expect(draft).toMatchObject({ transcript: 'none' })
})

it('offers the draft with its text after a crash between the end of transcription and the draft', async () => {
  await using hub = await startHub()
  const camille = await hub.enroll('agent')
  const agent = await hub.connect('agent', camille)
  const { header, records } = aPart(4)
  const seal = {
    sequence: 4,
    kind: 'sealed',
    channel: 'agent',
    firstSample: 3_200,
    payload: new Uint8Array(),
  } as const
  const { recordingId } = header
  agent.send({ kind: 'call-report', call: aCall({ recordingId, phase: 'done', endedAtMs: Date.now(), recording: 'complete' }) }) // prettier-ignore
  agent.send({ kind: 'part-open', stream: 1, header })
  await agent.next('part-position')
  agent.send(encodeFrame(1, [...records, seal]))
  while ((await agent.next('records-flushed'))['position'] !== 5);
  await dieWith(hub, (sqlite) => {
    const utterance = { utteranceId: 'utterance-0001', recordingId, channel: 'caller', part: 1, state: 'final', fromMs: 0, toMs: 90, text: 'Mon imprimante ne répond plus.', words: [], atMs: Date.now() } // prettier-ignore
    sqlite.prepare("insert into recordingProgress (recordingId, callId, fence, doneAtMs) values (?, ?, 1, ?)").run(recordingId, header.callId, Date.now()) // prettier-ignore
    sqlite.prepare("insert into utterance values ('utterance-0001', ?, ?, 'caller', 1, 0, 90, ?)").run(recordingId, header.callId, JSON.stringify(utterance)) // prettier-ignore
  })
  const back = await hub.connect('agent', camille)
  let draft: Draft
  do draft = ((await back.next('draft')) as unknown as { draft: Draft }).draft
  while (draft.state.at !== 'proposed')
  expect(draft).toMatchObject({ transcript: 'complete', fields: { category: 'Impression' } })
})

it('leaves drafts unchanged over a restart when nothing was missed', async () => {
  await using hub = await startHub()
  const camille = await hub.enroll('agent')
  const agent = await hub.connect('agent', camille)
  agent.send({
    kind: 'call-report',
    call: aCall({ recording: 'none', phase: 'missed', endedAtMs: Date.now() }),
  })
  let draft: Draft
  do draft = ((await agent.next('draft')) as unknown as { draft: Draft }).draft
  while (draft.state.at !== 'proposed')
  await hub.restart()
  const back = await hub.connect('agent', camille)
  expect(await back.next('draft')).toMatchObject({
    draft: { revision: draft.revision, state: { at: 'proposed' } },
  })
})

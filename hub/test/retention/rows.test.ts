import { expect, it } from 'vitest'
import type { CallId, RecordingId } from '@3cx-ninja/protocol'
import { createRetentionStore } from '../../src/database/retentionStore.ts'
import { aRetentionDatabase, daysAgo, NOW_MS } from '../../testing/retentionDatabase.ts'

type World = Awaited<ReturnType<typeof aRetentionDatabase>>
const TABLES = ['call', 'callAlias', 'draft', 'outbox', 'recordingProgress', 'utterance'] as const
const left = ({ count }: World) => Object.fromEntries(TABLES.map((table) => [table, count(table)]))
const NOTHING = { call: 0, callAlias: 0, draft: 0, outbox: 0, recordingProgress: 0, utterance: 0 }

interface Kept {
  readonly days?: number
  readonly draftAt?: string
  readonly draftDays?: number
  readonly writeAt?: string
  /** Stores draft and recording under the agent's id of the call, not the canonical one. */
  readonly underAlias?: boolean
  readonly doneDays?: number | null
}
/** Stores a call with every row that a hub keeps of one. */
async function aKeptCall({ database }: World, name: string, kept: Kept = {}) {
  const {
    days = 121,
    draftAt = 'filed',
    draftDays = days,
    writeAt = 'done',
    underAlias,
    doneDays = days,
  } = kept
  const callId = `CALL-${name}`
  const storedId = underAlias ? `ALIAS-${name}` : callId
  const recordingId = `recording-${name}`
  const row = { callId, agentId: null, extension: '101', phase: 'done', startedAtMs: daysAgo(days), endedAtMs: null, callJson: '{}' } // prettier-ignore
  await database.run('calls.save', { row, aliases: [`ALIAS-${name}`] })
  await database.run('tickets.saveDraft', {
    row: { draftId: `draft-${name}`, callId: storedId, agentId: null, at: draftAt, updatedAtMs: daysAgo(draftDays), draftJson: '{"draft":{"fields":{}}}' }, // prettier-ignore
    writes: [{ draftId: `draft-${name}`, callId: storedId, kind: 'ticket', at: writeAt, dueAtMs: 0, rowJson: '{"write":{}}' }], // prettier-ignore
  })
  const fence = await database.run('transcripts.nextFence', { recordingId, callId: storedId })
  const final = { utteranceId: `utterance-${name}`, recordingId, callId: storedId, channel: 'agent', part: 1, fromMs: 0, toMs: 1, utteranceJson: '{}' } // prettier-ignore
  await database.run('transcripts.addFinal', { row: final, fence, nowMs: daysAgo(days), newestMs: 1_000 })
  if (doneDays !== null)
    await database.run('transcripts.done', { recordingId, fence, nowMs: daysAgo(doneDays) })
  return { callId: callId as CallId, recordingId: recordingId as RecordingId }
}

it('deletes all rows of an expired call: call, aliases, draft, writes, progress and text', async () => {
  await using world = await aRetentionDatabase()
  const { recordingId } = await aKeptCall(world, 'one')
  await aKeptCall(world, 'two', { underAlias: true })
  await aKeptCall(world, 'three', { doneDays: null })
  await world.retention.sweep()
  expect(left(world)).toEqual(NOTHING)
  expect(world.events).toEqual(['retention.text-deleted', 'retention.text-deleted', 'retention.text-deleted', 'retention.calls-deleted']) // prettier-ignore
  expect(world.forgotten).toContain(recordingId)
})

it('deletes an expired call without text, such as a missed one that only the PBX reported', async () => {
  await using world = await aRetentionDatabase()
  const row = { callId: 'CALL-missed', agentId: null, extension: '101', phase: 'missed', startedAtMs: daysAgo(121), endedAtMs: null, callJson: '{}' } // prettier-ignore
  await world.database.run('calls.save', { row, aliases: [] })
  await world.retention.sweep()
  expect(left(world)).toEqual(NOTHING)
})

it.each([
  ['began 119 days ago', { days: 119 }],
  ['has a draft that nobody decided', { draftAt: 'parked' }],
  ['has a ticket that waits for NinjaOne', { writeAt: 'blocked' }],
  ['has a write that is not done, under the agent’s id', { writeAt: 'waiting', underAlias: true }],
] as const)('leaves the rows of a call that %s', async (_, kept) => {
  await using world = await aRetentionDatabase()
  await aKeptCall(world, 'one', kept)
  await world.retention.sweep()
  expect(left(world)).toMatchObject({ call: 1, callAlias: 1, draft: 1, outbox: 1, recordingProgress: 1 })
})

it('keeps the rows of a filed ticket for 30 days, so that late facts become its comments', async () => {
  await using world = await aRetentionDatabase()
  await aKeptCall(world, 'one', { draftDays: 29 })
  await world.retention.sweep()
  expect(left(world)).toMatchObject({ call: 1, draft: 1, outbox: 1, utterance: 0 })
})

it('keeps a call whose audio is stored, or that is on the board', async () => {
  await using world = await aRetentionDatabase()
  const one = await aKeptCall(world, 'one', { draftAt: 'parked' })
  const two = await aKeptCall(world, 'two')
  world.held.set(one.recordingId, one.callId)
  world.spokenOf.add('ALIAS-two')
  await world.retention.sweep()
  expect(left(world)).toMatchObject({ call: 2 })
  world.spokenOf.clear()
  await world.retention.sweep()
  expect(left(world)).toMatchObject({ call: 1 })
  expect(world.forgotten).toEqual([two.recordingId])
})

it('deletes the progress of a recording whose call was never reported', async () => {
  await using world = await aRetentionDatabase()
  const fence = await world.database.run('transcripts.nextFence', {
    recordingId: 'recording-stray',
    callId: 'CALL-never',
  })
  await world.database.run('transcripts.done', { recordingId: 'recording-stray', fence, nowMs: daysAgo(121) })
  await world.retention.sweep()
  expect(left(world)).toEqual(NOTHING)
  expect(world.forgotten).toEqual(['recording-stray'])
})

it('deletes over several batches, past rows that must stay', async () => {
  await using world = await aRetentionDatabase()
  const calls = 450
  world.write((sqlite) => {
    sqlite.exec(`
      with recursive n(i) as (select 0 union all select i + 1 from n where i < ${calls - 1})
      insert into call (callId, agentId, extension, phase, startedAtMs, endedAtMs, callJson)
        select printf('CALL-%06d', i), null, '101', 'done', ${daysAgo(200)}, null, '{}' from n;
      insert into draft (draftId, callId, agentId, at, updatedAtMs, draftJson)
        select 'draft-' || callId, callId, null, iif(callId < 'CALL-000100', 'parked', 'filed'), ${daysAgo(200)}, '{}' from call;
      insert into recordingProgress (recordingId, callId, fence, doneAtMs, erasedAtMs, textAtMs)
        select 'recording-' || callId, callId, 1, ${daysAgo(200)}, null, ${daysAgo(200)} from call`)
  })
  const parked = 100
  await world.retention.sweep()
  expect(left(world)).toMatchObject({ call: parked, draft: parked, recordingProgress: parked })
})

it('reads at a start when the clock was last trusted, or when the newest row was stored', async () => {
  await using world = await aRetentionDatabase()
  const { lastTrustedMs: lastSureMs, saveTrusted: saveSure } = createRetentionStore(world.database)
  expect(await lastSureMs()).toBe(NOW_MS)
  await world.database.run('notes.remove', { name: 'retention.clock' })
  expect(await lastSureMs()).toBeNull()
  await aKeptCall(world, 'one', { days: 50 })
  await aKeptCall(world, 'two', { days: 70 })
  expect(await lastSureMs()).toBe(daysAgo(50))
  await saveSure(daysAgo(2))
  expect(await lastSureMs()).toBe(daysAgo(2))
})

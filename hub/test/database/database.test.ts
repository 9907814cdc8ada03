import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { HOUR_MS } from '@3cx-ninja/protocol'
import { commands } from '../../src/database/commands.ts'
import { migrations } from '../../src/database/migrations/index.ts'
import { DatabaseError, openDatabase, type Database } from '../../src/database/openDatabase.ts'
import { draftRecord } from '../../src/tickets/draftRecord.ts'
import { startHub } from '../../testing/startHub.ts'

const OLDER = path.join(import.meta.dirname, '../../testing/databases/step-1.sql')

async function aFile(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hub-db-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return path.join(folder, 'hub.sqlite')
}
/** When the older hub wrote its last row. */
const OLDER_MS = 1_795_500_070_000

async function anOlderFile(file: string): Promise<void> {
  const sqlite = new SQLite(file)
  sqlite.exec(await readFile(OLDER, 'utf8'))
  sqlite.close()
}
async function open(file: string, options: { maxPages?: number } = {}): Promise<Database> {
  const database = await openDatabase({ file, ...options })
  onTestFinished(() => database.close())
  return database
}
const schemaOf = (file: string) => {
  const sqlite = new SQLite(file, { readonly: true })
  const rows = sqlite.prepare(
    "select type, name, sql from sqlite_master where name not like 'sqlite_%' order by type, name",
  )
  const schema = rows.all()
  sqlite.close()
  return schema
}

it('runs every migration in order, and none twice', async () => {
  const file = await aFile()
  await (await open(file)).close()
  await (await open(file)).close()
  const sqlite = new SQLite(file, { readonly: true })
  expect(sqlite.prepare('select number, name from migration order by number').all()).toEqual(
    migrations.map(({ name }, index) => ({ number: index + 1, name })),
  )
  sqlite.close()
})

it('migrates an older database with its rows to the same tables as a fresh one', async () => {
  const [older, fresh] = [await aFile(), await aFile()]
  await anOlderFile(older)
  const database = await open(older)
  expect(await database.run('access.clients', { role: 'agent' })).toMatchObject([{ id: 'older-agent' }])
  expect(await database.run('access.enrollments', {})).toMatchObject([{ usesLeft: null }])
  expect(await database.run('transcripts.progress', {})).toMatchObject([{ textAtMs: 1_795_500_061_000 }])
  expect(await database.run('transcripts.ofCall', { callId: 'older-call' })).toHaveLength(1)
  expect((await database.run('calls.since', { fromMs: 0 })).aliases).toEqual([
    { alias: 'older-alias', callId: 'older-call' },
  ])
  await database.close()
  await (await open(fresh)).close()
  expect(schemaOf(older)).toEqual(schemaOf(fresh))
})

it('lets agents of an older hub connect after its update', async () => {
  const folder = path.dirname(await aFile())
  await mkdir(path.join(folder, 'data'), { mode: 0o700 })
  await anOlderFile(path.join(folder, 'data', 'hub.sqlite'))
  // An hour after the file was written: a hub that was off for a week suspends its retention, with an error in the log.
  const sinceMs = systemClock.nowMs()
  const clock = { ...systemClock, nowMs: () => OLDER_MS + HOUR_MS + systemClock.nowMs() - sinceMs }
  await using hub = await startHub({ folder, clock })
  const link = await hub.connect('agent', { id: 'older-agent', token: 'token-of-an-older-hub' })
  expect(await link.next('agent-settings')).toBeDefined()
  expect(hub.log.filter(({ level }) => level === 'error')).toEqual([])
})

it('refuses the database of a newer hub, and leaves it unchanged', async () => {
  const file = await aFile()
  await anOlderFile(file)
  const sqlite = new SQLite(file)
  sqlite.exec("insert into migration values (99, 'of-the-future', 1)")
  sqlite.close()
  await expect(openDatabase({ file })).rejects.toThrow(/newer hub \(step 99, .*install that version again/)
  expect(schemaOf(file)).toEqual(schemaOf(file))
  expect(JSON.stringify(schemaOf(file))).not.toContain('textAtMs')
})

it('rolls a failed migration back completely', async () => {
  const file = await aFile()
  await anOlderFile(file)
  const sqlite = new SQLite(file)
  sqlite.exec('alter table recordingProgress add column textAtMs bigint') // in the way of step 2
  sqlite.close()
  await expect(openDatabase({ file })).rejects.toThrow(/duplicate column/)
  const again = new SQLite(file, { readonly: true })
  expect(again.prepare('select max(number) as newest from migration').get()).toEqual({ newest: 1 })
  again.close()
})

it('names cause and remedy for a file that is no database or is damaged', async () => {
  const file = await aFile()
  await writeFile(file, 'this is no database, but long enough to be looked at as one. '.repeat(20))
  await expect(openDatabase({ file })).rejects.toThrow(/SQLITE_NOTADB.*restore it from a backup/)
  const folder = path.join(path.dirname(file), 'folder.sqlite')
  await mkdir(folder)
  await expect(openDatabase({ file: folder })).rejects.toThrow(/SQLITE_CANTOPEN.*may be written/)
})

it('rejects with the remedy while the disk is full, keeps its rows, and writes again once there is room', async () => {
  const file = await aFile()
  const small = await open(file, { maxPages: 40 })
  const note = (n: number) => ({ name: `note ${n}`, value: 'x'.repeat(8_000), savedAtMs: 1 })
  let stored = 0
  const fill = async () => {
    for (;;) {
      await small.run('notes.save', note(stored))
      stored += 1
    }
  }
  const error: unknown = await fill().catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(DatabaseError)
  expect((error as DatabaseError).message).toMatch(/SQLITE_FULL.*free space in the data folder/)
  expect(stored).toBeGreaterThan(0)
  expect(await small.run('notes.read', { name: 'note 0' })).not.toBeNull()
  await small.run('notes.remove', { name: 'note 0' })
  await small.run('notes.save', { name: 'small', value: 'x', savedAtMs: 1 })
  await small.close()
  const roomy = await open(file)
  await roomy.run('notes.save', note(1_000))
  expect(await roomy.run('notes.read', { name: `note ${stored - 1}` })).not.toBeNull()
})

it('rolls a command back completely when one of its statements fails', async () => {
  const database = await open(await aFile())
  const draft = { draftId: 'd', callId: 'c', agentId: null, at: 'filing', updatedAtMs: 1, draftJson: '{}' }
  const write = { draftId: 'd', callId: 'c', kind: 'ticket', at: 'waiting', dueAtMs: 0, rowJson: '{}' }
  await expect(
    database.run('tickets.saveDraft', { row: draft, writes: [write, write] }), // the database allows one ticket for a draft
  ).rejects.toThrow(/UNIQUE/)
  expect(await database.run('outbox.open', { afterRowId: 0 })).toEqual([])
  expect(await database.run('tickets.openDrafts', { sinceMs: 0 })).toEqual([])
})

it('gives commands that come together each its own outcome, and none before it can be read back', async () => {
  const file = await aFile()
  const database = await open(file)
  const call = (number: number, callJson: string | null) => ({
    row: { callId: `call-${number.toFixed(0)}`, agentId: null, extension: '101', phase: 'done', startedAtMs: number, endedAtMs: null, callJson: callJson as string }, // prettier-ignore
    aliases: [`alias-${number.toFixed(0)}`],
  })
  const stored = Array.from({ length: 200 }, (_, number) =>
    // A row without its JSON breaks a rule of the table: that one fails alone.
    database.run('calls.save', call(number, number % 10 === 3 ? null : '{}')).then(
      () => {
        const reader = new SQLite(file, { readonly: true })
        const row = reader.prepare('select count(*) as count from call where callId = ?').get(`call-${number.toFixed(0)}`) // prettier-ignore
        reader.close()
        return (row as { count: number }).count
      },
      (error: unknown) => error,
    ),
  )
  for (const [number, outcome] of (await Promise.all(stored)).entries()) {
    if (number % 10 === 3) expect(outcome).toBeInstanceOf(DatabaseError)
    else expect(outcome).toBe(1)
  }
  const { rows, aliases } = await database.run('calls.since', { fromMs: 0 })
  expect([rows.length, aliases.length]).toEqual([180, 180])
})

it('runs commands queued before the close, and rejects later ones', async () => {
  const file = await aFile()
  const database = await open(file)
  const asked = Array.from({ length: 50 }, (_, n) =>
    database.run('notes.save', { name: `n${n}`, value: 'v', savedAtMs: n }),
  )
  await Promise.all([database.close(), database.close()])
  await Promise.all(asked)
  await expect(database.run('notes.read', { name: 'n1' })).rejects.toThrow(/closed/)
  const again = await open(file)
  expect(await again.run('notes.read', { name: 'n49' })).toMatchObject({ value: 'v' })
})

it('registers each command name once', () => {
  const names = Object.keys(commands)
  expect(new Set(names).size).toBe(names.length)
})

it('erases the text of a settled call from drafts and writes too, and keeps its filed ticket', async () => {
  const file = await aFile()
  await anOlderFile(file)
  const database = await open(file)
  await database.run('transcripts.remove', { recordingId: 'older-recording' })
  const [draft] = await database.run('tickets.openDrafts', { sinceMs: 0 })
  const record = draftRecord.parse(JSON.parse(draft!.draftJson))
  expect(record.lifecycle.state).toMatchObject({ at: 'filed', ticketId: '77' })
  expect(await database.run('outbox.ofDraft', { draftId: 'older-draft' })).toHaveLength(2)
  await database.close()
  expect((await readFile(file)).includes('imprimante')).toBe(false)
  expect((await readFile(file)).includes('Imprimante')).toBe(false)
})

it('keeps the text of an unsettled draft', async () => {
  const file = await aFile()
  await anOlderFile(file)
  const sqlite = new SQLite(file)
  sqlite.exec("update draft set at = 'blocked'; update outbox set at = 'blocked' where kind = 'ticket'")
  sqlite.close()
  const database = await open(file)
  await database.run('transcripts.remove', { recordingId: 'older-recording' })
  const [draft] = await database.run('tickets.openDrafts', { sinceMs: 0 })
  expect(draft!.draftJson).toContain('imprimante')
  expect((await database.run('outbox.ofDraft', { draftId: 'older-draft' }))[0]!.rowJson).toContain('panne')
})

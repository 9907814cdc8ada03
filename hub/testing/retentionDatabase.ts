import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import SQLite from 'better-sqlite3'
import { DAY_MS, type CallId, type RecordingId } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../protocol/testing/fakeClock.ts'
import { openDatabase } from '../src/database/openDatabase.ts'
import { createRetentionStore } from '../src/database/retentionStore.ts'
import { startRetention } from '../src/retention/retention.ts'

export const NOW_MS = Date.UTC(2026, 0, 5, 9, 0, 0)
export const daysAgo = (days: number) => NOW_MS - days * DAY_MS

/** Starts retention on a real database in a fresh folder, with the recordings that a test names. */
export async function aRetentionDatabase(rules = { audioDays: 30, transcriptDays: 90 }) {
  const folder = await mkdtemp(path.join(tmpdir(), 'retention-'))
  const file = path.join(folder, 'hub.sqlite')
  const durations: { readonly command: string; readonly ms: number }[] = []
  const database = await openDatabase({
    file,
    slowMs: -1,
    onSlow: (command, ms) => void durations.push({ command, ms }),
  })
  const stored = new Map<RecordingId, CallId>()
  const onBoard = new Set<string>()
  const forgotten: string[] = []
  const events: string[] = []
  const clock = createFakeClock(NOW_MS)
  const store = createRetentionStore(database)
  await store.saveTrusted(NOW_MS) // a hub that ran until now, whatever old rows a test gives it
  const retention = startRetention({
    recordings: {
      list: () =>
        [...stored].map(([recordingId, callId]) => ({ recordingId, callId, updatedAtMs: NOW_MS })) as never, // only these fields are read
      remove: (recordingId) => Promise.resolve(void stored.delete(recordingId)),
    },
    store,
    clock,
    rules,
    isOnBoard: (callId) => onBoard.has(callId),
    onForgotten: (ids) => void forgotten.push(...ids),
    log: (event) => void events.push(event),
  })
  /** Writes into the file past the hub, as a year of calls would. */
  const write = (run: (sqlite: SQLite.Database) => void) => {
    const sqlite = new SQLite(file)
    try {
      run(sqlite)
    } finally {
      sqlite.close()
    }
  }
  const count = (table: string): number => {
    let rows = 0
    write(
      (sqlite) => (rows = (sqlite.prepare(`select count(*) as n from "${table}"`).get() as { n: number }).n),
    )
    return rows
  }
  return {
    database,
    retention,
    clock,
    held: stored,
    spokenOf: onBoard,
    forgotten,
    events,
    took: durations,
    write,
    count,
    async [Symbol.asyncDispose]() {
      await retention.stop()
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

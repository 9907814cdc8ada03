import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { createPrivateFile } from '@3cx-ninja/node-kit/privateFolder.ts'
import SQLite, { type Database as SQLiteDatabase } from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { commands } from './commands.ts'
import { complaintsOf } from './complaints.ts'
import { createGroupCommit, type Outcome } from './groupCommit.ts'
import { migrate } from './migrate.ts'
import type { ThreadAnswer } from './openDatabase.ts'
import type { Tables } from './tables.ts'
import { createTransact } from './transact.ts'

// Runs in the database's thread: one request after the other; commands that wait are flushed together.
const { file, maxPages } = workerData as { file: string; maxPages: number | undefined } // our own openDatabase passes it
const port = parentPort
if (!port) throw new Error('databaseThread runs as a worker thread only')

/** Another program has the database for this long at most, such as a backup. */
const BUSY_MS = 2_000

let db: Kysely<Tables> | undefined
let connection: SQLiteDatabase | undefined
let commit: ReturnType<typeof createGroupCommit> | undefined

async function open(): Promise<void> {
  createPrivateFile(file)
  const sqlite = new SQLite(file)
  const complaints = complaintsOf(sqlite, 'quick_check')
  if (complaints !== undefined)
    throw Object.assign(new Error(`SQLite found damage: ${complaints}`), { code: 'SQLITE_CORRUPT' })
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('secure_delete = ON') // what retention or an erasure deletes is overwritten, not only unlinked
  sqlite.pragma(`busy_timeout = ${BUSY_MS}`)
  if (maxPages !== undefined) sqlite.pragma(`max_page_count = ${maxPages}`)
  connection = sqlite
  db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }) })
  const transact = createTransact(sqlite)
  commit = createGroupCommit(sqlite, transact)
  await migrate(db, transact)
}

async function runAlone(name: string): Promise<unknown> {
  if (name === 'open') return open()
  if (name === 'overwrite') return overwriteDeleted()
  if (name === 'rebuild') return connection?.exec('vacuum') && undefined
  return db?.destroy()
}

/** Returns whether the log is empty now; a reader is not waited for, because every command would wait with it. */
function overwriteDeleted(): boolean {
  if (!connection) throw new Error('the database is not open')
  connection.pragma('busy_timeout = 0')
  try {
    return connection.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) === 0
  } finally {
    connection.pragma(`busy_timeout = ${BUSY_MS}`)
  }
}

async function command(name: string, input: unknown): Promise<unknown> {
  const act = (commands as Record<string, (db: Kysely<Tables>, input: never) => Promise<unknown>>)[name]
  if (!db) throw new Error('the database is not open')
  if (!act) throw new Error(`no database command '${name}'`)
  return act(db, input as never) // typed at the caller's end
}

interface Asked {
  readonly id: number
  readonly name: string
  readonly input: unknown
}

/** Commands that are flushed together: more would make the first of them wait for the last. */
const GROUP = 64
const waiting: Asked[] = []
let isWorking = false

function answer({ id }: Asked, outcome: Outcome, tookMs: number): void {
  if (outcome.ok)
    return port?.postMessage({ id, ok: true, output: outcome.output, tookMs } satisfies ThreadAnswer)
  const { error } = outcome
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ERROR'
  port?.postMessage({ id, ok: false, message, code } satisfies ThreadAnswer)
}

/** These have no transaction, so they stand alone. */
const standsAlone = ({ name }: Pick<Asked, 'name'>) =>
  ['open', 'close', 'overwrite', 'rebuild'].includes(name)

function nextGroup(): readonly Asked[] {
  const end = waiting.findIndex((request, at) => at > 0 && standsAlone(request))
  const [first] = waiting
  const size = first && standsAlone(first) ? 1 : end < 0 ? waiting.length : end
  return waiting.splice(0, Math.min(GROUP, size))
}

async function work(): Promise<void> {
  isWorking = true
  for (let group = nextGroup(); group.length > 0; group = nextGroup()) {
    const startedMs = performance.now()
    const outcomes = await runGroup(group)
    const tookMs = performance.now() - startedMs
    for (const [at, request] of group.entries()) {
      const outcome = outcomes[at]
      // The group's time is shared: a slow disk is slow for each of them, a slow command stands for its group.
      if (outcome) answer(request, outcome, tookMs / group.length)
    }
  }
  isWorking = false
}

async function runGroup(group: readonly Asked[]): Promise<readonly Outcome[]> {
  const [first] = group
  if (commit && first && !standsAlone(first))
    return commit(
      group.map(
        ({ name, input }) =>
          () =>
            command(name, input),
      ),
    )
  const outcomes: Outcome[] = []
  for (const { name, input } of group) {
    const act = standsAlone({ name }) ? runAlone(name) : command(name, input)
    outcomes.push(await act.then((output): Outcome => ({ ok: true, output }), (error: unknown) => ({ ok: false, error }))) // prettier-ignore
  }
  return outcomes
}

port.on('message', (request: Asked) => {
  waiting.push(request)
  // All that has arrived by now goes into one group.
  for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port))
    waiting.push(more.message as Asked) // our own openDatabase sends it
  if (!isWorking) void work()
})

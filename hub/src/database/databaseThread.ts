import { parentPort, workerData } from 'node:worker_threads'
import SQLite from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { commands } from './commands.ts'
import { migrate } from './migrate.ts'
import type { ThreadAnswer } from './openDatabase.ts'
import type { Tables } from './tables.ts'
import { createTransact, type Transact } from './transact.ts'

// Runs in the database's thread: one request after the other, each command in one transaction.
const { file, maxPages } = workerData as { file: string; maxPages: number | undefined } // our own openDatabase passes it
const port = parentPort
if (!port) throw new Error('databaseThread runs as a worker thread only')

let db: Kysely<Tables> | undefined
let transact: Transact | undefined

async function open(): Promise<void> {
  const sqlite = new SQLite(file)
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('secure_delete = ON') // what retention or an erasure deletes is overwritten, not only unlinked
  sqlite.pragma('busy_timeout = 2000')
  if (maxPages !== undefined) sqlite.pragma(`max_page_count = ${maxPages}`)
  db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }) })
  transact = createTransact(sqlite)
  await migrate(db, transact)
}

async function run(name: string, input: unknown): Promise<unknown> {
  if (name === 'open') return open()
  if (!db || !transact) throw new Error('the database is not open')
  if (name === 'close') return db.destroy()
  const command = (commands as Record<string, (db: Kysely<Tables>, input: never) => Promise<unknown>>)[name]
  if (!command) throw new Error(`no database command '${name}'`)
  const tables = db
  return transact(() => command(tables, input as never)) // typed at the caller's end
}

let turn: Promise<unknown> = Promise.resolve()
port.on('message', ({ id, name, input }: { id: number; name: string; input: unknown }) => {
  turn = turn.then(async () => {
    const startedMs = performance.now()
    try {
      const output = await run(name, input)
      port.postMessage({ id, ok: true, output, tookMs: performance.now() - startedMs } satisfies ThreadAnswer)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'ERROR'
      port.postMessage({ id, ok: false, message, code } satisfies ThreadAnswer)
    }
  })
})

import { Worker } from 'node:worker_threads'
import type { CommandName, CommandInput, CommandOutput } from './commands.ts'

/**
 * The hub's SQLite database in its own thread: open until `close`, or until its thread dies (`onLost`). After either
 * every command rejects. Knows nothing of what is stored: that stands in tables.ts and commands/.
 */
export interface Database {
  /** Runs one command as one closed transaction in the database's thread. Rejects with a DatabaseError. */
  run<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandOutput<Name>>
  /**
   * Moves the write-ahead log into the database and empties it: what was deleted, and overwritten there, is in no file any
   * more. Resolves with false while a reader of the database still needs the log. Rejects with a DatabaseError.
   */
  overwriteDeleted(): Promise<boolean>
  /**
   * Writes the whole database again, without its free space: a file that another program wrote may keep deleted rows there.
   * Takes seconds for each gigabyte, and as much room. Rejects with a DatabaseError; then nothing has changed.
   */
  rebuild(): Promise<void>
  /** Ends the thread after what was asked is done. Safe twice. */
  close(): Promise<void>
}

/**
 * A command failed: `code` is SQLite's own (`SQLITE_FULL` and the like), `CLOSED` or `ERROR`; the message names the
 * remedy.
 */
export class DatabaseError extends Error {
  readonly code: string
  constructor(message: string, code: string) {
    super(message)
    this.name = 'DatabaseError'
    this.code = code
  }
}

/** The thread's answer to one command, by the id of its request. */
export type ThreadAnswer =
  | { readonly id: number; readonly ok: true; readonly output: unknown; readonly tookMs: number }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly code: string }

const REMEDIES: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'the disk is full: free space in the data folder',
  SQLITE_IOERR: 'the disk failed: check it, and restore the database from a backup if it stays so',
  SQLITE_CORRUPT: 'the database is damaged: stop the hub and restore it from a backup',
  SQLITE_NOTADB: 'the file is no database of this hub, or it is damaged: restore it from a backup',
  SQLITE_BUSY: 'another program has the database open: stop it',
  SQLITE_READONLY: 'the database cannot be written: check the rights of the data folder',
  SQLITE_CANTOPEN: 'the database cannot be opened: check that the data folder exists and may be written',
}

/** Opens (and migrates) the SQLite database in a thread of its own, so that a slow flush never stops the event loop. */
export async function openDatabase(options: {
  readonly file: string
  readonly onSlow?: (command: string, tookMs: number) => void
  readonly slowMs?: number
  /** At most so many pages of 4 KiB: then it is full, as a disk would be. */
  readonly maxPages?: number
  /** The thread died by itself: nothing can be stored any more, only a restart helps. */
  readonly onLost?: (error: Error) => void
}): Promise<Database> {
  const thread = new Worker(new URL('./databaseThread.ts', import.meta.url), {
    workerData: { file: options.file, maxPages: options.maxPages },
  })
  const waiting = new Map<
    number,
    { name: string; resolve: (output: unknown) => void; reject: (error: Error) => void }
  >()
  let nextId = 1
  let ended: Error | undefined

  const endAll = (error: Error) => {
    ended ??= error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  thread.on('message', (answer: ThreadAnswer) => {
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (!asked) return
    if (!answer.ok) return asked.reject(explain(answer.message, answer.code))
    if (answer.tookMs > (options.slowMs ?? 200)) options.onSlow?.(asked.name, answer.tookMs)
    asked.resolve(answer.output)
  })
  let opened = false
  let closing: Promise<void> | undefined
  const lose = (error: Error) => {
    const wasEnded = ended !== undefined
    endAll(error)
    if (opened && !closing && !wasEnded) options.onLost?.(error)
  }
  thread.on('error', (error: Error) => lose(error))
  thread.on('exit', () => lose(new DatabaseError('the database is closed', 'CLOSED')))

  const ask = (name: string, input: unknown): Promise<unknown> => {
    if (ended) return Promise.reject(ended)
    const id = nextId++
    return new Promise((resolve, reject) => {
      waiting.set(id, { name, resolve, reject })
      thread.postMessage({ id, name, input })
    })
  }
  await ask('open', undefined).catch(async (error: unknown) => {
    await thread.terminate()
    throw error
  })
  opened = true
  return {
    // The thread answers with what the named command returned: the command table types both ends.
    run: (name, input) => ask(name, input) as Promise<CommandOutput<typeof name>>,
    overwriteDeleted: async () => (await ask('overwrite', undefined)) === true,
    rebuild: async () => void (await ask('rebuild', undefined)),
    close: () =>
      (closing ??= ask('close', undefined)
        .catch(() => undefined)
        .then(() => thread.terminate())
        .then(() => undefined)),
  }
}

function explain(message: string, code: string): DatabaseError {
  const remedy = Object.entries(REMEDIES).find(([prefix]) => code.startsWith(prefix))?.[1]
  return new DatabaseError(remedy ? `${message} (${code}): ${remedy}.` : message, code)
}

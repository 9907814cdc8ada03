import path from 'node:path'
import SQLite from 'better-sqlite3'
import { createPrivateFile, makePrivateFolder, type SharedEntry } from '@3cx-ninja/node-kit/privateFolder.ts'
import { errorCode } from '@3cx-ninja/recording-log/fileSystem.ts'

/** The locked data folder; it is locked until `release`. */
export interface DataFolder {
  readonly path: string
  /** What other users of the machine can still read, since it belongs to one of them. */
  readonly shared: readonly SharedEntry[]
  release(): void
}

/**
 * Creates the data folder, takes the rights of other users away, and locks it for this process. The lock is a SQLite transaction on a file of its own: the
 * operating system releases it when the process dies, however it dies. Rejects when another hub holds the lock, or when the
 * folder cannot be written.
 */
export async function lockDataFolder(folder: string): Promise<DataFolder> {
  const shared = await makePrivateFolder(folder).catch((cause: unknown) => {
    throw unusableError(folder, cause)
  })
  let lock: SQLite.Database
  try {
    const file = path.join(folder, 'in-use.sqlite')
    createPrivateFile(file)
    lock = new SQLite(file, { timeout: 0 })
  } catch (cause) {
    throw unusableError(folder, cause)
  }
  let holder = ''
  try {
    lock.pragma('journal_mode = DELETE')
    holder = readHolder(lock)
    // The holder's number is committed before the lock is acquired for good, so that a second hub can read it.
    lock.exec('begin exclusive')
    lock.exec('create table if not exists holder (pid integer)')
    lock.exec('delete from holder')
    lock.prepare('insert into holder values (?)').run(process.pid)
    lock.exec('commit')
    lock.exec('begin immediate')
    return { path: folder, shared, release: () => lock.close() }
  } catch (cause) {
    lock.close()
    if (!errorCode(cause).startsWith('SQLITE_BUSY')) throw unusableError(folder, cause)
    throw new Error(
      `Another hub${holder} already uses the data folder ${path.resolve(folder)}: stop it first, or name another folder (setting folders.data, environment HUB_DATA).`,
      { cause },
    )
  }
}

function readHolder(lock: SQLite.Database): string {
  try {
    const row = lock.prepare('select pid from holder').get() as { pid: number } | undefined // our own table
    return row ? ` (process ${row.pid})` : ''
  } catch {
    return '' // no such table yet, or it is locked: the number is a courtesy
  }
}

function unusableError(folder: string, cause: unknown): Error {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new Error(
    `The data folder ${path.resolve(folder)} cannot be used (${detail}): check that it is a folder on a disk with room, and that this user may write there (setting folders.data).`,
    { cause },
  )
}

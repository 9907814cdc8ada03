import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import SQLite from 'better-sqlite3'

export interface DataFolder {
  readonly path: string
  release(): void
}

/**
 * Makes the data folder and takes it for this process. The lock is an exclusive SQLite transaction on a file of its
 * own: the operating system frees it when the process dies, however it dies. Throws when another hub holds it.
 */
export async function takeDataFolder(folder: string): Promise<DataFolder> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = path.join(folder, 'in-use.sqlite')
  const lock = new SQLite(file, { timeout: 0 })
  try {
    lock.pragma('journal_mode = DELETE')
    const holder = readHolder(lock)
    try {
      lock.exec('begin exclusive')
    } catch (cause) {
      throw new Error(
        `Another hub${holder} already uses the data folder ${path.resolve(folder)}: stop it first, or name another folder (setting folders.data).`,
        { cause },
      )
    }
    // The holder's number is committed before the lock is taken again, so that a second hub can read it.
    lock.exec('create table if not exists holder (pid integer)')
    lock.exec('delete from holder')
    lock.prepare('insert into holder values (?)').run(process.pid)
    lock.exec('commit')
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('begin immediate')
    return { path: folder, release: () => lock.close() }
  } catch (error) {
    lock.close()
    throw error
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

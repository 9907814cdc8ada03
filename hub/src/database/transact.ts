import type { Database as SQLiteDatabase } from 'better-sqlite3'

export type Transact = <Value>(act: () => Promise<Value>) => Promise<Value>

/**
 * One transaction around `act`, whose statements run on this one connection. Not Kysely's own: where SQLite itself has
 * rolled back (disk full, i/o error), Kysely's rollback fails and its complaint hides the cause.
 */
export function createTransact(sqlite: SQLiteDatabase): Transact {
  return async (act) => {
    sqlite.exec('begin immediate')
    try {
      const value = await act()
      sqlite.exec('commit')
      return value
    } catch (error) {
      if (sqlite.inTransaction) sqlite.exec('rollback')
      throw error
    }
  }
}

import type { Database as SQLiteDatabase } from 'better-sqlite3'

/** Runs `act` in one transaction and resolves with its value; a rejection rolls everything back. */
export type Transact = <Value>(act: () => Promise<Value>) => Promise<Value>

/**
 * Returns the transaction of this one connection: commits what `act` did, or rolls it back and rejects with the same error.
 * Kysely's own transaction is not used: where SQLite itself has rolled back (disk full, i/o error), Kysely's rollback fails
 * and its error hides the cause.
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

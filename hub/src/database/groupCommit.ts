import type { Database as SQLiteDatabase } from 'better-sqlite3'
import type { Transact } from './transact.ts'

/** The outcome of one piece of a group. */
export type Outcome =
  { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly error: unknown }

/**
 * Returns the transaction of a whole group: what many clients ask for at the same time is flushed once. Each piece succeeds or
 * fails by itself, as if it were alone; nothing is reported before the group is on the disk. Where the whole group cannot be
 * committed (a full disk), each piece is tried in a transaction of its own, so that a small one need not fail with a large one.
 */
export function createGroupCommit(
  sqlite: SQLiteDatabase,
  transact: Transact,
): (pieces: readonly (() => Promise<unknown>)[]) => Promise<readonly Outcome[]> {
  const alone = async (act: () => Promise<unknown>): Promise<Outcome> => {
    try {
      return { ok: true, output: await transact(act) }
    } catch (error) {
      return { ok: false, error }
    }
  }
  const aloneEach = async (pieces: readonly (() => Promise<unknown>)[]) => {
    const outcomes: Outcome[] = []
    for (const act of pieces) outcomes.push(await alone(act))
    return outcomes
  }
  return async (pieces) => {
    if (pieces.length < 2) return aloneEach(pieces)
    try {
      return await transact(async () => {
        const outcomes: Outcome[] = []
        for (const act of pieces) outcomes.push(await inSavepoint(sqlite, act))
        return outcomes
      })
    } catch {
      return aloneEach(pieces) // each names its own error
    }
  }
}

/** Rejects when SQLite itself has rolled the whole transaction back: then nothing of the group is stored. */
async function inSavepoint(sqlite: SQLiteDatabase, act: () => Promise<unknown>): Promise<Outcome> {
  sqlite.exec('savepoint piece')
  try {
    const output = await act()
    sqlite.exec('release piece')
    return { ok: true, output }
  } catch (error) {
    if (!sqlite.inTransaction) throw error
    sqlite.exec('rollback to piece')
    sqlite.exec('release piece')
    return { ok: false, error }
  }
}

import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import type { Database } from './openDatabase.ts'

/** Within this time the last outcome is returned again: `/health` is open to everybody, and each probe is a flush. */
const FRESH_MS = 10 * SECOND_MS

/** Returns a probe that writes a small note, because a full disk still reads well. It rejects with the database's error. */
export function createDatabaseProbe(database: Pick<Database, 'run'>, clock: Clock): () => Promise<void> {
  let last: { readonly atMs: number; readonly outcome: Promise<void> } | undefined
  return () => {
    if (last && clock.monotonicMs() - last.atMs < FRESH_MS) return last.outcome
    const outcome = database.run('notes.save', { name: 'health', value: 'probe', savedAtMs: clock.nowMs() })
    last = { atMs: clock.monotonicMs(), outcome }
    return outcome
  }
}

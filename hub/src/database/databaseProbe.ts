import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import type { Database } from './openDatabase.ts'

/** Whoever asks more often gets the last answer: `/health` is open to everybody, and each probe is a flush. */
const FRESH_MS = 10 * SECOND_MS

/** Writes a small note, because a full disk still reads well. Rejects with what the database said. */
export function createDatabaseProbe(database: Pick<Database, 'run'>, clock: Clock): () => Promise<void> {
  let last: { readonly atMs: number; readonly outcome: Promise<void> } | undefined
  return () => {
    if (last && clock.monotonicMs() - last.atMs < FRESH_MS) return last.outcome
    const outcome = database.run('notes.save', { name: 'health', value: 'probe', savedAtMs: clock.nowMs() })
    last = { atMs: clock.monotonicMs(), outcome }
    return outcome
  }
}

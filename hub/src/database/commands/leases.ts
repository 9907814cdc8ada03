import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The commands over fences and the progress of transcription; each runs as one transaction. */
export const leaseCommands = {
  /** Takes the next fence for a new lease: it grows by one in one statement and never falls, also across restarts. */
  'transcripts.nextFence': async (db: Kysely<Tables>, row: { recordingId: string; callId: string }) => {
    const { fence } = await db
      .insertInto('recordingProgress')
      .values({ ...row, fence: 1, doneAtMs: null, erasedAtMs: null })
      .onConflict((c) =>
        c.column('recordingId').doUpdateSet((eb) => ({ fence: eb('recordingProgress.fence', '+', 1) })),
      )
      .returning('fence')
      .executeTakeFirstOrThrow()
    return fence
  },
  /** Marks the recording transcribed. Returns false when a newer lease exists or the recording was erased. */
  'transcripts.done': async (
    db: Kysely<Tables>,
    { recordingId, fence, nowMs }: { recordingId: string; fence: number; nowMs: number },
  ) => {
    const { numUpdatedRows } = await db
      .updateTable('recordingProgress')
      .set({ doneAtMs: nowMs })
      .where('recordingId', '=', recordingId)
      .where('fence', '=', fence)
      .where('erasedAtMs', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  },
  /** Returns the progress of every recording that was ever leased or erased and not deleted since. */
  'transcripts.progress': async (db: Kysely<Tables>, _: Record<string, never>) =>
    db.selectFrom('recordingProgress').selectAll().execute(),
}

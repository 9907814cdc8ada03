import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

export const leaseCommands = {
  /** A new lease: the fence grows by one, in one statement, and never falls, whatever restarts. */
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
  /** false: a newer lease exists, or the recording was erased. */
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
  'transcripts.progress': async (db: Kysely<Tables>, _: Record<string, never>) =>
    db.selectFrom('recordingProgress').selectAll().execute(),
  /** The call of a recording that was ever leased or erased, whether it is still held or not; null: never heard of. */
  'transcripts.callOf': async (db: Kysely<Tables>, { recordingId }: { recordingId: string }) => {
    const row = await db
      .selectFrom('recordingProgress')
      .select('callId')
      .where('recordingId', '=', recordingId)
      .executeTakeFirst()
    return row?.callId ?? null
  },
}

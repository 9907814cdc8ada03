import type { Kysely, Selectable } from 'kysely'
import type { Tables, UtteranceTable } from '../tables.ts'

export type UtteranceRow = Selectable<UtteranceTable>
export type FinalOutcome = 'stored' | 'known' | 'old-fence' | 'overlaps' | 'erased'

export const transcriptCommands = {
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
  /** Stores a final if its fence is the newest one and it begins behind the last final of its channel. */
  'transcripts.addFinal': async (
    db: Kysely<Tables>,
    { row, fence }: { row: UtteranceRow; fence: number },
  ): Promise<FinalOutcome> => {
    const known = await db
      .selectFrom('utterance')
      .select('utteranceId')
      .where('utteranceId', '=', row.utteranceId)
      .executeTakeFirst()
    if (known) return 'known'
    const progress = await db
      .selectFrom('recordingProgress')
      .selectAll()
      .where('recordingId', '=', row.recordingId)
      .executeTakeFirst()
    if (!progress || progress.fence !== fence) return 'old-fence'
    if (progress.erasedAtMs !== null) return 'erased'
    const last = await lastFinal(db, row.recordingId, row.channel)
    if (last && (row.part < last.part || (row.part === last.part && row.fromMs < last.toMs)))
      return 'overlaps'
    await db.insertInto('utterance').values(row).execute()
    return 'stored'
  },
  'transcripts.lastFinals': async (db: Kysely<Tables>, { recordingId }: { recordingId: string }) => ({
    agent: (await lastFinal(db, recordingId, 'agent')) ?? null,
    caller: (await lastFinal(db, recordingId, 'caller')) ?? null,
  }),
  'transcripts.ofCall': async (db: Kysely<Tables>, { callId }: { callId: string }) =>
    db
      .selectFrom('utterance')
      .selectAll()
      .where('callId', '=', callId)
      .orderBy('part')
      .orderBy('fromMs')
      .execute(),
  'transcripts.done': async (
    db: Kysely<Tables>,
    { recordingId, fence, nowMs }: { recordingId: string; fence: number; nowMs: number },
  ) => {
    const { numUpdatedRows } = await db
      .updateTable('recordingProgress')
      .set({ doneAtMs: nowMs })
      .where('recordingId', '=', recordingId)
      .where('fence', '=', fence)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  },
  'transcripts.erase': async (
    db: Kysely<Tables>,
    { recordingId, callId, nowMs }: { recordingId: string; callId: string; nowMs: number },
  ) => {
    await db.deleteFrom('utterance').where('recordingId', '=', recordingId).execute()
    await db
      .insertInto('recordingProgress')
      .values({ recordingId, callId, fence: 1, doneAtMs: null, erasedAtMs: nowMs })
      .onConflict((c) => c.column('recordingId').doUpdateSet({ erasedAtMs: nowMs }))
      .execute()
  },
  'transcripts.progress': async (db: Kysely<Tables>, _: Record<string, never>) =>
    db.selectFrom('recordingProgress').selectAll().execute(),
}

function lastFinal(db: Kysely<Tables>, recordingId: string, channel: string) {
  return db
    .selectFrom('utterance')
    .select(['part', 'toMs', 'utteranceJson'])
    .where('recordingId', '=', recordingId)
    .where('channel', '=', channel)
    .orderBy('part', 'desc')
    .orderBy('toMs', 'desc')
    .limit(1)
    .executeTakeFirst()
}

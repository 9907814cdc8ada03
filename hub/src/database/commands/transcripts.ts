import { sql, type Kysely, type Selectable } from 'kysely'
import type { Tables, UtteranceTable } from '../tables.ts'
import { leaseCommands } from './leases.ts'

export type UtteranceRow = Selectable<UtteranceTable>
export type FinalOutcome = 'stored' | 'known' | 'old-fence' | 'overlaps' | 'erased'

export const transcriptCommands = {
  ...leaseCommands,
  /** Stores a final if its fence is the newest one and it begins behind the last final of its channel. */
  'transcripts.addFinal': async (
    db: Kysely<Tables>,
    { row, fence, nowMs }: { row: UtteranceRow; fence: number; nowMs: number },
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
    await setTextTime(db, row.recordingId, nowMs)
    return 'stored'
  },
  'transcripts.lastFinals': async (db: Kysely<Tables>, { recordingId }: { recordingId: string }) => ({
    agent: (await lastFinal(db, recordingId, 'agent')) ?? null,
    caller: (await lastFinal(db, recordingId, 'caller')) ?? null,
  }),
  /** Under the canonical id, and under every alias: finals of an agent that was offline may be older than the joining. */
  'transcripts.ofCall': async (db: Kysely<Tables>, { callId }: { callId: string }) =>
    db
      .selectFrom('utterance')
      .selectAll()
      .where((eb) =>
        eb.or([
          eb('callId', '=', callId),
          eb(
            'callId',
            'in',
            eb.selectFrom('callAlias').select('alias').where('callAlias.callId', '=', callId),
          ),
        ]),
      )
      .orderBy('part')
      .orderBy('fromMs')
      .execute(),
  'transcripts.ofRecording': async (db: Kysely<Tables>, { recordingId }: { recordingId: string }) =>
    db
      .selectFrom('utterance')
      .selectAll()
      .where('recordingId', '=', recordingId)
      .orderBy('part')
      .orderBy('fromMs')
      .execute(),
  'transcripts.erase': async (
    db: Kysely<Tables>,
    { recordingId, callId, nowMs }: { recordingId: string; callId: string; nowMs: number },
  ) => {
    await db.deleteFrom('utterance').where('recordingId', '=', recordingId).execute()
    await db
      .insertInto('recordingProgress')
      .values({ recordingId, callId, fence: 1, doneAtMs: null, erasedAtMs: nowMs })
      .onConflict((c) => c.column('recordingId').doUpdateSet({ erasedAtMs: nowMs, textAtMs: null }))
      .execute()
  },
  /**
   * The text goes, also from drafts and writes of the call that are settled; the knowledge that it was transcribed, and
   * that its ticket was filed, stays: a late report must not make a second one.
   */
  'transcripts.remove': async (db: Kysely<Tables>, { recordingId }: { recordingId: string }) => {
    const callIds = await callIdsOf(db, recordingId)
    await db.deleteFrom('utterance').where('recordingId', '=', recordingId).execute()
    await setTextTime(db, recordingId, null)
    if (callIds.length === 0) return
    await db
      .updateTable('outbox')
      .set({
        rowJson: sql`json_replace(rowJson, '$.write.subject', '', '$.write.description', '', '$.write.body', '', '$.write.file', '')`,
      })
      .where('callId', 'in', callIds)
      .where('at', '=', 'done')
      .execute()
    await db
      .updateTable('draft')
      .set({
        draftJson: sql`json_replace(draftJson, '$.draft.fields.title', '', '$.draft.fields.description', '',
          '$.draft.fields.actions', json('[]'), '$.edited', json('{}'),
          '$.draft.evidence', json('{"category":[],"priority":[],"sentiment":[]}'))`,
      })
      .where('callId', 'in', callIds)
      .where('at', 'in', ['filed', 'discarded'])
      .execute()
  },
}

function setTextTime(db: Kysely<Tables>, recordingId: string, textAtMs: number | null) {
  return db
    .updateTable('recordingProgress')
    .set({ textAtMs })
    .where('recordingId', '=', recordingId)
    .execute()
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

/** Every id that the recording's call has or had. */
async function callIdsOf(db: Kysely<Tables>, recordingId: string): Promise<readonly string[]> {
  const told = await db
    .selectFrom('utterance')
    .select('callId')
    .where('recordingId', '=', recordingId)
    .union(db.selectFrom('recordingProgress').select('callId').where('recordingId', '=', recordingId))
    .execute()
  const ids = told.map(({ callId }) => callId)
  if (ids.length === 0) return []
  const aliases = await db
    .selectFrom('callAlias')
    .selectAll()
    .where((eb) => eb.or([eb('alias', 'in', ids), eb('callId', 'in', ids)]))
    .execute()
  return [...new Set([...ids, ...aliases.flatMap(({ alias, callId }) => [alias, callId])])]
}

import { sql, type Kysely, type Selectable } from 'kysely'
import type { Tables, UtteranceTable } from '../tables.ts'
import { leaseCommands } from './leases.ts'
import { namedCallIds } from './namedCallIds.ts'

/** A row of the table `utterance`, with every column as it is read. */
export type UtteranceRow = Selectable<UtteranceTable>
/** What became of a final; only `stored` changed the database, `known` is the same utterance again. */
export type FinalOutcome = 'stored' | 'known' | 'old-fence' | 'overlaps' | 'erased'

/** The commands over finals, leases and erasure; each runs as one transaction. */
export const transcriptCommands = {
  ...leaseCommands,
  /** Stores a final if its fence is the newest one and it begins after the last final of its channel. Returns what became of it. */
  'transcripts.addFinal': async (
    db: Kysely<Tables>,
    { row, fence, nowMs, newestMs }: { row: UtteranceRow; fence: number; nowMs: number; newestMs: number },
  ): Promise<FinalOutcome> => {
    const existing = await db
      .selectFrom('utterance')
      .select('utteranceId')
      .where('utteranceId', '=', row.utteranceId)
      .executeTakeFirst()
    if (existing) return 'known'
    const progress = await db
      .selectFrom('recordingProgress')
      .selectAll()
      .where('recordingId', '=', row.recordingId)
      .executeTakeFirst()
    if (!progress || progress.fence !== fence) return 'old-fence'
    if (progress.erasedAtMs !== null) return 'erased'
    const last = await lastFinal(db, row, newestMs)
    if (last && (row.part < last.part || (row.part === last.part && row.fromMs < last.toMs)))
      return 'overlaps'
    await db.insertInto('utterance').values(row).execute()
    await setTextTime(db, row.recordingId, nowMs)
    return 'stored'
  },
  /** Replaces the text of a stored final by the same with more of it masked; an erased or removed one stays away. */
  'transcripts.maskFinal': async (
    db: Kysely<Tables>,
    { utteranceId, utteranceJson }: { utteranceId: string; utteranceJson: string },
  ): Promise<void> => {
    await db.updateTable('utterance').set({ utteranceJson }).where('utteranceId', '=', utteranceId).execute()
  },
  /** Returns the final of each channel that ends last, at `newestMs` of its part or before; null: the channel has none. */
  'transcripts.lastFinals': async (
    db: Kysely<Tables>,
    { recordingId, newestMs }: { recordingId: string; newestMs: number },
  ) => ({
    agent: (await lastFinal(db, { recordingId, channel: 'agent' }, newestMs)) ?? null,
    caller: (await lastFinal(db, { recordingId, channel: 'caller' }, newestMs)) ?? null,
  }),
  /**
   * Returns the utterances stored under the canonical id and under every alias, since finals of an agent that was offline
   * may be older than the merge of its call.
   */
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
  /** Returns the utterances of one recording in the order they were spoken. */
  'transcripts.ofRecording': async (db: Kysely<Tables>, { recordingId }: { recordingId: string }) =>
    db
      .selectFrom('utterance')
      .selectAll()
      .where('recordingId', '=', recordingId)
      .orderBy('part')
      .orderBy('fromMs')
      .execute(),
  /** Deletes the recording's text and refuses every later final of it. */
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
   * Deletes the text, also from drafts and writes of the call that are settled. Keeps that the recording was transcribed and
   * that its ticket was filed: a late report must not create a second ticket.
   */
  'transcripts.remove': async (db: Kysely<Tables>, { recordingId }: { recordingId: string }) => {
    const callIds = await callIdsOf(db, recordingId)
    await db.deleteFrom('utterance').where('recordingId', '=', recordingId).execute()
    await setTextTime(db, recordingId, null)
    if (callIds.length === 0) return
    await db
      .updateTable('outbox')
      .set({
        rowJson: sql`iif(json_valid(rowJson), json_replace(rowJson, '$.write.subject', '', '$.write.description', '', '$.write.body', '', '$.write.file', ''), '{}')`,
      })
      .where('callId', 'in', callIds)
      .where('at', '=', 'done')
      .execute()
    await db
      .updateTable('draft')
      .set({
        draftJson: sql`iif(json_valid(draftJson), json_replace(draftJson, '$.draft.fields.title', '', '$.draft.fields.description', '',
          '$.draft.fields.actions', json('[]'), '$.edited', json('{}'),
          '$.draft.evidence', json('{"category":[],"priority":[],"sentiment":[]}')), '{}')`,
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

function lastFinal(
  db: Kysely<Tables>,
  { recordingId, channel }: Pick<UtteranceRow, 'recordingId' | 'channel'>,
  newestMs: number,
) {
  return (
    db
      .selectFrom('utterance')
      .select(['part', 'toMs', 'utteranceJson'])
      .where('recordingId', '=', recordingId)
      .where('channel', '=', channel)
      // An older hub stored times that no message can carry: such a row would refuse every later final of its channel.
      .where('toMs', '<=', newestMs)
      .orderBy('part', 'desc')
      .orderBy('toMs', 'desc')
      .limit(1)
      .executeTakeFirst()
  )
}

/** Returns every id that the recording's call has or had. */
async function callIdsOf(db: Kysely<Tables>, recordingId: string): Promise<readonly string[]> {
  const ids = await namedCallIds(db, recordingId)
  if (ids.length === 0) return []
  const aliases = await db
    .selectFrom('callAlias')
    .selectAll()
    .where((eb) => eb.or([eb('alias', 'in', ids), eb('callId', 'in', ids)]))
    .execute()
  return [...new Set([...ids, ...aliases.flatMap(({ alias, callId }) => [alias, callId])])]
}

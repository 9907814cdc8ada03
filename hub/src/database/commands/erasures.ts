import { sql, type Kysely } from 'kysely'
import type { Tables } from '../tables.ts'
import { namedCallIds } from './namedCallIds.ts'
import { callGroups } from './callGroups.ts'

/** Hands of a call after which its text is followed no further: a transfer goes through few. */
const MAX_HANDS = 20
/** Ids of one question: SQLite bounds the variables of a statement. */
const BATCH = 500

/** The commands that erase on request; each runs as one transaction. */
export const erasureCommands = {
  /** Returns which of these recordings are not marked as erased. */
  'erasures.unerased': async (
    db: Kysely<Tables>,
    { recordingIds }: { recordingIds: readonly string[] },
  ): Promise<string[]> => {
    const erased = new Set<string>()
    for (let first = 0; first < recordingIds.length; first += BATCH) {
      const rows = await db
        .selectFrom('recordingProgress')
        .select('recordingId')
        .where('recordingId', 'in', recordingIds.slice(first, first + BATCH))
        .where('erasedAtMs', 'is not', null)
        .execute()
      for (const { recordingId } of rows) erased.add(recordingId)
    }
    return recordingIds.filter((id) => !erased.has(id))
  },
  /**
   * Deletes the recording's finals and refuses later ones; removes the text of its call, and of those in which the call goes
   * on, from every write and from drafts that are decided. Keeps which ticket was filed. Returns nothing.
   */
  'erasures.erase': async (
    db: Kysely<Tables>,
    erased: { recordingId: string; callId: string; nowMs: number; subject: string; note: string },
  ): Promise<void> => {
    const { recordingId, callId, nowMs, subject, note } = erased
    const named = await namedCallIds(db, recordingId)
    await db.deleteFrom('utterance').where('recordingId', '=', recordingId).execute()
    await db
      .insertInto('recordingProgress')
      .values({ recordingId, callId, fence: 1, doneAtMs: null, erasedAtMs: nowMs })
      .onConflict((c) => c.column('recordingId').doUpdateSet({ erasedAtMs: nowMs, textAtMs: null }))
      .execute()
    const callIds = await withHeirs(db, [callId, ...named])
    await db
      .updateTable('outbox')
      .set({
        rowJson: sql`json_replace(rowJson, '$.write.subject', ${subject}, '$.write.file', ${`${note}\n`},
          '$.write.description', ${`${note}\n\n`} || (rowJson ->> '$.write.marker'),
          '$.write.body', ${`${note}\n\n`} || (rowJson ->> '$.write.marker'))`,
      })
      .where('callId', 'in', callIds)
      .execute()
    await db
      .updateTable('draft')
      .set({
        draftJson: sql`json_replace(json_remove(draftJson, '$.draft.state.note', '$.lifecycle.state.note'),
          '$.draft.fields.title', '', '$.draft.fields.description', '', '$.draft.fields.actions', json('[]'),
          '$.edited', json('{}'), '$.draft.evidence', json('{"category":[],"priority":[],"sentiment":[]}'))`,
      })
      .where('callId', 'in', callIds)
      .where((eb) =>
        eb.or([eb('at', 'in', ['filed', 'discarded']), eb(sql`draftJson ->> '$.lifecycle.sent'`, '=', 1)]),
      )
      .execute()
  },
}

/** Returns every id of these calls, and of the calls of colleagues in which they go on: their drafts repeat the text. */
async function withHeirs(db: Kysely<Tables>, callIds: readonly string[]): Promise<string[]> {
  const all = new Set<string>()
  let next = callIds
  for (let hands = 0; hands < MAX_HANDS && next.length > 0; hands += 1) {
    const groups = await callGroups(db, next)
    const ids = [...new Set([...groups.values()].flatMap((group) => [...group]))].filter((id) => !all.has(id))
    for (const id of ids) all.add(id)
    const heirs = await db
      .selectFrom('call')
      .select(sql<string | null>`callJson ->> '$.continuedBy'`.as('heir'))
      .where('callId', 'in', ids)
      .execute()
    next = heirs.flatMap(({ heir }) => (heir === null || all.has(heir) ? [] : [heir]))
  }
  return [...all]
}

import type { Insertable, Kysely, Selectable } from 'kysely'
import type { DraftTable, OutboxTable, Tables } from '../tables.ts'

/** A row of the table `draft`, with every column as it is read. */
export type DraftRow = Selectable<DraftTable>
/** A row of the table `outbox`, with every column as it is read. */
export type OutboxRow = Selectable<OutboxTable>

/** The commands over drafts and the writes to the helpdesk; each runs as one transaction. */
export const ticketCommands = {
  /** Stores the draft and adds the writes it decided on, together or not at all. Returns the ids of the new rows. */
  'tickets.saveDraft': async (
    db: Kysely<Tables>,
    { row, writes }: { row: DraftRow; writes: readonly Insertable<OutboxTable>[] },
  ) => {
    await db
      .insertInto('draft')
      .values(row)
      .onConflict((c) => c.column('draftId').doUpdateSet({ ...row }))
      .execute()
    const rowIds: number[] = []
    for (const write of writes) {
      const { rowId } = await db
        .insertInto('outbox')
        .values(write)
        .returning('rowId')
        .executeTakeFirstOrThrow()
      rowIds.push(rowId)
    }
    return rowIds
  },
  /** Returns drafts that are open, and decided ones that changed at `sinceMs` or later. */
  'tickets.openDrafts': async (db: Kysely<Tables>, { sinceMs }: { sinceMs: number }) =>
    db
      .selectFrom('draft')
      .selectAll()
      .where((eb) => eb.or([eb('at', 'not in', ['filed', 'discarded']), eb('updatedAtMs', '>=', sinceMs)]))
      .execute(),
  /** Returns the call's draft, however long ago it was decided; null: the call has none. */
  'tickets.draftOfCall': async (
    db: Kysely<Tables>,
    { callId }: { callId: string },
  ): Promise<string | null> => {
    const row = await db
      .selectFrom('draft')
      .select('draftJson')
      .where('callId', '=', callId)
      .executeTakeFirst()
    return row?.draftJson ?? null
  },
  /** Returns filed drafts that changed at `fromMs` or later, the oldest change first. */
  'tickets.filedSince': async (db: Kysely<Tables>, { fromMs }: { fromMs: number }) =>
    db
      .selectFrom('draft')
      .selectAll()
      .where('at', '=', 'filed')
      .where('updatedAtMs', '>=', fromMs)
      .orderBy('updatedAtMs')
      .execute(),
  /** Returns writes that are not done, in the order of their ids, after this one. */
  'outbox.open': async (db: Kysely<Tables>, { afterRowId }: { afterRowId: number }) =>
    db
      .selectFrom('outbox')
      .selectAll()
      .where('at', '!=', 'done')
      .where('rowId', '>', afterRowId)
      .orderBy('rowId')
      .execute(),
  /** Returns every write of the draft, done ones too, in the order of their ids. */
  'outbox.ofDraft': async (db: Kysely<Tables>, { draftId }: { draftId: string }) =>
    db.selectFrom('outbox').selectAll().where('draftId', '=', draftId).orderBy('rowId').execute(),
  /** Stores the new state of one write. */
  'outbox.save': async (
    db: Kysely<Tables>,
    { rowId, ...change }: Pick<OutboxRow, 'rowId' | 'at' | 'dueAtMs' | 'rowJson'>,
  ) => {
    await db.updateTable('outbox').set(change).where('rowId', '=', rowId).execute()
  },
}

import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The commands over the hub's own small values; each runs as one transaction. */
export const noteCommands = {
  /** Returns the note of this name; null: there is none. */
  'notes.read': async (db: Kysely<Tables>, { name }: { name: string }) =>
    (await db.selectFrom('note').selectAll().where('name', '=', name).executeTakeFirst()) ?? null,
  /** Stores the note in place of the older one of its name. */
  'notes.save': async (db: Kysely<Tables>, row: { name: string; value: string; savedAtMs: number }) => {
    await db
      .insertInto('note')
      .values(row)
      .onConflict((c) => c.column('name').doUpdateSet({ value: row.value, savedAtMs: row.savedAtMs }))
      .execute()
  },
  /** Deletes the note; a missing note is no error. */
  'notes.remove': async (db: Kysely<Tables>, { name }: { name: string }) => {
    await db.deleteFrom('note').where('name', '=', name).execute()
  },
}

import type { Migration } from './migration.ts'

/** A secret may be good for so many newcomers only; null: for any number until it expires. */
export const enrollmentUses: Migration = {
  name: 'enrollment-uses',
  async up(db) {
    await db.schema.alterTable('enrollment').addColumn('usesLeft', 'integer').execute()
  },
}

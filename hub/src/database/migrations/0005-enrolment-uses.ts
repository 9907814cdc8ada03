import type { Migration } from './migration.ts'

/** A secret may be good for so many newcomers only; null: for any number until it expires. */
export const enrolmentUses: Migration = {
  name: 'enrolment-uses',
  async up(db) {
    await db.schema.alterTable('enrolment').addColumn('usesLeft', 'integer').execute()
  },
}

import type { Migration } from './migration.ts'

/** What is open is little, what is done is a year: the admin page and each start find the former by its state. */
export const openRows: Migration = {
  name: 'open-rows',
  async up(db) {
    await db.schema.createIndex('outboxByState').on('outbox').columns(['at', 'rowId']).execute()
    await db.schema.createIndex('draftByState').on('draft').columns(['at', 'updatedAtMs']).execute()
  },
}

import { sql } from 'kysely'
import type { Migration } from './migration.ts'

export const tickets: Migration = {
  name: 'tickets',
  async up(db) {
    await db.schema
      .createTable('draft')
      .addColumn('draftId', 'text', (c) => c.primaryKey())
      // One call, one draft: the database itself refuses a second one.
      .addColumn('callId', 'text', (c) => c.notNull().unique())
      .addColumn('agentId', 'text')
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('updatedAtMs', 'bigint', (c) => c.notNull())
      .addColumn('draftJson', 'text', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('outbox')
      .addColumn('rowId', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('draftId', 'text', (c) => c.notNull().references('draft.draftId'))
      .addColumn('callId', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('dueAtMs', 'bigint', (c) => c.notNull())
      .addColumn('rowJson', 'text', (c) => c.notNull())
      .execute()
    // One ticket for each draft, whatever happens above the database.
    await db.schema
      .createIndex('oneTicket')
      .unique()
      .on('outbox')
      .column('draftId')
      .where(sql.ref('kind'), '=', 'ticket')
      .execute()
  },
}

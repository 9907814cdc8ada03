import type { Migration } from './migration.ts'

export const calls: Migration = {
  name: 'calls',
  async up(db) {
    await db.schema
      .createTable('call')
      .addColumn('callId', 'text', (c) => c.primaryKey())
      .addColumn('agentId', 'text')
      .addColumn('extension', 'text', (c) => c.notNull())
      .addColumn('phase', 'text', (c) => c.notNull())
      .addColumn('startedAtMs', 'bigint', (c) => c.notNull())
      .addColumn('endedAtMs', 'bigint')
      .addColumn('callJson', 'text', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('callByStart').on('call').column('startedAtMs').execute()
    await db.schema
      .createTable('callAlias')
      .addColumn('alias', 'text', (c) => c.primaryKey())
      .addColumn('callId', 'text', (c) => c.notNull().references('call.callId').onDelete('cascade'))
      .execute()
  },
}

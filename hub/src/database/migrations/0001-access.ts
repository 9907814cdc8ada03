import type { Migration } from './migration.ts'

export const access: Migration = {
  name: 'access',
  async up(db) {
    await db.schema
      .createTable('enrollment')
      .addColumn('secretHash', 'text', (c) => c.primaryKey())
      .addColumn('role', 'text')
      .addColumn('createdAtMs', 'bigint', (c) => c.notNull())
      .addColumn('expiresAtMs', 'bigint')
      .addColumn('revokedAtMs', 'bigint')
      .execute()
    await db.schema
      .createTable('member')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('extension', 'text')
      .addColumn('email', 'text')
      .addColumn('machine', 'text', (c) => c.notNull())
      .addColumn('tokenHash', 'text', (c) => c.notNull().unique())
      .addColumn('createdAtMs', 'bigint', (c) => c.notNull())
      .addColumn('lastSeenMs', 'bigint', (c) => c.notNull())
      .addColumn('revokedAtMs', 'bigint')
      .execute()
    await db.schema
      .createTable('note')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('value', 'text', (c) => c.notNull())
      .addColumn('savedAtMs', 'bigint', (c) => c.notNull())
      .execute()
  },
}

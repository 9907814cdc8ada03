import { sql, type Kysely } from 'kysely'
import type { Tables } from '../tables.ts'
import type { Migration } from './migration.ts'

/** Creates every table of the first hub, with the indices by which its rows are found. */
export const tables: Migration = {
  name: 'tables',
  async up(db) {
    await createAccess(db)
    await createCalls(db)
    await createTranscripts(db)
    await createTickets(db)
  },
}

async function createAccess(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('enrollment')
    .addColumn('secretHash', 'text', (c) => c.primaryKey())
    .addColumn('role', 'text')
    .addColumn('createdAtMs', 'bigint', (c) => c.notNull())
    .addColumn('expiresAtMs', 'bigint')
    .addColumn('revokedAtMs', 'bigint')
    .addColumn('usesLeft', 'integer') // null: the secret enrolls any number of clients until it expires
    .execute()
  await db.schema
    .createTable('client')
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
}

async function createCalls(db: Kysely<Tables>): Promise<void> {
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
}

async function createTranscripts(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('recordingProgress')
    .addColumn('recordingId', 'text', (c) => c.primaryKey())
    .addColumn('callId', 'text', (c) => c.notNull())
    .addColumn('fence', 'integer', (c) => c.notNull())
    .addColumn('doneAtMs', 'bigint')
    .addColumn('erasedAtMs', 'bigint')
    .execute()
  await db.schema
    .createTable('utterance')
    .addColumn('utteranceId', 'text', (c) => c.primaryKey())
    .addColumn('recordingId', 'text', (c) => c.notNull())
    .addColumn('callId', 'text', (c) => c.notNull())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('part', 'integer', (c) => c.notNull())
    .addColumn('fromMs', 'bigint', (c) => c.notNull())
    .addColumn('toMs', 'bigint', (c) => c.notNull())
    .addColumn('utteranceJson', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('utteranceByRecording')
    .on('utterance')
    .columns(['recordingId', 'channel', 'part', 'toMs'])
    .execute()
  await db.schema.createIndex('utteranceByCall').on('utterance').column('callId').execute()
}

async function createTickets(db: Kysely<Tables>): Promise<void> {
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
  // One ticket for each draft: the database refuses a second one, whatever the hub does.
  await db.schema
    .createIndex('oneTicket')
    .unique()
    .on('outbox')
    .column('draftId')
    .where(sql.ref('kind'), '=', 'ticket')
    .execute()
  // Every filed comment reads the ticket of its draft, every deletion of a text reads the writes of its call. Without these
  // indices each reads the whole table: 0.1 s at 120,000 rows (a year of 160 calls a day), and no live final is stored
  // meanwhile.
  await db.schema.createIndex('outboxByDraft').on('outbox').column('draftId').execute()
  await db.schema.createIndex('outboxByCall').on('outbox').column('callId').execute()
  // Few rows are open, a year of rows is done: the admin page and each start of the hub find the open ones by state.
  await db.schema.createIndex('outboxByState').on('outbox').columns(['at', 'rowId']).execute()
  await db.schema.createIndex('draftByState').on('draft').columns(['at', 'updatedAtMs']).execute()
}

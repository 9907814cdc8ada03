import type { Migration } from './migration.ts'

export const transcripts: Migration = {
  name: 'transcripts',
  async up(db) {
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
  },
}

import { sql } from 'kysely'
import type { Migration } from './migration.ts'

/**
 * Adds the earlier enrollment of a client's machine, and the index by which the hub finds the call that names a recording, and with it the owner of a recording of which it
 * has no part: without it each request about an unknown recording would read every call.
 */
export const owners: Migration = {
  name: 'owners',
  async up(db) {
    await db.schema.alterTable('client').addColumn('formerId', 'text').execute()
    await sql`create index callByRecording on call (json_extract(callJson, '$.recordingId'))`.execute(db)
  },
}

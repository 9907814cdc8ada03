import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** Resolves with the call ids that the finals and the progress of a recording name; none for an unknown recording. */
export async function namedCallIds(db: Kysely<Tables>, recordingId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('utterance')
    .select('callId')
    .where('recordingId', '=', recordingId)
    .union(db.selectFrom('recordingProgress').select('callId').where('recordingId', '=', recordingId))
    .execute()
  return rows.map(({ callId }) => callId)
}

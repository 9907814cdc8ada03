import { callId as callIdSchema, type CallId, type RecordingId } from '@3cx-ninja/protocol'
import type { Database } from './openDatabase.ts'

/**
 * Returns the lookup of a call's agent and a recording's call by the database, for calls that are no longer in memory.
 * Each answer is undefined when there is none. Rejects with a DatabaseError.
 */
export function createCallLookup(database: Database) {
  return {
    agentOf: async (callId: CallId): Promise<string | undefined> =>
      (await database.run('calls.agentOf', { callId })) ?? undefined,
    async callOf(recordingId: RecordingId): Promise<CallId | undefined> {
      const parsed = callIdSchema.safeParse(await database.run('transcripts.callOf', { recordingId }))
      return parsed.success ? parsed.data : undefined
    },
  }
}

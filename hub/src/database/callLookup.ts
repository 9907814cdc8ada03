import { callId as callIdSchema, type CallId, type RecordingId } from '@3cx-ninja/protocol'
import type { Database } from './openDatabase.ts'

/** Whose a call is and which call a recording was of, also long after the board has forgotten it. */
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

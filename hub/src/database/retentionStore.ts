import { callId as callIdSchema, recordingId as recordingIdSchema } from '@3cx-ninja/protocol'
import type { RetentionStore } from '../retention/retentionStore.ts'
import type { Database } from './openDatabase.ts'

const SURE = 'retention.clock'

/** What retention looks for and deletes, batch by batch. */
export function createRetentionStore(database: Pick<Database, 'run'>): RetentionStore {
  return {
    lastSureMs: () => database.run('retention.lastSureMs', { note: SURE }),
    saveSure: (wallClockMs) =>
      database.run('notes.save', { name: SURE, value: String(wallClockMs), savedAtMs: wallClockMs }),
    progressOf: (recordingIds) => database.run('retention.progressOf', { recordingIds }),
    unsettled: (callIds) => database.run('retention.unsettled', { callIds }),
    async oldText(batch) {
      const rows = await database.run('retention.oldText', batch)
      return rows.map(({ recordingId, callId, doneAtMs, textAtMs }) => ({
        recordingId: recordingIdSchema.parse(recordingId),
        callId: callIdSchema.parse(callId),
        doneAtMs,
        newestAtMs: textAtMs ?? 0,
      }))
    },
    removeText: (recordingId) => database.run('transcripts.remove', { recordingId }),
    oldCalls: (batch) => database.run('retention.oldCalls', batch),
    forgetCalls: (callIds, changedUntilMs) =>
      database.run('retention.forgetCalls', { callIds, changedUntilMs }),
    strayRecordings: (untilMs, limit) => database.run('retention.strayRecordings', { untilMs, limit }),
    forgetRecordings: (recordingIds) => database.run('retention.forgetRecordings', { recordingIds }),
  }
}

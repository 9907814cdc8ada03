import type { CallId, RecordingId } from '@3cx-ninja/protocol'
import type { RetentionStore } from '../retention/retentionStore.ts'
import type { Database } from './openDatabase.ts'

const CLOCK_NOTE = 'retention.clock'

/** Returns the store of retention, whose every call reads or deletes one batch. Rejects with a DatabaseError. */
export function createRetentionStore(database: Pick<Database, 'run'>): RetentionStore {
  return {
    lastTrustedMs: () => database.run('retention.lastTrustedMs', { note: CLOCK_NOTE }),
    saveTrusted: (wallClockMs) =>
      database.run('notes.save', { name: CLOCK_NOTE, value: String(wallClockMs), savedAtMs: wallClockMs }),
    progressOf: (recordingIds) => database.run('retention.progressOf', { recordingIds }),
    unsettled: (callIds) => database.run('retention.unsettled', { callIds }),
    async oldText(batch) {
      const rows = await database.run('retention.oldText', batch)
      return rows.map(({ recordingId, callId, doneAtMs, textAtMs }) => ({
        // Only compared, and named to SQL: a row with an id of another shape is deleted in its time like every other.
        recordingId: recordingId as RecordingId,
        callId: callId as CallId,
        doneAtMs,
        newestAtMs: textAtMs ?? 0,
      }))
    },
    removeText: (recordingId) => database.run('transcripts.remove', { recordingId }),
    oldCalls: (batch) => database.run('retention.oldCalls', batch),
    forgetCalls: (callIds, changedUntilMs) =>
      database.run('retention.deleteCalls', { callIds, changedUntilMs }),
    strayRecordings: (untilMs, limit) => database.run('retention.strayRecordings', { untilMs, limit }),
    forgetRecordings: (recordingIds) => database.run('retention.deleteProgress', { recordingIds }),
  }
}

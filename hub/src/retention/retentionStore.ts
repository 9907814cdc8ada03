import type { RecordingId } from '@3cx-ninja/protocol'
import type { ClockMarks } from './clockWatch.ts'
import type { KeptText } from './planRetention.ts'

/** One bounded step through an ordered set: the rows after the last row of the previous step. */
export interface Batch {
  readonly untilMs: number
  readonly after: { readonly atMs: number; readonly id: string } | null
  readonly limit: number
}

/** Durable rows that retention reads and deletes. Every function rejects when the database fails. */
export interface RetentionStore extends ClockMarks {
  progressOf(
    recordingIds: readonly string[],
  ): Promise<readonly { readonly recordingId: string; readonly doneAtMs: number | null }[]>
  /** Resolves with those of these calls, by any of their ids, that have an open draft or an unfinished write. */
  unsettled(callIds: readonly string[]): Promise<readonly string[]>
  /** Resolves with recordings that have text, ordered by when their newest words were stored. */
  oldText(batch: Batch): Promise<readonly KeptText[]>
  removeText(recordingId: RecordingId): Promise<void>
  /** Resolves with calls ordered by their start, each with all its ids. */
  oldCalls(
    batch: Batch,
  ): Promise<
    readonly { readonly callId: string; readonly startedAtMs: number; readonly ids: readonly string[] }[]
  >
  /**
   * Deletes all rows of the calls that are settled, have no text left and whose draft did not change since. Resolves with what
   * was deleted.
   */
  forgetCalls(
    callIds: readonly string[],
    changedUntilMs: number,
  ): Promise<{ readonly callIds: readonly string[]; readonly recordingIds: readonly string[] }>
  /** Resolves with recordings transcribed before `untilMs` whose call has no row. */
  strayRecordings(untilMs: number, limit: number): Promise<readonly string[]>
  forgetRecordings(recordingIds: readonly string[]): Promise<void>
}

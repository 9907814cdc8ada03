import type { RecordingId } from '@3cx-ninja/protocol'
import type { ClockMarks } from './clockWatch.ts'
import type { KeptText } from './planRetention.ts'

/** One bounded step through an ordered set: what lies behind the last row of the step before. */
export interface Batch {
  readonly untilMs: number
  readonly behind: { readonly atMs: number; readonly id: string } | null
  readonly limit: number
}

export interface RetentionStore extends ClockMarks {
  progressOf(
    recordingIds: readonly string[],
  ): Promise<readonly { readonly recordingId: string; readonly doneAtMs: number | null }[]>
  /** Which of these calls, by whatever id, have an open draft or a write that is not done. */
  unsettled(callIds: readonly string[]): Promise<readonly string[]>
  /** Recordings with text, by when its newest words were stored. */
  oldText(batch: Batch): Promise<readonly KeptText[]>
  removeText(recordingId: RecordingId): Promise<void>
  /** Calls by their start, each with every id it has. */
  oldCalls(
    batch: Batch,
  ): Promise<
    readonly { readonly callId: string; readonly startedAtMs: number; readonly ids: readonly string[] }[]
  >
  /** Deletes all rows of those that are settled, have no text left and whose draft did not change since; answers what went. */
  forgetCalls(
    callIds: readonly string[],
    changedUntilMs: number,
  ): Promise<{ readonly callIds: readonly string[]; readonly recordingIds: readonly string[] }>
  /** Recordings done up to then whose call nobody knows. */
  strayRecordings(untilMs: number, limit: number): Promise<readonly string[]>
  forgetRecordings(recordingIds: readonly string[]): Promise<void>
}

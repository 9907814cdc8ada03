import type { LogRecord, RecordingId } from '@3cx-ninja/protocol'

/** The newest records of the parts being written, so that a live call is sent without reading its file back. */
export interface LiveTail {
  /** Appends records; anything but the very next record starts the tail again, so that it has no hole. */
  add(recordingId: RecordingId, part: number, records: readonly LogRecord[]): void
  /** Returns consecutive records from `from` on, below `end`; empty when `from` is not kept any more. */
  read(from: TailPosition & { readonly end: number; readonly limit: number }): readonly LogRecord[]
  /** Drops the tail of a recording. */
  drop(recordingId: RecordingId): void
}

export interface TailPosition {
  readonly recordingId: RecordingId
  readonly part: number
  readonly from: number
}

/** Ten seconds of a call: for a link that lags further, records are read from the file. */
const KEPT_RECORDS = 200

/** Creates an empty tail; it lives in memory only. */
export function createLiveTail(): LiveTail {
  const tails = new Map<RecordingId, { readonly part: number; records: readonly LogRecord[] }>()
  return {
    /** Appends records; anything but the very next record starts the tail again, so that it has no hole. */
    add(recordingId, part, records) {
      const tail = tails.get(recordingId)
      const follows = tail?.part === part && tail.records.at(-1)?.sequence === (records[0]?.sequence ?? 0) - 1
      const kept = follows ? tail.records : []
      tails.set(recordingId, { part, records: [...kept, ...records].slice(-KEPT_RECORDS) })
    },
    read({ recordingId, part, from, end, limit }) {
      const tail = tails.get(recordingId)
      const first = tail?.records[0]?.sequence
      if (!tail || tail.part !== part || first === undefined || from < first) return []
      return tail.records.slice(from - first, Math.min(from - first + limit, end - first))
    },
    drop: (recordingId) => void tails.delete(recordingId),
  }
}

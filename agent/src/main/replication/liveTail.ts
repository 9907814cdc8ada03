import type { LogRecord, RecordingId } from '@3cx-ninja/protocol'

/** The newest records of the parts being written, so that a live call is sent without reading its file back. */
export interface LiveTail {
  add(recordingId: RecordingId, part: number, records: readonly LogRecord[]): void
  /** Consecutive records from `from` on, below `before`; empty when `from` is not kept any more. */
  read(from: TailPosition & { readonly before: number; readonly limit: number }): readonly LogRecord[]
  drop(recordingId: RecordingId): void
}

export interface TailPosition {
  readonly recordingId: RecordingId
  readonly part: number
  readonly from: number
}

/** Ten seconds of a call: a link that lags further reads from the file. */
const KEPT_RECORDS = 200

export function createLiveTail(): LiveTail {
  const tails = new Map<RecordingId, { readonly part: number; records: readonly LogRecord[] }>()
  return {
    add(recordingId, part, records) {
      const known = tails.get(recordingId)
      // Anything but the very next record starts the tail anew: it has no holes.
      const follows =
        known?.part === part && known.records.at(-1)?.sequence === (records[0]?.sequence ?? 0) - 1
      const before = follows ? known.records : []
      tails.set(recordingId, { part, records: [...before, ...records].slice(-KEPT_RECORDS) })
    },
    read({ recordingId, part, from, before, limit }) {
      const known = tails.get(recordingId)
      const first = known?.records[0]?.sequence
      if (!known || known.part !== part || first === undefined || from < first) return []
      return known.records.slice(from - first, Math.min(from - first + limit, before - first))
    },
    drop: (recordingId) => void tails.delete(recordingId),
  }
}

import { MAX_FRAME_BYTES, MAX_RECORDS_PER_FRAME, type LogRecord } from '@3cx-ninja/protocol'

/** Head of a frame, and head and checksum of each record in it (protocol/src/recordFrame.ts), rounded up. */
const FRAME_HEAD_BYTES = 16
const RECORD_OVERHEAD_BYTES = 16

/**
 * Returns how many of `records`, from index `from` on, fit into one frame and into `credit`, the number of records that the
 * worker may still be sent. Returns at least 1 when `credit` allows one, even for a record larger than a frame should be.
 */
export function cutFrame(records: readonly LogRecord[], from: number, credit: number): number {
  const limit = Math.min(MAX_RECORDS_PER_FRAME, credit, records.length - from)
  let bytes = FRAME_HEAD_BYTES
  for (let count = 0; count < limit; count++) {
    bytes += RECORD_OVERHEAD_BYTES + (records[from + count]?.payload.length ?? 0)
    if (bytes > MAX_FRAME_BYTES && count > 0) return count
  }
  return Math.max(0, limit)
}

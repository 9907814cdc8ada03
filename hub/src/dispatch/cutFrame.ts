import { MAX_FRAME_BYTES, MAX_RECORDS_PER_FRAME, type LogRecord } from '@3cx-ninja/protocol'

/** Head of a frame, and head and checksum of each record in it (protocol/src/recordFrame.ts), rounded up. */
const FRAME_HEAD_BYTES = 16
const RECORD_OVERHEAD_BYTES = 16

/** How many of `records`, from `at` on, fit into one frame and into what the worker may be sent now. At least 1 if `room` allows. */
export function cutFrame(records: readonly LogRecord[], at: number, room: number): number {
  const most = Math.min(MAX_RECORDS_PER_FRAME, room, records.length - at)
  let bytes = FRAME_HEAD_BYTES
  for (let count = 0; count < most; count++) {
    bytes += RECORD_OVERHEAD_BYTES + (records[at + count]?.payload.length ?? 0)
    if (bytes > MAX_FRAME_BYTES && count > 0) return count
  }
  return Math.max(0, most)
}

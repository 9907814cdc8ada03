import { MAX_FRAME_BYTES, MAX_RECORDS_PER_FRAME, encodeFrame, type LogRecord } from '@3cx-ninja/protocol'
import type { PartReader } from '@3cx-ninja/recording-log/partFile.ts'

/** Where an answer begins: at a record, or shortly before a sample of the part. */
export type ReadFrom = { readonly sequence: number } | { readonly sample: number }

/**
 * Records before the one at the sample that are sent too: an Opus decoder needs some audio before its output equals the
 * encoder's input, and both channels alternate.
 */
const LEAD_RECORDS = 16
/** Head and checksum of a record in its frame (protocol/src/recordFrame.ts), rounded up. */
const RECORD_OVERHEAD_BYTES = 16
const LENGTH_BYTES = 4

/** Resolves with the sequence of the first record of the answer. Rejects when the part cannot be read. */
export async function firstSequence(reader: PartReader, from: ReadFrom): Promise<number> {
  if ('sequence' in from) return from.sequence
  return Math.max(0, (await reader.sequenceAt(from.sample)) - LEAD_RECORDS)
}

/**
 * Yields the records of a part from `from` to `to` (not included) as frames of replication, each after its u32 length; a length
 * of 0 ends them. A batch of the file is decrypted when it is consumed, not earlier. A damaged file yields fewer records. Rule H3.
 */
export async function* framesOf(
  reader: Pick<PartReader, 'read'>,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array, void> {
  if (from < to) yield* frames(reader, from, to)
  yield Buffer.alloc(LENGTH_BYTES)
}

async function* frames(
  reader: Pick<PartReader, 'read'>,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array, void> {
  let next = from
  for await (const batch of reader.read(from)) {
    const wanted = batch.filter(({ sequence }) => sequence < to)
    for (let at = 0; at < wanted.length;) {
      const records = cut(wanted, at)
      yield withLength(encodeFrame(0, records))
      at += records.length
    }
    next += wanted.length
    if (next >= to) return
  }
}

/** Returns as many records as fit into one frame, at least one. */
function cut(records: readonly LogRecord[], at: number): readonly LogRecord[] {
  let bytes = RECORD_OVERHEAD_BYTES
  let end = at
  while (end < records.length && end - at < MAX_RECORDS_PER_FRAME) {
    bytes += RECORD_OVERHEAD_BYTES + (records[end]?.payload.length ?? 0)
    if (bytes > MAX_FRAME_BYTES && end > at) break
    end += 1
  }
  return records.slice(at, end)
}

function withLength(frame: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + frame.length)
  bytes.writeUInt32BE(frame.length)
  bytes.set(frame, LENGTH_BYTES)
  return bytes
}

import { CHANNELS, RECORD_KINDS, SAMPLE_RATE_HZ, type LogRecord } from './recording.ts'
import { crc32, crc32OfWord } from './crc32.ts'
import { MAX_FRAME_BYTES, MAX_PART_MS } from './units.ts'

// Binary frame, big-endian. One frame = records of consecutive sequence of one part: 100 ms of both channels on a
// live call, more when catching up.
//   u8 version (1) · u16 stream · u32 sequence of the first record · u8 count of records
//   each record: u8 kind · u8 channel · u48 first sample · u16 payload length · payload · u32 CRC-32 of all before it,
//   beginning with its own u32 sequence (which is not repeated on the wire)
const VERSION = 1
const FRAME_HEAD_BYTES = 8
const RECORD_HEAD_BYTES = 10
const CRC_BYTES = 4
/** Maximum payload of one record; the largest Opus record is a tenth of it. */
export const MAX_PAYLOAD_BYTES = 16_384
/** Maximum records of one frame, so that one frame never delays a heartbeat. Rule R13. */
export const MAX_RECORDS_PER_FRAME = 64
/** A record further from sample 0 would end in times that no transcript can hold; 48 bits could count for centuries. */
export const MAX_FIRST_SAMPLE = MAX_PART_MS * (SAMPLE_RATE_HZ / 1_000)
const MAX_SEQUENCE = 0xffff_ffff

/** The first fault that decoding found in a frame; the hub refuses the part for any of them. Rule R7. */
export type FrameFault =
  | 'too-short'
  | 'too-long'
  | 'version'
  | 'too-many-records'
  | 'sequence'
  | 'kind'
  | 'channel'
  | 'first-sample'
  | 'payload'
  | 'checksum'
  | 'trailing-bytes'
/** Outcome of decoding one binary frame: stream and records, or a fault. */
export type DecodedFrame =
  | { readonly ok: true; readonly stream: number; readonly records: readonly LogRecord[] }
  | { readonly ok: false; readonly fault: FrameFault }

/** Returns the stream number of a frame without decoding the rest; undefined for bytes that are no frame. */
export function streamOfFrame(frame: Uint8Array): number | undefined {
  if (frame.length < FRAME_HEAD_BYTES || frame[0] !== VERSION) return undefined
  return ((frame[1] ?? 0) << 8) | (frame[2] ?? 0)
}

/** Returns the frame of these records. Throws RangeError for records that are not consecutive or do not fit: a bug of the caller. */
export function encodeFrame(stream: number, records: readonly LogRecord[]): Uint8Array {
  const first = records[0]
  if (!first || records.length > MAX_RECORDS_PER_FRAME)
    throw new RangeError(`a frame holds 1 to ${MAX_RECORDS_PER_FRAME} records`)
  const length = records.reduce(
    (sum, r) => sum + RECORD_HEAD_BYTES + r.payload.length + CRC_BYTES,
    FRAME_HEAD_BYTES,
  )
  if (length > MAX_FRAME_BYTES) throw new RangeError(`a frame holds at most ${MAX_FRAME_BYTES} bytes`)
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, VERSION)
  view.setUint16(1, stream)
  view.setUint32(3, first.sequence)
  view.setUint8(7, records.length)
  let at = FRAME_HEAD_BYTES
  records.forEach((record, index) => {
    if (record.sequence !== first.sequence + index) throw new RangeError('records of a frame are consecutive')
    if (!(record.sequence >= 0 && record.sequence <= MAX_SEQUENCE))
      throw new RangeError('sequence out of range')
    if (record.payload.length > MAX_PAYLOAD_BYTES)
      throw new RangeError(`a payload holds at most ${MAX_PAYLOAD_BYTES} bytes`)
    if (!(record.firstSample >= 0 && record.firstSample <= MAX_FIRST_SAMPLE))
      throw new RangeError('first sample out of range')
    const start = at
    view.setUint8(at, RECORD_KINDS.indexOf(record.kind))
    view.setUint8(at + 1, CHANNELS.indexOf(record.channel))
    view.setUint16(at + 2, Math.floor(record.firstSample / 2 ** 32))
    view.setUint32(at + 4, record.firstSample % 2 ** 32)
    view.setUint16(at + 8, record.payload.length)
    bytes.set(record.payload, at + RECORD_HEAD_BYTES)
    at += RECORD_HEAD_BYTES + record.payload.length
    view.setUint32(at, checksum(record.sequence, bytes.subarray(start, at)))
    at += CRC_BYTES
  })
  return bytes
}

/**
 * Returns the records of a frame, or the first fault found in it. It enforces every limit of `encodeFrame` and of the readers on
 * disk: what it accepts can be encoded again, sealed and read back. Payloads are views into `frame`: copy those that outlive it.
 */
export function decodeFrame(frame: Uint8Array): DecodedFrame {
  if (frame.length < FRAME_HEAD_BYTES + RECORD_HEAD_BYTES + CRC_BYTES)
    return { ok: false, fault: 'too-short' }
  if (frame.length > MAX_FRAME_BYTES) return { ok: false, fault: 'too-long' }
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (view.getUint8(0) !== VERSION) return { ok: false, fault: 'version' }
  const stream = view.getUint16(1)
  const firstSequence = view.getUint32(3)
  const recordCount = view.getUint8(7)
  if (recordCount < 1 || recordCount > MAX_RECORDS_PER_FRAME) return { ok: false, fault: 'too-many-records' }
  if (firstSequence + recordCount - 1 > MAX_SEQUENCE) return { ok: false, fault: 'sequence' }
  const records: LogRecord[] = []
  let at = FRAME_HEAD_BYTES
  for (let index = 0; index < recordCount; index++) {
    if (at + RECORD_HEAD_BYTES + CRC_BYTES > frame.length) return { ok: false, fault: 'too-short' }
    const kind = RECORD_KINDS[view.getUint8(at)]
    const channel = CHANNELS[view.getUint8(at + 1)]
    const payloadLength = view.getUint16(at + 8)
    if (payloadLength > MAX_PAYLOAD_BYTES) return { ok: false, fault: 'payload' }
    const end = at + RECORD_HEAD_BYTES + payloadLength
    if (end + CRC_BYTES > frame.length) return { ok: false, fault: 'too-short' }
    const sequence = firstSequence + index
    if (view.getUint32(end) !== checksum(sequence, frame.subarray(at, end)))
      return { ok: false, fault: 'checksum' }
    if (!kind) return { ok: false, fault: 'kind' }
    if (!channel) return { ok: false, fault: 'channel' }
    const firstSample = view.getUint16(at + 2) * 2 ** 32 + view.getUint32(at + 4)
    if (firstSample > MAX_FIRST_SAMPLE) return { ok: false, fault: 'first-sample' }
    records.push({
      sequence,
      kind,
      channel,
      firstSample,
      payload: frame.subarray(at + RECORD_HEAD_BYTES, end),
    })
    at = end + CRC_BYTES
  }
  if (at !== frame.length) return { ok: false, fault: 'trailing-bytes' }
  return { ok: true, stream, records }
}

function checksum(sequence: number, bytes: Uint8Array): number {
  return crc32(bytes, crc32OfWord(sequence))
}

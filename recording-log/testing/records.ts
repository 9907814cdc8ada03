import fc from 'fast-check'
import {
  callId,
  CHANNELS,
  MAX_FIRST_SAMPLE,
  RECORD_KINDS,
  recordingId,
  type LogRecord,
  type PartHeader,
} from '@3cx-ninja/protocol'

export function aHeader(changes: Partial<PartHeader> = {}): PartHeader {
  return {
    recordingId: recordingId.parse('recording-1'),
    callId: callId.parse('call-0001'),
    part: 1,
    codec: 'pcm16',
    startedAtMs: 1_767_225_600_000,
    previousPosition: 0,
    extension: '201',
    language: 'fr',
    consent: { basis: 'demonstration', ruleVersion: 1 },
    ...changes,
  }
}

/** The record of this sequence: both channels in turn, 100 ms each. */
export function aRecord(sequence: number, changes: Partial<LogRecord> = {}): LogRecord {
  return {
    sequence,
    kind: 'audio',
    channel: sequence % 2 ? 'caller' : 'agent',
    firstSample: Math.floor(sequence / 2) * 1_600,
    payload: Buffer.from(`sound ${sequence}`),
    ...changes,
  }
}

/** Any record that the wire and the disk must carry, of this sequence. */
export const anyRecord = (sequence: number): fc.Arbitrary<LogRecord> =>
  fc.record({
    sequence: fc.constant(sequence),
    kind: fc.constantFrom(...RECORD_KINDS),
    channel: fc.constantFrom(...CHANNELS),
    firstSample: fc.nat({ max: MAX_FIRST_SAMPLE }),
    payload: fc.uint8Array({ maxLength: 400 }),
  })

/** Consecutive records from `first` on. */
export const anyRecords = (first: number, most = 12): fc.Arbitrary<readonly LogRecord[]> =>
  fc
    .integer({ min: 1, max: most })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => anyRecord(first + index))))

/** Returns the records in a form that compares equal for any kind of byte array as payload. */
export const plain = (records: readonly LogRecord[]) =>
  records.map((record) => ({ ...record, payload: Buffer.from(record.payload).toString('hex') }))

import { callId, recordingId, SAMPLES_PER_RECORD, type LogRecord, type PartHeader } from '@3cx-ninja/protocol'

/** As long as 100 ms of Opus at 24 kbit/s. */
const PAYLOAD_BYTES = 310

export const trueHeader = (name: string, part = 1, previousPosition = 0): PartHeader => ({
  recordingId: recordingId.parse(name),
  callId: callId.parse(`call-of-${name}`),
  part,
  codec: 'opus',
  startedAtMs: 1_767_600_000_000 + part,
  previousPosition,
  extension: '201',
  language: 'fr',
  consent: { basis: 'demonstration', ruleVersion: 1 },
})

/** Returns the one record that may have this sequence: any other record there means that one was lost or doubled. */
export function trueRecord(name: string, part: number, sequence: number, sealAt?: number): LogRecord {
  const isSeal = sequence === sealAt
  return {
    sequence,
    kind: isSeal ? 'sealed' : 'audio',
    channel: isSeal || sequence % 2 === 0 ? 'agent' : 'caller',
    // A seal comes after all audio.
    firstSample: (isSeal ? Math.ceil(sequence / 2) : Math.floor(sequence / 2)) * SAMPLES_PER_RECORD,
    payload: isSeal ? new Uint8Array() : Buffer.alloc(PAYLOAD_BYTES, `${name}/${part}/${sequence} `),
  }
}

/** Returns what is wrong with the record found at `sequence`; undefined when it is the true one. */
export function faultOf(
  found: LogRecord,
  name: string,
  part: number,
  sequence: number,
  sealAt?: number,
): string | undefined {
  const expected = trueRecord(name, part, sequence, sealAt)
  const where = `${name}/${part}/${sequence}`
  if (found.sequence !== sequence) return `${where}: found sequence ${found.sequence}`
  if (found.kind !== expected.kind || found.channel !== expected.channel)
    return `${where}: found ${found.kind}`
  if (found.firstSample !== expected.firstSample) return `${where}: found sample ${found.firstSample}`
  return Buffer.compare(found.payload, expected.payload) === 0 ? undefined : `${where}: found other audio`
}

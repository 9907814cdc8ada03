import { SAMPLES_PER_RECORD, type LogRecord } from '@3cx-ninja/protocol'

/** Returns the first sample after a record, without its payload: audio lasts 100 ms, every other record has no length. */
export function endOf(record: Pick<LogRecord, 'kind' | 'firstSample'>): number {
  return record.kind === 'audio' ? record.firstSample + SAMPLES_PER_RECORD : record.firstSample
}

/** Returns the payload of a gap or a pause: its length in samples. */
export function encodeSilence(samples: number): Uint8Array {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(Math.min(0xffff_ffff, Math.max(0, Math.round(samples))))
  return payload
}

/** Returns the length in samples of a gap or a pause; 0 for a payload of another size. */
export function decodeSilence(payload: Uint8Array): number {
  if (payload.length !== 4) return 0
  return new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0)
}

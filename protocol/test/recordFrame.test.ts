import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRecordCipher, readEntry } from '../../recording-log/src/recordCipher.ts'
import { crc32, crc32OfWord } from '../src/crc32.ts'
import { decodeFrame, encodeFrame, MAX_FIRST_SAMPLE, streamOfFrame } from '../src/recordFrame.ts'
import { MAX_FRAME_BYTES } from '../src/units.ts'
import { CHANNELS, RECORD_KINDS, type LogRecord } from '../src/recording.ts'

const anyRecords = fc
  .tuple(
    fc.integer({ min: 0, max: 0xffff_ff00 }),
    fc.array(
      fc.record({
        kind: fc.constantFrom(...RECORD_KINDS),
        channel: fc.constantFrom(...CHANNELS),
        firstSample: fc.maxSafeNat().map((n) => n % MAX_FIRST_SAMPLE),
        payload: fc.uint8Array({ maxLength: 600 }),
      }),
      { minLength: 1, maxLength: 64 },
    ),
  )
  .map(([first, records]) =>
    records.map((record, index): LogRecord => ({ ...record, sequence: first + index })),
  )
const anyStream = fc.integer({ min: 1, max: 0xffff })

describe('a frame of records', () => {
  it('a frame of records decodes to the records it was encoded from', () => {
    fc.assert(
      fc.property(anyStream, anyRecords, (stream, records) => {
        const frame = encodeFrame(stream, records)
        expect(decodeFrame(frame)).toEqual({ ok: true, stream, records })
        expect(streamOfFrame(frame)).toBe(stream)
      }),
    )
  })

  it('a frame decodes at any offset of a larger buffer', () => {
    fc.assert(
      fc.property(anyStream, anyRecords, fc.nat(9), (stream, records, before) => {
        const frame = encodeFrame(stream, records)
        const larger = new Uint8Array(before + frame.length + 3)
        larger.set(frame, before)
        expect(decodeFrame(larger.subarray(before, before + frame.length))).toEqual({
          ok: true,
          stream,
          records,
        })
      }),
      { numRuns: 30 },
    )
  })

  it('[R7] a frame is refused as a whole when any bit of a record is flipped', () => {
    fc.assert(
      fc.property(anyStream, anyRecords, fc.nat(), (stream, records, where) => {
        const frame = encodeFrame(stream, records)
        const bit = 24 + (where % ((frame.length - 3) * 8)) // the link checks the stream's number
        frame[bit >> 3]! ^= 1 << (bit & 7)
        expect(decodeFrame(frame).ok).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('a truncated frame, or one with trailing bytes, is refused', () => {
    fc.assert(
      fc.property(anyRecords, fc.nat(), (records, where) => {
        const frame = encodeFrame(7, records)
        expect(decodeFrame(frame.subarray(0, where % frame.length)).ok).toBe(false)
        expect(decodeFrame(new Uint8Array([...frame, 0]))).toEqual({ ok: false, fault: 'trailing-bytes' })
      }),
    )
  })

  it('[R7] border: what decoding accepts can be encoded again, sealed and read back', () => {
    const cipher = createRecordCipher(new Uint8Array(32), 'recording-1/1')
    const anyFrame = fc.record({
      first: fc.oneof(fc.nat(1_000), fc.integer({ min: 0xffff_fff0, max: 0xffff_ffff })),
      payloads: fc.array(fc.oneof(fc.nat(600), fc.integer({ min: 16_380, max: 16_390 }), fc.nat(0xffff)), {
        minLength: 1,
        maxLength: 20,
      }),
      firstSample: fc.oneof(
        fc.nat(1_600),
        fc.constantFrom(MAX_FIRST_SAMPLE, MAX_FIRST_SAMPLE + 1, 2 ** 48 - 1),
      ),
    })
    fc.assert(
      fc.property(anyFrame, ({ first, payloads, firstSample }) => {
        const decoded = decodeFrame(unlimitedFrame(first, firstSample, payloads))
        const fits = Math.max(...payloads) <= 16_384 && first + payloads.length - 1 <= 0xffff_ffff
        if (!decoded.ok) {
          expect(['payload', 'sequence', 'too-long', 'first-sample']).toContain(decoded.fault)
          return
        }
        expect(fits).toBe(true)
        expect(decodeFrame(encodeFrame(decoded.stream, decoded.records))).toEqual(decoded)
        for (const record of decoded.records) {
          const entry = readEntry(cipher.seal(record), 0)
          expect(entry && cipher.open(entry)).toEqual({ ...record, payload: Buffer.from(record.payload) })
        }
      }),
      { numRuns: 300 },
    )
  })

  it('decoding never throws on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, like) => {
        if (like && bytes.length > 0) bytes[0] = 1
        expect(typeof decodeFrame(bytes).ok).toBe('boolean')
        streamOfFrame(bytes)
      }),
      { numRuns: 1_000 },
    )
  })

  it('a frame with a kind or channel of a newer protocol is reported as unknown, not as damaged', () => {
    const frame = encodeFrame(1, [aRecord()])
    expect(decodeFrame(resigned(frame, 8, RECORD_KINDS.length))).toEqual({ ok: false, fault: 'kind' })
    expect(decodeFrame(resigned(frame, 9, 2))).toEqual({ ok: false, fault: 'channel' })
    expect(decodeFrame(resigned(frame, 0, 2))).toEqual({ ok: false, fault: 'version' })
    expect(decodeFrame(resigned(frame, 7, 0))).toEqual({ ok: false, fault: 'too-many-records' })
    expect(decodeFrame(resigned(frame, 7, 65))).toEqual({ ok: false, fault: 'too-many-records' })
  })

  it('encoding refuses records that do not fit or do not belong together', () => {
    const payload = new Uint8Array(16_384)
    expect(() => encodeFrame(1, [])).toThrow(RangeError)
    expect(() => encodeFrame(1, [aRecord(), aRecord({ sequence: 2 })])).toThrow('consecutive')
    expect(() => encodeFrame(1, [aRecord({ payload: new Uint8Array(16_385) })])).toThrow('payload')
    expect(() => encodeFrame(1, [aRecord({ firstSample: MAX_FIRST_SAMPLE + 1 })])).toThrow('first sample')
    expect(() => encodeFrame(1, [aRecord({ firstSample: -1 })])).toThrow('first sample')
    const many = Array.from({ length: 17 }, (_, sequence) => aRecord({ sequence, payload }))
    expect(() => encodeFrame(1, many)).toThrow(`at most ${MAX_FRAME_BYTES} bytes`)
    expect(encodeFrame(1, many.slice(0, 15)).length).toBeLessThanOrEqual(MAX_FRAME_BYTES)
  })
})

describe('the checksum', () => {
  it('the checksum equals that of zlib, computed in one piece or in two', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, at) => {
        const expected = zlibCrc32(bytes)
        expect(crc32(bytes)).toBe(expected)
        expect(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at)))).toBe(expected)
      }),
    )
  })

  it('the checksum of a word equals that of its four bytes', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (word) => {
        const bytes = Buffer.alloc(4)
        bytes.writeUInt32BE(word)
        expect(crc32OfWord(word)).toBe(zlibCrc32(bytes))
      }),
    )
  })
})

function aRecord(changes: Partial<LogRecord> = {}): LogRecord {
  return {
    sequence: 0,
    kind: 'audio',
    channel: 'agent',
    firstSample: 0,
    payload: new Uint8Array([1, 2, 3]),
    ...changes,
  }
}

/** Returns a frame of one record with one byte changed and a matching checksum. */
function resigned(frame: Uint8Array, at: number, byte: number): Uint8Array {
  const changed = Buffer.from(frame)
  changed[at] = byte
  changed.writeUInt32BE(
    crc32(changed.subarray(8, -4), crc32OfWord(changed.readUInt32BE(3))),
    changed.length - 4,
  )
  return changed
}

/** Returns a frame of audio records with good checksums, whatever limits its lengths and sequences exceed. */
function unlimitedFrame(first: number, firstSample: number, payloads: readonly number[]): Uint8Array {
  const head = Buffer.from([1, 0, 7, 0, 0, 0, 0, payloads.length])
  head.writeUInt32BE(first, 3)
  const records = payloads.map((length, index) => {
    const record = Buffer.alloc(10 + length + 4, index)
    record.set([0, 1])
    record.writeUIntBE(firstSample, 2, 6)
    record.writeUInt16BE(length, 8)
    record.writeUInt32BE(crc32(record.subarray(0, -4), crc32OfWord((first + index) >>> 0)), 10 + length)
    return record
  })
  return new Uint8Array(Buffer.concat([head, ...records]))
}

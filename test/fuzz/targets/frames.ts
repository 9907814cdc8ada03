import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { crc32 } from 'node:zlib'
import { decodeFrame, encodeFrame } from '@3cx-ninja/protocol'
import { anyRecord } from '../../../recording-log/testing/records.ts'
import type { FuzzTarget } from '../fuzzTarget.ts'

const HEAD_BYTES = 8
const RECORD_HEAD_BYTES = 10
const CRC_BYTES = 4
const golden = path.resolve(import.meta.dirname, '../../../protocol/contract/frames.json')

const records = fc
  .array(fc.nat(1), { minLength: 1, maxLength: 8 })
  .chain((slots) => fc.tuple(...slots.map((_, index) => anyRecord(index))))

/** The decoder of binary frames: rules R7 and R13. */
export const frames: FuzzTarget = {
  name: 'frames',
  sources: /protocol\/src\/recordFrame\.ts/,
  seeds: () =>
    (JSON.parse(readFileSync(golden, 'utf8')) as { hex: string }[]).map(({ hex }) =>
      Uint8Array.from(Buffer.from(hex, 'hex')),
    ),
  dictionary: ['\u0001', '\u0000\u0000\u0000\u0000', '\u007f\u007f'],
  arbitrary: fc.tuple(fc.nat(0xffff), records).map(([stream, made]) => encodeFrame(stream, made)),
  repair: withChecksums,
  check(input) {
    const decoded = decodeFrame(input)
    if (!decoded.ok) return
    // What the decoder accepts, every later writer and reader must accept, too.
    const again = decodeFrame(encodeFrame(decoded.stream, decoded.records))
    if (!isDeepStrictEqual(plain(again), plain(decoded)))
      throw new Error('a frame changes when it is sent on')
  },
}

const plain = (frame: ReturnType<typeof decodeFrame>) =>
  frame.ok
    ? { ...frame, records: frame.records.map((record) => ({ ...record, payload: [...record.payload] })) }
    : frame

/** Writes the right checksum behind each record that the frame's lengths describe. */
function withChecksums(input: Uint8Array): Uint8Array {
  const bytes = Buffer.from(input)
  let at = HEAD_BYTES
  for (let index = 0; at + RECORD_HEAD_BYTES <= bytes.length; index++) {
    const end = at + RECORD_HEAD_BYTES + bytes.readUInt16BE(at + 8)
    if (end + CRC_BYTES > bytes.length) break
    const sequence = Buffer.alloc(4)
    sequence.writeUInt32BE((bytes.readUInt32BE(3) + index) >>> 0)
    bytes.writeUInt32BE(crc32(bytes.subarray(at, end), crc32(sequence)), end)
    at = end + CRC_BYTES
  }
  return Uint8Array.from(bytes)
}

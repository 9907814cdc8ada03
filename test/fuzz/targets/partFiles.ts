import { isDeepStrictEqual } from 'node:util'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import type { LogRecord } from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { openPartFile, readPartFile } from '@3cx-ninja/recording-log/partFile.ts'
import { encodeHead, boundTo } from '@3cx-ninja/recording-log/partHead.ts'
import { createRecordCipher } from '@3cx-ninja/recording-log/recordCipher.ts'
import { createFakeDisk } from '../../../recording-log/testing/fakeDisk.ts'
import { aHeader, aRecord, anyRecord } from '../../../recording-log/testing/records.ts'
import type { FuzzTarget } from '../fuzzTarget.ts'

const PREFIX_BYTES = 12
const ENTRY_PREFIX_BYTES = 8
const PATH = '/recordings/part'
/** Fixed, so that the corpus of one run can be read by the next. */
const masterKey = createMasterKey(Buffer.alloc(32, 7))
const partKey = Buffer.alloc(32, 9)

function fileOf(records: readonly LogRecord[]): Uint8Array {
  const header = aHeader()
  const cipher = createRecordCipher(partKey, boundTo(header))
  return Buffer.concat([
    encodeHead(header, partKey, masterKey),
    ...records.map((record) => cipher.seal(record)),
  ])
}

const sealed: LogRecord = aRecord(3, { kind: 'sealed', payload: new Uint8Array() })

/** The reader of recordings on disk: a damaged file is cut, or refused with a fault; it is never an exception. */
export const partFiles: FuzzTarget = {
  name: 'partFiles',
  sources: /recording-log\/src\/(partHead|partExtent|partFile|recordCipher|entries)\.ts/,
  seeds: () => [
    new Uint8Array(),
    fileOf([]),
    fileOf([0, 1, 2].map((sequence) => aRecord(sequence))),
    fileOf([...[0, 1, 2].map((sequence) => aRecord(sequence)), sealed]),
    Buffer.concat([fileOf([aRecord(0)]), Buffer.alloc(20_000, 5)]),
  ],
  dictionary: ['RLG1', '"}}', '{"header":', '"wrappedKey":', '"masterKeyId":', '"box":'],
  arbitrary: fc
    .nat(5)
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => anyRecord(index))))
    .map((records) => fileOf(records)),
  repair: withChecksums,
  async check(input) {
    const disk = createFakeDisk()
    disk.put(PATH, Buffer.from(input))
    const location = { fs: disk.fs, path: PATH, masterKey }
    const opened = await openPartFile(location)
    if (!opened.ok) return
    const first = { position: opened.part.position, sealed: opened.part.sealed, bytes: opened.part.bytes }
    await opened.part.close()
    const again = await openPartFile(location)
    if (!again.ok) throw new Error(`a part that could be opened is refused: ${again.fault}`)
    const { position, sealed: isSealed, bytes } = again.part
    await again.part.close()
    if (again.truncated || !isDeepStrictEqual(first, { position, sealed: isSealed, bytes }))
      throw new Error('a repaired part is repaired once more')
    await readAll(location)
  },
}

/** Records of another key are an exception by contract; a record that is read is one that was in sequence. */
async function readAll(location: Parameters<typeof readPartFile>[0]): Promise<void> {
  const reader = await readPartFile(location)
  if (!reader.ok) throw new Error('a part that could be opened cannot be read')
  let next = 0
  try {
    for await (const batch of reader.part.read(0))
      for (const { sequence } of batch)
        if (sequence !== next++) throw new RangeError(`record ${sequence} is read out of sequence`)
  } catch (error) {
    if (error instanceof RangeError) throw error
  }
}

/** Writes the right checksums for the head and for each entry that the file's lengths describe. */
function withChecksums(input: Uint8Array): Uint8Array {
  const bytes = Buffer.from(input)
  if (bytes.length < PREFIX_BYTES) return input
  let at = PREFIX_BYTES + bytes.readUInt32BE(4)
  if (at > bytes.length) return input
  bytes.writeUInt32BE(crc32(bytes.subarray(PREFIX_BYTES, at)), 8)
  while (at + ENTRY_PREFIX_BYTES <= bytes.length) {
    const end = at + ENTRY_PREFIX_BYTES + bytes.readUInt32BE(at)
    if (end > bytes.length) break
    bytes.writeUInt32BE(crc32(bytes.subarray(at + ENTRY_PREFIX_BYTES, end)), at + 4)
    at = end
  }
  return Uint8Array.from(bytes)
}

import { crc32 } from 'node:zlib'
import { storedPartHeader, type PartHeader, type StoredPartHeader } from '@3cx-ninja/protocol'
import { readUpTo, type FileSystem, type LogFile } from './fileSystem.ts'
import type { MasterKey, WrappedKey } from './masterKey.ts'

// A part's file begins: 'RLG1' · u32 length of the head · u32 CRC-32 of it · head (JSON: header and wrapped key).
// Header and key are bound to each other: a key moved to another header does not unwrap.
const MAGIC = Buffer.from('RLG1')
const PREFIX_BYTES = 12
/** The last characters of the head's JSON. */
const HEAD_END = '"}}'
const MAX_HEAD_BYTES = 16_384
export const MAX_START_BYTES = PREFIX_BYTES + MAX_HEAD_BYTES

/** Where a part is stored, and the master key that wraps its key. */
export interface PartLocation {
  readonly fs: FileSystem
  readonly path: string
  readonly masterKey: MasterKey
}

/**
 * Why a head is refused:
 * - `unfinished`: the file's creation, or its destruction, was interrupted: it holds no record that can be read.
 * - `no-header`: the file is no part of a recording.
 * - `damaged-header`: the file is a part, but its head does not match its checksum, or was changed.
 * - `foreign-key`: another master key wrapped the part's key.
 */
export type HeadFault = 'unfinished' | 'no-header' | 'damaged-header' | 'foreign-key'
export interface RefusedHead {
  readonly ok: false
  readonly fault: HeadFault
  readonly detail: string
}
export interface PartHead {
  readonly ok: true
  readonly header: StoredPartHeader
  readonly key: Buffer
  /** Bytes of prefix and head: the offset of the first entry. */
  readonly start: number
}

/** Returns the text to which the ciphertext of every record of a part is bound. */
export const boundTo = ({ recordingId, part }: Pick<PartHeader, 'recordingId' | 'part'>) =>
  `${recordingId}/${part}`

/** Returns the first bytes of a part's file: prefix and head. Throws when the header is too long for a head. */
export function encodeHead(header: StoredPartHeader, key: Uint8Array, masterKey: MasterKey): Buffer {
  const wrappedKey = masterKey.wrap(key, JSON.stringify(header))
  const head = Buffer.from(JSON.stringify({ header, wrappedKey }))
  if (head.length > MAX_HEAD_BYTES) throw new RangeError(`a head of ${head.length} bytes is too long`)
  const prefix = Buffer.alloc(PREFIX_BYTES)
  MAGIC.copy(prefix)
  prefix.writeUInt32BE(head.length, 4)
  prefix.writeUInt32BE(crc32(head), 8)
  return Buffer.concat([prefix, head])
}

/** Resolves with the head of a part's file, its key unwrapped, or with the fault of it. Rejects with the system's error. */
export async function readHead(file: LogFile, masterKey: MasterKey): Promise<PartHead | RefusedHead> {
  const { size } = await file.stat()
  return parseHead(await readUpTo(file, Math.min(size, MAX_START_BYTES), 0), size, masterKey)
}

function parseHead(bytes: Buffer, size: number, masterKey: MasterKey): PartHead | RefusedHead {
  const prefix = bytes.subarray(0, PREFIX_BYTES)
  if (prefix.length < PREFIX_BYTES || prefix.every((byte) => byte === 0))
    return refused('unfinished', 'the file was never finished, or it was being destroyed')
  if (!prefix.subarray(0, 4).equals(MAGIC)) return refused('no-header', 'not a recording of ours')
  const storedLength = PREFIX_BYTES + prefix.readUInt32BE(4)
  if (storedLength > MAX_START_BYTES) return refused('damaged-header', 'the head has an impossible length')
  const head = findHead(bytes.subarray(PREFIX_BYTES), storedLength - PREFIX_BYTES, prefix.readUInt32BE(8))
  if (!head) {
    return size <= storedLength
      ? refused('unfinished', 'the file was never finished')
      : refused('damaged-header', 'the head does not carry its checksum')
  }
  const start = PREFIX_BYTES + head.length
  const parsed = parseJson(head)
  if (!parsed) return refused('damaged-header', 'the head is not what this version writes')
  if (parsed.wrappedKey.masterKeyId !== masterKey.id) {
    return refused(
      'foreign-key',
      `wrapped by master key ${parsed.wrappedKey.masterKeyId}, but ${masterKey.id} is loaded: restore the key file that belongs to this data`,
    )
  }
  try {
    return { ok: true, header: parsed.header, key: masterKey.unwrap(parsed.wrappedKey, parsed.bound), start }
  } catch {
    return refused('damaged-header', 'the wrapped key does not belong to this header')
  }
}

/**
 * Returns the head that has the stored checksum. Where one bit of the stored length is wrong, the file may look shorter than
 * its head, like an unfinished one, and would be removed with all its records: so every offset where a head may end is tried.
 */
function findHead(bytes: Buffer, length: number, checksum: number): Buffer | undefined {
  const stored = bytes.subarray(0, length)
  if (crc32(stored) === checksum) return stored
  for (let at = bytes.indexOf(HEAD_END); at >= 0; at = bytes.indexOf(HEAD_END, at + 1)) {
    const head = bytes.subarray(0, at + HEAD_END.length)
    if (crc32(head) === checksum) return head
  }
  return undefined
}

function parseJson(head: Buffer) {
  try {
    const stored = JSON.parse(head.toString('utf8')) as { header: unknown; wrappedKey: Partial<WrappedKey> } // Checked below.
    const header = storedPartHeader.parse(stored.header)
    const { masterKeyId, box } = stored.wrappedKey
    if (typeof masterKeyId !== 'string' || typeof box !== 'string') return undefined
    return { header, wrappedKey: { masterKeyId, box }, bound: JSON.stringify(stored.header) }
  } catch {
    return undefined
  }
}

function refused(fault: HeadFault, detail: string): RefusedHead {
  return { ok: false, fault, detail }
}

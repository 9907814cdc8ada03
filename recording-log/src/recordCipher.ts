import { createCipheriv, createDecipheriv, createSecretKey, randomFillSync } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { CHANNELS, MAX_PAYLOAD_BYTES, RECORD_KINDS, type LogRecord } from '@3cx-ninja/protocol'

// One entry on disk, big-endian:
//   u32 length of what follows the checksum · u32 CRC-32 of it ·
//   u32 sequence · u8 kind · u8 channel · u48 first sample · nonce (12) · ciphertext · tag (16)
// Kind, channel and first sample are in clear, so that a reader finds a moment without the key; they are bound to the
// ciphertext, together with recording and part, as additional data. The checksum finds a torn tail without the key.
export const ENTRY_PREFIX_BYTES = 8
const HEAD_BYTES = 12
const NONCE_BYTES = 12
const TAG_BYTES = 16
const OVERHEAD_BYTES = HEAD_BYTES + NONCE_BYTES + TAG_BYTES
const NONCE_AT = ENTRY_PREFIX_BYTES + HEAD_BYTES
export const MAX_ENTRY_BYTES = ENTRY_PREFIX_BYTES + OVERHEAD_BYTES + MAX_PAYLOAD_BYTES

// All parts share one pool of nonces: a pool for each would be 6 KB, times a thousand parts that grow at once.
const noncePool = Buffer.alloc(NONCE_BYTES * 512)
let noncesUsed = noncePool.length

/** Seals and opens the records of one part with that part's key. */
export interface RecordCipher {
  /** Returns the record's entry on disk, encrypted under a new random nonce, which is never derived from the sequence. */
  seal(record: LogRecord): Buffer
  /** Returns the record of an entry. Throws when the entry was not sealed with this key for this recording and part. */
  open(entry: EntryHead): LogRecord
}

/** One entry as it is read from disk: its fields in clear, and the box that only the part's key opens. */
export interface EntryHead {
  readonly sequence: number
  readonly kind: LogRecord['kind']
  readonly channel: LogRecord['channel']
  readonly firstSample: number
  /** Nonce, ciphertext and tag. */
  readonly box: Buffer
  /** Bytes of the whole entry. */
  readonly length: number
}

/** Creates the cipher of one part from its key and the text that names recording and part. */
export function createRecordCipher(partKey: Uint8Array, boundTo: string): RecordCipher {
  // A key object: with bare bytes Node imports the key again for each record, at three times the cost (10 µs against 3).
  const key = createSecretKey(partKey)
  // A record is bound to recording and part, then to its own head. OpenSSL copies these bytes at once, so one buffer serves
  // all records. It is allocated alone: a slice of Node's shared 64 KB pool would keep that pool for as long as the part grows.
  const headAt = Buffer.byteLength(boundTo)
  const bound = Buffer.alloc(headAt + HEAD_BYTES)
  bound.write(boundTo)
  return {
    seal(record) {
      const entry = Buffer.allocUnsafe(ENTRY_PREFIX_BYTES + OVERHEAD_BYTES + record.payload.length)
      writeHead(entry, ENTRY_PREFIX_BYTES, record)
      entry.copy(bound, headAt, ENTRY_PREFIX_BYTES, NONCE_AT)
      const nonce = entry.subarray(NONCE_AT, NONCE_AT + NONCE_BYTES)
      fillNonce(nonce)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound)
      cipher.update(record.payload).copy(entry, NONCE_AT + NONCE_BYTES)
      cipher.final()
      cipher.getAuthTag().copy(entry, entry.length - TAG_BYTES)
      entry.writeUInt32BE(entry.length - ENTRY_PREFIX_BYTES, 0)
      entry.writeUInt32BE(crc32(entry.subarray(ENTRY_PREFIX_BYTES)), 4)
      return entry
    },
    open({ box, ...record }) {
      writeHead(bound, headAt, record)
      const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES))
      decipher.setAAD(bound).setAuthTag(box.subarray(-TAG_BYTES))
      const payload = Buffer.concat([
        decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES)),
        decipher.final(),
      ])
      const { sequence, kind, channel, firstSample } = record
      return { sequence, kind, channel, firstSample, payload }
    },
  }
}

/** Returns the entry that starts at byte `at`; undefined where no whole, undamaged entry starts: a torn tail, or damage. */
export function readEntry(bytes: Buffer, at: number): EntryHead | undefined {
  if (at + ENTRY_PREFIX_BYTES > bytes.length) return undefined
  const length = bytes.readUInt32BE(at)
  const start = at + ENTRY_PREFIX_BYTES
  if (length < OVERHEAD_BYTES || length > OVERHEAD_BYTES + MAX_PAYLOAD_BYTES || start + length > bytes.length)
    return undefined
  const body = bytes.subarray(start, start + length)
  if (crc32(body) !== bytes.readUInt32BE(at + 4)) return undefined
  const kind = RECORD_KINDS[body.readUInt8(4)]
  const channel = CHANNELS[body.readUInt8(5)]
  if (!kind || !channel) return undefined
  return {
    sequence: body.readUInt32BE(0),
    kind,
    channel,
    firstSample: body.readUIntBE(6, 6),
    box: body.subarray(HEAD_BYTES),
    length: ENTRY_PREFIX_BYTES + length,
  }
}

function writeHead(into: Buffer, at: number, record: Omit<LogRecord, 'payload'>): void {
  into.writeUInt32BE(record.sequence, at)
  into.writeUInt8(RECORD_KINDS.indexOf(record.kind), at + 4)
  into.writeUInt8(CHANNELS.indexOf(record.channel), at + 5)
  into.writeUIntBE(record.firstSample, at + 6, 6)
}

function fillNonce(nonce: Buffer): void {
  if (noncesUsed === noncePool.length) {
    randomFillSync(noncePool)
    noncesUsed = 0
  }
  noncePool.copy(nonce, 0, noncesUsed, noncesUsed + NONCE_BYTES)
  noncesUsed += NONCE_BYTES
}

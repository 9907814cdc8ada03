import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { partHeader, type LogRecord, type PartHeader } from '@3cx-ninja/protocol'
import { writeAll, type FileSystem, type LogFile } from './fileSystem.ts'
import type { MasterKey, WrappedKey } from './masterKey.ts'
import { createRecordCipher, readEntry, type EntryHead, type RecordCipher } from './recordCipher.ts'
import { endOf } from './timeline.ts'

// A part's file: 'RLG1' · u32 length of the head · u32 CRC-32 of it · head (JSON: header and wrapped key) · entries.
const MAGIC = Buffer.from('RLG1')
const PREFIX_BYTES = 12
const MAX_HEAD_BYTES = 16_384
const CHUNK_BYTES = 262_144
/** The byte offset of every so many records is remembered, so that a reader near the end need not read from the start. */
const MARK_EVERY = 64

export interface PartFile {
  readonly header: PartHeader
  /** Next record sequence: how many records this file holds or has been given. */
  readonly position: number
  /** First sample behind all that is held. */
  readonly endSample: number
  readonly sealed: boolean
  /** Encrypts the next record and takes it into account; it is on disk after `write`. Throws when it is not the next. */
  encode(record: LogRecord): Buffer
  /** Takes an entry into account that was encoded before with this part's key, as the journal kept it. */
  adopt(entry: EntryHead): void
  /** Writes encoded entries, in the order in which they were encoded. On failure nothing counts: the same call may be repeated. */
  write(entries: readonly Buffer[]): Promise<void>
  datasync(): Promise<void>
  /** Records from `from` on, as far as they are written, in batches. */
  read(from: number): AsyncGenerator<readonly LogRecord[]>
  /** Sequence of the last record at or before this sample, without decrypting anything. */
  sequenceAt(sample: number): Promise<number>
  close(): Promise<void>
}

export type OpenFault = 'no-header' | 'damaged-header' | 'foreign-key'
export type OpenedPart =
  | { readonly ok: true; readonly part: PartFile; readonly cutBytes: number }
  | { readonly ok: false; readonly fault: OpenFault; readonly detail: string }

interface Place {
  readonly fs: FileSystem
  readonly path: string
  readonly masterKey: MasterKey
}

const boundTo = (header: PartHeader) => `${header.recordingId}/${header.part}`

/** Creates a new part file, with a key of its own, flushed under its name. Rejects with EEXIST when there is one. */
export async function createPartFile(place: Place, header: PartHeader): Promise<PartFile> {
  const key = randomBytes(32)
  const wrappedKey = place.masterKey.wrap(key, boundTo(header))
  const head = Buffer.from(JSON.stringify({ header, wrappedKey }))
  const prefix = Buffer.alloc(PREFIX_BYTES)
  MAGIC.copy(prefix)
  prefix.writeUInt32BE(head.length, 4)
  prefix.writeUInt32BE(crc32(head), 8)
  const file = await place.fs.open(place.path, 'wx+')
  try {
    await writeAll(file, Buffer.concat([prefix, head]), 0)
    await file.sync()
    await place.fs.syncFolder(path.dirname(place.path))
  } catch (error) {
    await file.close()
    await place.fs.remove(place.path)
    throw error
  }
  const start = PREFIX_BYTES + head.length
  const cipher = createRecordCipher(key, boundTo(header))
  return createHandle(file, header, cipher, start, {
    position: 0,
    endSample: 0,
    sealed: false,
    bytes: start,
    marks: [],
  })
}

/** Opens a part file and repairs it: everything behind the last whole record of unbroken sequence is cut off. */
export async function openPartFile(place: Place): Promise<OpenedPart> {
  const file = await place.fs.open(place.path, 'r+')
  let keep = false
  try {
    const head = await readHead(file, place.masterKey)
    if (!head.ok) return head
    const end = await scan(file, head.start)
    const { size } = await file.stat()
    if (size > end.bytes) {
      await file.truncate(end.bytes)
      await file.datasync()
    }
    keep = true
    const cipher = createRecordCipher(head.key, boundTo(head.header))
    return {
      ok: true,
      part: createHandle(file, head.header, cipher, head.start, end),
      cutBytes: Math.max(0, size - end.bytes),
    }
  } finally {
    if (!keep) await file.close()
  }
}

/** Overwrites the wrapped key, flushes, then removes the file: what copies remain of the records can never be read again. */
export async function destroyPartFile(place: Pick<Place, 'fs' | 'path'>): Promise<void> {
  try {
    const file = await place.fs.open(place.path, 'r+')
    try {
      const { size } = await file.stat()
      await writeAll(file, Buffer.alloc(Math.min(size, PREFIX_BYTES + MAX_HEAD_BYTES)), 0)
      await file.sync()
    } finally {
      await file.close()
    }
  } finally {
    await place.fs.remove(place.path)
    await place.fs.syncFolder(path.dirname(place.path))
  }
}

type Head =
  | { readonly ok: true; readonly header: PartHeader; readonly key: Buffer; readonly start: number }
  | { readonly ok: false; readonly fault: OpenFault; readonly detail: string }

async function readHead(file: LogFile, masterKey: MasterKey): Promise<Head> {
  const prefix = Buffer.alloc(PREFIX_BYTES)
  const { bytesRead } = await file.read(prefix, 0, PREFIX_BYTES, 0)
  if (bytesRead < PREFIX_BYTES || !prefix.subarray(0, 4).equals(MAGIC)) {
    return {
      ok: false,
      fault: 'no-header',
      detail: 'not a recording of ours, or never finished being created',
    }
  }
  const length = prefix.readUInt32BE(4)
  const head = Buffer.alloc(Math.min(length, MAX_HEAD_BYTES))
  await file.read(head, 0, head.length, PREFIX_BYTES)
  if (length > MAX_HEAD_BYTES || crc32(head) !== prefix.readUInt32BE(8)) {
    return { ok: false, fault: 'damaged-header', detail: 'the head of the recording is damaged' }
  }
  const parsed = JSON.parse(head.toString('utf8')) as { header: unknown; wrappedKey: WrappedKey } // our own writing, checksum verified
  const header = partHeader.parse(parsed.header)
  try {
    const key = masterKey.unwrap(parsed.wrappedKey, boundTo(header))
    return { ok: true, header, key, start: PREFIX_BYTES + length }
  } catch (error) {
    return { ok: false, fault: 'foreign-key', detail: error instanceof Error ? error.message : String(error) }
  }
}

interface End {
  position: number
  endSample: number
  sealed: boolean
  /** Where the next entry will stand. */
  bytes: number
  /** marks[k]: where the entry of sequence k × MARK_EVERY stands. */
  readonly marks: number[]
}

async function scan(file: LogFile, start: number): Promise<End> {
  const end: End = { position: 0, endSample: 0, sealed: false, bytes: start, marks: [] }
  for await (const entries of readEntries(file, start)) {
    for (const entry of entries) {
      if (entry.sequence !== end.position) return end
      take(end, entry, entry.length)
    }
  }
  return end
}

async function* readEntries(
  file: LogFile,
  start: number,
  limit = Infinity,
): AsyncGenerator<readonly EntryHead[]> {
  let at = start
  let size = CHUNK_BYTES
  while (at < limit) {
    const chunk = Buffer.allocUnsafe(Math.min(size, limit - at))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
    const bytes = chunk.subarray(0, bytesRead)
    const entries: EntryHead[] = []
    let used = 0
    for (let entry = readEntry(bytes, used); entry; entry = readEntry(bytes, used)) {
      entries.push(entry)
      used += entry.length
    }
    if (entries.length === 0) return
    yield entries
    at += used
    size = CHUNK_BYTES
  }
}

function take(end: End, entry: Pick<LogRecord, 'sequence' | 'kind' | 'firstSample'>, length: number): void {
  if (entry.sequence % MARK_EVERY === 0) end.marks.push(end.bytes)
  end.position = entry.sequence + 1
  end.endSample = Math.max(end.endSample, endOf(entry))
  end.bytes += length
  if (entry.kind === 'sealed') end.sealed = true
}

function createHandle(
  file: LogFile,
  header: PartHeader,
  cipher: RecordCipher,
  start: number,
  end: End,
): PartFile {
  const given = end
  let writtenBytes = end.bytes
  return {
    header,
    get position() {
      return given.position
    },
    get endSample() {
      return given.endSample
    },
    get sealed() {
      return given.sealed
    },
    encode(record) {
      if (record.sequence !== given.position)
        throw new RangeError(`record ${record.sequence} where ${given.position} is next`)
      const entry = cipher.seal(record)
      take(given, record, entry.length)
      return entry
    },
    adopt(entry) {
      if (entry.sequence !== given.position)
        throw new RangeError(`entry ${entry.sequence} where ${given.position} is next`)
      take(given, entry, entry.length)
    },
    async write(entries) {
      const bytes = Buffer.concat(entries)
      await writeAll(file, bytes, writtenBytes)
      writtenBytes += bytes.length
    },
    datasync: () => file.datasync(),
    async *read(from) {
      const near = given.marks[Math.floor(from / MARK_EVERY)] ?? given.marks.at(-1) ?? start
      for await (const entries of readEntries(file, near, writtenBytes)) {
        const wanted = entries.filter((entry) => entry.sequence >= from).map((entry) => cipher.open(entry))
        if (wanted.length > 0) yield wanted
      }
    },
    async sequenceAt(sample) {
      let found = 0
      for await (const entries of readEntries(file, start, writtenBytes)) {
        for (const entry of entries) {
          if (entry.firstSample > sample) return found
          found = entry.sequence
        }
      }
      return found
    },
    close: () => file.close(),
  }
}

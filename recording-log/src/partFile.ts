import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { LogRecord, StoredPartHeader } from '@3cx-ninja/protocol'
import { readEntries } from './entries.ts'
import { errorCode, readUpTo, writeAll, type FileSystem, type LogFile } from './fileSystem.ts'
import {
  truncateTail,
  emptyExtent,
  extend,
  markNear,
  measureExtent,
  type TruncatedTail,
  type PartExtent,
} from './partExtent.ts'
import { boundTo, encodeHead, MAX_START_BYTES, readHead } from './partHead.ts'
import type { PartHead, PartLocation, RefusedHead } from './partHead.ts'
import { createRecordCipher, type EntryHead, type RecordCipher } from './recordCipher.ts'
import { headOfRewrap } from './rewrap.ts'

const REWRITE_BYTES = 1_048_576

/** Reads a part. Each read opens its own file handle, so that the part may be closed meanwhile. */
export interface PartReader {
  readonly header: StoredPartHeader
  /** Yields the records from `from` on, as far as they are written when reading begins, in batches. Throws for a foreign entry. */
  read(from: number): AsyncGenerator<readonly LogRecord[]>
  /** Resolves with the sequence of the last record at or before this sample, without decrypting anything. */
  sequenceAt(sample: number): Promise<number>
}

/**
 * One part file that grows. A record is encoded, then written, then flushed (`datasync`); only a flushed record survives a
 * power cut. After a failed flush the next one writes everything again that was not flushed. Open until `close`; knows nothing
 * of journals and replicas: hub and agent decide when to write and flush.
 */
export interface PartFile extends PartReader {
  /** The next record sequence: how many records this file holds or has encoded. */
  readonly position: number
  /** The first sample after all records. */
  readonly endSample: number
  readonly sealed: boolean
  /** The length of the file once all encoded records are written. */
  readonly bytes: number
  /** Returns the next record as an encrypted entry and extends the part by it; it is in the file after `write`. Throws when it is not the next. */
  encode(record: LogRecord): Buffer
  /** Returns whether this entry was encoded with this part's key. */
  owns(entry: EntryHead): boolean
  /** Returns the record of an entry, written or not. Throws when the entry belongs to another part. */
  decode(entry: EntryHead): LogRecord
  /** Extends the part by an entry that was encoded with its key before and kept in the journal. Throws when it is not the next. */
  restore(entry: EntryHead): void
  /** Writes encoded entries, in the order in which they were encoded. After a rejection none of them counts: the same call may be repeated. */
  write(entries: readonly Buffer[]): Promise<void>
  /** Resolves once everything written before this call is flushed. Rejects with the system's error; the next call writes it again. */
  datasync(): Promise<void>
  /**
   * Marks everything from this record as possibly unflushed, in a file left by another process: after a failed flush the page
   * cache may be clean although the bytes never reached the disk (the flush failed before that process died). The next flush
   * writes these bytes again.
   */
  markUnflushed(from: number): void
  /** Closes the file for writing once a flush under way is over; written records stay readable. Safe twice. */
  close(): Promise<void>
}

export type OpenedPart =
  { readonly ok: true; readonly part: PartFile; readonly truncated: TruncatedTail | undefined } | RefusedHead

/** Creates a part file with a new random key; resolves once it is flushed under its name. Rejects with EEXIST when the file exists. */
export async function createPartFile(location: PartLocation, header: StoredPartHeader): Promise<PartFile> {
  const key = randomBytes(32)
  const head = encodeHead(header, key, location.masterKey)
  const file = await location.fs.open(location.path, 'wx+')
  try {
    await writeAll(file, head, 0)
    await file.sync()
    await location.fs.syncFolder(path.dirname(location.path))
  } catch (error) {
    await file.close()
    await location.fs.remove(location.path)
    throw error
  }
  return createHandle(location, file, { ok: true, header, key, start: head.length }, emptyExtent(head.length))
}

/** Opens a part file and truncates everything after its last whole record of unbroken sequence. Resolves with the part, or with the fault of its head. */
export async function openPartFile(location: PartLocation): Promise<OpenedPart> {
  const file = await location.fs.open(location.path, 'r+')
  let keep = false
  try {
    const head = await headOf(file, location)
    if (!head.ok) return head
    const extent = await measureExtent(file, head.start)
    const truncated = await truncateTail(location, file, extent)
    keep = true
    return { ok: true, part: createHandle(location, file, head, extent), truncated }
  } finally {
    if (!keep) await file.close()
  }
}

/** Resolves with a reader of a part that no longer grows, without checking its records first; or with the fault of its head. */
export async function readPartFile(
  location: PartLocation,
): Promise<{ readonly ok: true; readonly part: PartReader } | RefusedHead> {
  const file = await location.fs.open(location.path, 'r+')
  try {
    const head = await headOf(file, location)
    return head.ok ? { ok: true, part: createReader(location, head) } : head
  } finally {
    await file.close()
  }
}

/** Overwrites the wrapped key, flushes, then removes the file: copies of the records can never be decrypted again. Resolves once the folder is flushed. */
export async function destroyPartFile({ fs, path: file }: Pick<PartLocation, 'fs' | 'path'>): Promise<void> {
  for (const each of [file, headOfRewrap(file)]) {
    await overwriteStart(fs, each)
    await fs.remove(each)
  }
  await fs.syncFolder(path.dirname(file))
}

async function overwriteStart(fs: FileSystem, path: string): Promise<void> {
  const file = await fs.open(path, 'r+').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined // The file was destroyed before.
    throw error
  })
  if (!file) return
  try {
    const { size } = await file.stat()
    await writeAll(file, Buffer.alloc(Math.min(size, MAX_START_BYTES)), 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Resolves with the part's head; where a change of master key was interrupted, the copy that it left is written first. */
async function headOf(file: LogFile, { fs, path, masterKey }: PartLocation): Promise<PartHead | RefusedHead> {
  const head = await readHead(file, masterKey)
  if (head.ok) return head
  const spare = await fs.open(headOfRewrap(path), 'r').catch(() => undefined)
  if (!spare) return head
  try {
    const copy = await readHead(spare, masterKey)
    if (!copy.ok) return head
    await writeAll(file, await readUpTo(spare, copy.start, 0), 0)
    await file.sync()
    return copy
  } finally {
    await spare.close()
  }
}

/** What a reader may rely on in a file that is being written. */
interface Written {
  readonly marks: readonly number[]
  bytes(): number
}

function createReader(
  { fs, path }: PartLocation,
  head: PartHead,
  written: Written = { marks: [], bytes: () => Infinity },
  cipher: RecordCipher = createRecordCipher(head.key, boundTo(head.header)),
): PartReader {
  const entriesFrom = async function* (near: number) {
    const file = await fs.open(path, 'r')
    try {
      yield* readEntries(file, near, written.bytes())
    } finally {
      await file.close()
    }
  }
  return {
    header: head.header,
    async *read(from) {
      const near = markNear(written, from) ?? head.start
      for await (const entries of entriesFrom(near)) {
        const records = entries.filter((entry) => entry.sequence >= from).map((entry) => cipher.open(entry))
        if (records.length > 0) yield records
      }
    },
    async sequenceAt(sample) {
      let found = 0
      for await (const entries of entriesFrom(head.start)) {
        for (const entry of entries) {
          if (entry.firstSample > sample) return found
          found = entry.sequence
        }
      }
      return found
    },
  }
}

/** Writes the bytes of a range again, in blocks: an hour of PCM is hundreds of megabytes. */
async function rewriteUnflushed(file: LogFile, from: number, upTo: number): Promise<void> {
  for (let at = from; at < upTo; at += REWRITE_BYTES) {
    const bytes = await readUpTo(file, Math.min(REWRITE_BYTES, upTo - at), at)
    await writeAll(file, bytes, at)
  }
}

function createHandle(location: PartLocation, file: LogFile, head: PartHead, extent: PartExtent): PartFile {
  const cipher = createRecordCipher(head.key, boundTo(head.header))
  let writtenBytes = extent.bytes
  let flushedBytes = head.start
  let flushFailed = false
  let closing: Promise<void> | undefined
  // Flushes run one at a time: a flush under way moves the offset from which the next one would write again.
  let flushing: Promise<void> = Promise.resolve()
  const flush = async () => {
    const [from, upTo] = [flushedBytes, writtenBytes]
    // After a failed flush the page cache may be clean although the bytes never reached the disk: they are written again.
    if (flushFailed) await rewriteUnflushed(file, from, upTo)
    flushFailed = true
    await file.datasync()
    flushFailed = false
    flushedBytes = upTo
  }
  const reader = createReader(location, head, { marks: extent.marks, bytes: () => writtenBytes }, cipher)
  return {
    ...reader,
    get position() {
      return extent.position
    },
    get endSample() {
      return extent.endSample
    },
    get sealed() {
      return extent.sealed
    },
    get bytes() {
      return extent.bytes
    },
    encode(record) {
      if (record.sequence !== extent.position)
        throw new RangeError(`record ${record.sequence} where ${extent.position} is next`)
      const entry = cipher.seal(record)
      extend(extent, record, entry.length)
      return entry
    },
    decode: (entry) => cipher.open(entry),
    owns(entry) {
      try {
        return cipher.open(entry).sequence === entry.sequence
      } catch {
        return false
      }
    },
    restore(entry) {
      if (entry.sequence !== extent.position)
        throw new RangeError(`entry ${entry.sequence} where ${extent.position} is next`)
      extend(extent, entry, entry.length)
    },
    async write(entries) {
      const [first] = entries
      const bytes = first && entries.length === 1 ? first : Buffer.concat(entries)
      await writeAll(file, bytes, writtenBytes)
      writtenBytes += bytes.length
    },
    datasync() {
      const done = flushing.then(flush)
      flushing = done.catch(() => undefined)
      return done
    },
    markUnflushed(from) {
      const start = markNear(extent, from) ?? head.start
      flushedBytes = flushFailed ? Math.min(flushedBytes, start) : start
      flushFailed = true
    },
    close: () => (closing ??= flushing.then(() => file.close())),
  }
}

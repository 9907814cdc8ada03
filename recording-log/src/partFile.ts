import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { LogRecord, PartHeader } from '@3cx-ninja/protocol'
import { readEntries } from './entries.ts'
import { errorCode, readUpTo, writeAll, type FileSystem, type LogFile } from './fileSystem.ts'
import {
  cutTail,
  emptyExtent,
  extend,
  markNear,
  measureExtent,
  type CutTail,
  type PartExtent,
} from './partExtent.ts'
import { boundTo, encodeHead, MAX_START_BYTES, readHead } from './partHead.ts'
import type { PartHead, PartPlace, RefusedHead } from './partHead.ts'
import { createRecordCipher, type EntryHead, type RecordCipher } from './recordCipher.ts'
import { headOfRewrap } from './rewrap.ts'

const AGAIN_BYTES = 1_048_576

/** Reading a part; each reader has a file handle of its own, so that the part may be closed meanwhile. */
export interface PartReader {
  readonly header: PartHeader
  /** Records from `from` on, as far as they are written when reading begins, in batches. */
  read(from: number): AsyncGenerator<readonly LogRecord[]>
  /** Sequence of the last record at or before this sample, without decrypting anything. */
  sequenceAt(sample: number): Promise<number>
}

export interface PartFile extends PartReader {
  /** Next record sequence: how many records this file holds or has been given. */
  readonly position: number
  /** First sample behind all that is held. */
  readonly endSample: number
  readonly sealed: boolean
  /** Length of the file when all it was given is written. */
  readonly bytes: number
  /** Encrypts the next record and takes it into account; it is on disk after `write`. Throws when it is not the next. */
  encode(record: LogRecord): Buffer
  /** Whether this entry was encoded with this part's key. */
  owns(entry: EntryHead): boolean
  /** The record of an entry that need not be written yet. Throws when it is not this part's own. */
  decode(entry: EntryHead): LogRecord
  /** Takes an entry into account that was encoded before with this part's key, as the journal kept it. */
  adopt(entry: EntryHead): void
  /** Writes encoded entries, in the order in which they were encoded. On failure nothing counts: the same call may be repeated. */
  write(entries: readonly Buffer[]): Promise<void>
  datasync(): Promise<void>
  /**
   * Of a file left by another process: what stands from this sequence on may never have reached the disk, though the
   * system holds it for clean (a flush was refused before that process died). The next flush writes it again.
   */
  doubt(from: number): void
  /** Closes for writing; what is written stays readable. Safe twice. */
  close(): Promise<void>
}

export type OpenedPart =
  { readonly ok: true; readonly part: PartFile; readonly cut: CutTail | undefined } | RefusedHead

/** Creates a new part file, with a key of its own, flushed under its name. Rejects with EEXIST when there is one. */
export async function createPartFile(place: PartPlace, header: PartHeader): Promise<PartFile> {
  const key = randomBytes(32)
  const head = encodeHead(header, key, place.masterKey)
  const file = await place.fs.open(place.path, 'wx+')
  try {
    await writeAll(file, head, 0)
    await file.sync()
    await place.fs.syncFolder(path.dirname(place.path))
  } catch (error) {
    await file.close()
    await place.fs.remove(place.path)
    throw error
  }
  return createHandle(place, file, { ok: true, header, key, start: head.length }, emptyExtent(head.length))
}

/** Opens a part file and repairs it: everything behind the last whole record of unbroken sequence is cut off. */
export async function openPartFile(place: PartPlace): Promise<OpenedPart> {
  const file = await place.fs.open(place.path, 'r+')
  let keep = false
  try {
    const head = await headOf(file, place)
    if (!head.ok) return head
    const extent = await measureExtent(file, head.start)
    const cut = await cutTail(place, file, extent)
    keep = true
    return { ok: true, part: createHandle(place, file, head, extent), cut }
  } finally {
    if (!keep) await file.close()
  }
}

/** Reads a part that nothing is added to any more; its records are not looked through first. */
export async function readPartFile(
  place: PartPlace,
): Promise<{ readonly ok: true; readonly part: PartReader } | RefusedHead> {
  const file = await place.fs.open(place.path, 'r+')
  try {
    const head = await headOf(file, place)
    return head.ok ? { ok: true, part: createReader(place, head) } : head
  } finally {
    await file.close()
  }
}

/** Overwrites the wrapped key, flushes, then removes the file: what copies remain of the records can never be read again. */
export async function destroyPartFile({ fs, path: file }: Pick<PartPlace, 'fs' | 'path'>): Promise<void> {
  for (const each of [file, headOfRewrap(file)]) {
    await overwriteStart(fs, each)
    await fs.remove(each)
  }
  await fs.syncFolder(path.dirname(file))
}

async function overwriteStart(fs: FileSystem, path: string): Promise<void> {
  const file = await fs.open(path, 'r+').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined // destroyed before
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

/** The part's head; where a change of master key was cut short, the copy that it left is put in place first. */
async function headOf(file: LogFile, { fs, path, masterKey }: PartPlace): Promise<PartHead | RefusedHead> {
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

/** What a reader may rely on of a file that is being written. */
interface Written {
  readonly marks: readonly number[]
  bytes(): number
}

function createReader(
  { fs, path }: PartPlace,
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
        const wanted = entries.filter((entry) => entry.sequence >= from).map((entry) => cipher.open(entry))
        if (wanted.length > 0) yield wanted
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

/** In pieces: an hour of PCM is hundreds of megabytes. */
async function writeAgain(file: LogFile, from: number, upTo: number): Promise<void> {
  for (let at = from; at < upTo; at += AGAIN_BYTES) {
    const bytes = await readUpTo(file, Math.min(AGAIN_BYTES, upTo - at), at)
    await writeAll(file, bytes, at)
  }
}

function createHandle(place: PartPlace, file: LogFile, head: PartHead, extent: PartExtent): PartFile {
  const cipher = createRecordCipher(head.key, boundTo(head.header))
  let writtenBytes = extent.bytes
  let flushedBytes = head.start
  let doubtful = false
  let closing: Promise<void> | undefined
  // One at a time: a flush under way moves the place from which the next one would write again.
  let flushing: Promise<void> = Promise.resolve()
  const flush = async () => {
    const [from, upTo] = [flushedBytes, writtenBytes]
    // After a refused flush the system may hold for clean what never reached the disk: it is written again.
    if (doubtful) await writeAgain(file, from, upTo)
    doubtful = true
    await file.datasync()
    doubtful = false
    flushedBytes = upTo
  }
  const reader = createReader(place, head, { marks: extent.marks, bytes: () => writtenBytes }, cipher)
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
    adopt(entry) {
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
    doubt(from) {
      const start = markNear(extent, from) ?? head.start
      flushedBytes = doubtful ? Math.min(flushedBytes, start) : start
      doubtful = true
    },
    close: () => (closing ??= flushing.then(() => file.close())),
  }
}

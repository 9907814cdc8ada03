import path from 'node:path'
import { crc32 } from 'node:zlib'
import type { Clock } from '@3cx-ninja/protocol'
import { writeAll, type FileSystem, type LogFile } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { RecordingsTuning } from './tuning.ts'

// The journal of all growing recordings. One line of it, big-endian:
//   u32 length of what follows the checksum · u32 CRC-32 of it · u8 length of the reference · reference (ASCII,
//   'recordingId/part') · one entry as it will stand in the part's own file (encrypted with the part's key)
const PREFIX_BYTES = 8
const MAX_LINE_BYTES = 65_536

export interface JournalLine {
  readonly reference: string
  readonly entry: Buffer
}

export interface Journal {
  /** Takes an entry; it is on disk when `onFlushed` names a number at or above the returned one. */
  append(reference: string, entry: Buffer): number
  readonly unflushedBytes: number
  /** Number of the segment being written. */
  readonly segment: number
  readonly segmentBytes: number
  /** Flushes, then goes on in a new segment; resolves with the number of the closed one. */
  rotate(): Promise<number>
  /** Deletes a closed segment: its records must be flushed elsewhere. */
  discard(segment: number): Promise<void>
  stop(): Promise<void>
}

export interface JournalNeeds {
  readonly folder: string
  readonly fs: FileSystem
  readonly clock: Clock
  readonly tuning: RecordingsTuning
  readonly firstSegment: number
  /** Everything up to and including this number is on disk. */
  readonly onFlushed: (upTo: number) => void
  /** The disk refused; it is asked again after `retryMs`. undefined: it works again. */
  readonly onTrouble: (error: Error | undefined) => void
}

const segmentName = (segment: number) => `journal-${String(segment).padStart(10, '0')}.log`

/** Opens a journal that writes what all recordings appended with one flush for everybody, never two at a time. */
export async function openJournal(needs: JournalNeeds): Promise<Journal> {
  const { fs, clock, tuning, folder } = needs
  let segment = needs.firstSegment
  let file = await openSegment(fs, folder, segment)
  let fileBytes = 0
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let appended = 0
  let lastFlushMs = -Infinity
  let flushing: Promise<void> | undefined
  let scheduled = false
  let stopped = false
  let troubled = false

  const flushOnce = async () => {
    const batch = waiting
    const upTo = appended
    const bytes = Buffer.concat(batch)
    waiting = []
    try {
      await writeAll(file, bytes, fileBytes)
      await file.datasync()
    } catch (error) {
      waiting = batch.concat(waiting) // written again at the same place: nothing is doubled
      throw error
    }
    fileBytes += bytes.length
    waitingBytes -= bytes.length
    if (troubled) {
      troubled = false
      needs.onTrouble(undefined)
    }
    needs.onFlushed(upTo)
  }

  const schedule = (delayMs: number) => {
    if (scheduled || flushing || stopped) return
    scheduled = true
    clock.after(delayMs, () => {
      scheduled = false
      void flush()
    })
  }

  const flush = (): Promise<void> => {
    if (flushing) return flushing
    if (waiting.length === 0) return Promise.resolve()
    lastFlushMs = clock.monotonicMs()
    let retryMs = 0
    flushing = flushOnce()
      .catch((error: unknown) => {
        troubled = true
        retryMs = tuning.retryMs
        needs.onTrouble(error instanceof Error ? error : new Error(String(error)))
      })
      .finally(() => {
        flushing = undefined
        if (waiting.length > 0)
          schedule(Math.max(retryMs, lastFlushMs + tuning.flushEveryMs - clock.monotonicMs()))
      })
    return flushing
  }

  const flushAll = async () => {
    if (flushing) await flushing
    if (waiting.length > 0) await flushOnce()
  }

  return {
    append(reference, entry) {
      appended += 1
      const line = encodeLine(reference, entry)
      waiting.push(line)
      waitingBytes += line.length
      schedule(Math.max(0, lastFlushMs + tuning.flushEveryMs - clock.monotonicMs()))
      return appended
    },
    get unflushedBytes() {
      return waitingBytes
    },
    get segment() {
      return segment
    },
    get segmentBytes() {
      return fileBytes
    },
    async rotate() {
      await flushAll()
      const next = await openSegment(fs, folder, segment + 1)
      await file.close()
      file = next
      fileBytes = 0
      segment += 1
      return segment - 1
    },
    discard: (closed) => fs.remove(path.join(folder, segmentName(closed))),
    async stop() {
      stopped = true
      await flushAll().finally(() => file.close())
    },
  }
}

async function openSegment(fs: FileSystem, folder: string, segment: number): Promise<LogFile> {
  const file = await fs.open(path.join(folder, segmentName(segment)), 'w+')
  await fs.syncFolder(folder)
  return file
}

/** Numbers of the segments in a folder, oldest first. */
export async function listSegments(fs: FileSystem, folder: string): Promise<readonly number[]> {
  const names = await fs.list(folder)
  return names
    .map((name) => /^journal-(\d{10})\.log$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
}

/** Whole lines of a segment, in order, up to its torn tail. */
export async function* readSegment(
  fs: FileSystem,
  folder: string,
  segment: number,
): AsyncGenerator<JournalLine> {
  const file = await fs.open(path.join(folder, segmentName(segment)), 'r')
  try {
    const { size } = await file.stat()
    let at = 0
    while (at < size) {
      const chunk = Buffer.allocUnsafe(Math.min(1_048_576, size - at))
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
      const bytes = chunk.subarray(0, bytesRead)
      let used = 0
      for (let line = decodeLine(bytes, used); line; line = decodeLine(bytes, used)) {
        used += line.length
        yield line
      }
      if (used === 0) return
      at += used
    }
  } finally {
    await file.close()
  }
}

function encodeLine(reference: string, entry: Buffer): Buffer {
  const line = Buffer.allocUnsafe(PREFIX_BYTES + 1 + reference.length + entry.length)
  line.writeUInt8(reference.length, PREFIX_BYTES)
  line.write(reference, PREFIX_BYTES + 1, 'latin1')
  entry.copy(line, PREFIX_BYTES + 1 + reference.length)
  const body = line.subarray(PREFIX_BYTES)
  line.writeUInt32BE(body.length, 0)
  line.writeUInt32BE(crc32(body), 4)
  return line
}

function decodeLine(bytes: Buffer, at: number): (JournalLine & { length: number }) | undefined {
  if (at + PREFIX_BYTES > bytes.length) return undefined
  const length = bytes.readUInt32BE(at)
  const start = at + PREFIX_BYTES
  if (length < 2 || length > MAX_LINE_BYTES || start + length > bytes.length) return undefined
  const body = bytes.subarray(start, start + length)
  if (crc32(body) !== bytes.readUInt32BE(at + 4)) return undefined
  const referenceLength = body.readUInt8(0)
  return {
    reference: body.toString('latin1', 1, 1 + referenceLength),
    entry: body.subarray(1 + referenceLength),
    length: PREFIX_BYTES + length,
  }
}

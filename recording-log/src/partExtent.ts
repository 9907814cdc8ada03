import type { LogRecord } from '@3cx-ninja/protocol'
import { mayHoldRecords, readEntries } from './entries.ts'
import { isDiskFull, readUpTo, writeAll, type FileSystem, type LogFile } from './fileSystem.ts'
import type { PartLocation } from './partHead.ts'
import { endOf } from './timeline.ts'

/** The byte offset of every so many records is remembered, so that a reader near the end need not read from the start. */
const MARK_EVERY = 64

/** What a part's file holds once all encoded records are written: how far it reaches, and at which bytes its entries start. */
export interface PartExtent {
  /** The next record sequence. */
  position: number
  /** The first sample after all records. */
  endSample: number
  sealed: boolean
  /** The byte offset of the next entry. */
  bytes: number
  /** marks[k]: the byte offset of the entry of sequence k × MARK_EVERY. */
  readonly marks: number[]
}

/** Returns the extent of a part without records, whose head ends at byte `start`. */
export const emptyExtent = (start: number): PartExtent => ({
  position: 0,
  endSample: 0,
  sealed: false,
  bytes: start,
  marks: [],
})

/** Extends the extent by the next entry, which is `length` bytes long. */
export function extend(
  extent: PartExtent,
  entry: Pick<LogRecord, 'sequence' | 'kind' | 'firstSample'>,
  length: number,
): void {
  if (entry.sequence % MARK_EVERY === 0) extent.marks.push(extent.bytes)
  extent.position = entry.sequence + 1
  extent.endSample = Math.max(extent.endSample, endOf(entry))
  extent.bytes += length
  if (entry.kind === 'sealed') extent.sealed = true
}

/** Returns a byte offset at or before the entry of this sequence, the nearest one that has a mark. */
export function markNear(
  { marks }: { readonly marks: readonly number[] },
  sequence: number,
): number | undefined {
  return marks[Math.floor(sequence / MARK_EVERY)] ?? marks.at(-1)
}

/** Resolves with how far whole records of unbroken sequence reach in a file whose first entry starts at byte `start`. */
export async function measureExtent(file: LogFile, start: number): Promise<PartExtent> {
  const extent = emptyExtent(start)
  const { size } = await file.stat() // a small file needs a small buffer: a start reads thousands of them
  for await (const entries of readEntries(file, start, size)) {
    for (const entry of entries) {
      if (entry.sequence !== extent.position) return extent
      extend(extent, entry, entry.length)
    }
  }
  return extent
}

/** What a repair truncated, and the file beside the part that keeps it when it was more than one torn record. */
export interface TruncatedTail {
  readonly bytes: number
  readonly keptIn?: string
}

/**
 * Truncates a file after its last whole record; resolves, once that is flushed, with what was truncated, if anything. One torn
 * record is dropped; a longer tail (damage in the middle) is kept beside the file, so that a person can examine it.
 */
export async function truncateTail(
  { fs, path }: Pick<PartLocation, 'fs' | 'path'>,
  file: LogFile,
  extent: PartExtent,
): Promise<TruncatedTail | undefined> {
  const { size } = await file.stat()
  if (size <= extent.bytes) return undefined
  const tail = await readUpTo(file, size - extent.bytes, extent.bytes)
  const tailPath = `${path}.${extent.position}.cut`
  const keptIn = mayHoldRecords(tail) ? await keepTail(fs, tailPath, tail) : undefined
  await file.truncate(extent.bytes)
  await file.datasync()
  return { bytes: size - extent.bytes, ...(keptIn && { keptIn }) }
}

async function keepTail(fs: FileSystem, tailPath: string, tail: Buffer): Promise<string | undefined> {
  try {
    const file = await fs.open(tailPath, 'w+')
    await writeAll(file, tail, 0)
      .then(() => file.sync())
      .finally(() => file.close())
    return tailPath
  } catch (error) {
    if (!isDiskFull(error)) throw error
    await fs.remove(tailPath) // A full disk must not prevent the part from being opened.
    return undefined
  }
}

import type { LogRecord } from '@3cx-ninja/protocol'
import { mayHoldRecords, readEntries } from './entries.ts'
import { isDiskFull, readUpTo, writeAll, type FileSystem, type LogFile } from './fileSystem.ts'
import type { PartPlace } from './partHead.ts'
import { endOf } from './timeline.ts'

/** The byte offset of every so many records is remembered, so that a reader near the end need not read from the start. */
const MARK_EVERY = 64

/** What a part's file holds, or will when all it was given is written: how far it reaches, and where in it things stand. */
export interface PartExtent {
  /** Next record sequence. */
  position: number
  /** First sample behind all that is held. */
  endSample: number
  sealed: boolean
  /** Where the next entry will stand. */
  bytes: number
  /** marks[k]: where the entry of sequence k × MARK_EVERY stands. */
  readonly marks: number[]
}

export const emptyExtent = (start: number): PartExtent => ({
  position: 0,
  endSample: 0,
  sealed: false,
  bytes: start,
  marks: [],
})

/** Takes the next entry into account, `length` bytes long. */
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

/** A byte at or before the entry of this sequence, as near to it as is remembered. */
export function markNear(
  { marks }: { readonly marks: readonly number[] },
  sequence: number,
): number | undefined {
  return marks[Math.floor(sequence / MARK_EVERY)] ?? marks.at(-1)
}

/** How far whole records of unbroken sequence reach in a file, whose first entry stands at `start`. */
export async function measureExtent(file: LogFile, start: number): Promise<PartExtent> {
  const extent = emptyExtent(start)
  for await (const entries of readEntries(file, start)) {
    for (const entry of entries) {
      if (entry.sequence !== extent.position) return extent
      extend(extent, entry, entry.length)
    }
  }
  return extent
}

/** What a repair cut off, and the file beside the part that keeps it when it was more than one torn record. */
export interface CutTail {
  readonly bytes: number
  readonly keptIn?: string
}

/** A torn record is gone for good; a longer tail (damage in the middle) is kept beside the file for a person to look at. */
export async function cutTail(
  { fs, path }: Pick<PartPlace, 'fs' | 'path'>,
  file: LogFile,
  extent: PartExtent,
): Promise<CutTail | undefined> {
  const { size } = await file.stat()
  if (size <= extent.bytes) return undefined
  const tail = await readUpTo(file, size - extent.bytes, extent.bytes)
  const aside = `${path}.${extent.position}.cut`
  const keptIn = mayHoldRecords(tail) ? await keepAside(fs, aside, tail) : undefined
  await file.truncate(extent.bytes)
  await file.datasync()
  return { bytes: size - extent.bytes, ...(keptIn && { keptIn }) }
}

async function keepAside(fs: FileSystem, aside: string, tail: Buffer): Promise<string | undefined> {
  try {
    const file = await fs.open(aside, 'w+')
    await writeAll(file, tail, 0)
      .then(() => file.sync())
      .finally(() => file.close())
    return aside
  } catch (error) {
    if (!isDiskFull(error)) throw error
    await fs.remove(aside) // a full disk must not keep the rest from being opened
    return undefined
  }
}

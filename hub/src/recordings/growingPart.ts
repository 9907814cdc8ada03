import type { PartFile, PartReader } from '@3cx-ninja/recording-log/partFile.ts'
import { readEntry, type EntryHead } from '@3cx-ninja/recording-log/recordCipher.ts'

/** A part that can still grow: its file is open, and entries wait in memory to be moved there. */
export interface GrowingPart {
  readonly file: PartFile
  /** Everything taken so far, from the file and from memory. */
  readonly reader: PartReader
  touchedMs: number
  /** Up to here it survives a power cut: flushed in this file, or in the journal. */
  flushed: number
  /**
   * Up to here it stands in the journal, so that it may move to the file. Nothing else may: after a crash a start finds
   * in the file what was never flushed anywhere, and only the journal tells what to write again.
   */
  journaled: number
  /** Takes an entry that `file` has encoded or adopted. */
  add(entry: Buffer): void
  /** Writes what waits and is journaled; on failure it goes on waiting. */
  write(): Promise<void>
  /** Flushes what was written since the last flush. */
  flush(): Promise<void>
  /** What still waits is dropped; safe twice. */
  close(): Promise<void>
}

export interface GrowingPartNeeds {
  readonly file: PartFile
  readonly touchedMs: number
  /** The file may hold what was never flushed. */
  readonly dirty: boolean
  /** Counts what waits, in all parts together. */
  readonly waiting: { bytes: number }
}

export function createGrowingPart(needs: GrowingPartNeeds): GrowingPart {
  const { file, touchedMs } = needs
  let waiting: Buffer[] = []
  let dirty = needs.dirty
  /** Records in the file; what waits follows them. */
  let written = file.position
  let closed = false
  // Writes, flushes and closing never overlap.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(() => (closed ? undefined : work()))
    turn = done.catch(() => undefined)
    return done
  }
  const drop = (entries: readonly Buffer[]) => {
    for (const entry of entries) needs.waiting.bytes -= entry.length
  }

  const part: GrowingPart = {
    file,
    reader: {
      header: file.header,
      async *read(from) {
        const [inFile, inMemory] = [written, [...waiting]]
        for await (const records of file.read(from)) {
          const wanted = records.filter(({ sequence }) => sequence < inFile)
          if (wanted.length > 0) yield wanted
        }
        const wanted = headsOf(inMemory).filter(({ sequence }) => sequence >= from)
        if (wanted.length > 0) yield wanted.map((entry) => file.decode(entry))
      },
      async sequenceAt(sample) {
        const [inFile, inMemory] = [written, [...waiting]]
        const found = Math.min(await file.sequenceAt(sample), Math.max(0, inFile - 1))
        if (found < inFile - 1) return found
        return headsOf(inMemory).findLast(({ firstSample }) => firstSample <= sample)?.sequence ?? found
      },
    },
    touchedMs,
    flushed: 0,
    journaled: file.position,
    add(entry) {
      waiting.push(entry)
      needs.waiting.bytes += entry.length
    },
    write: () =>
      inTurn(async () => {
        const batch = waiting.slice(0, Math.max(0, part.journaled - written))
        if (batch.length === 0) return
        await file.write(batch)
        dirty = true
        written += batch.length
        waiting = waiting.slice(batch.length)
        drop(batch)
      }),
    flush: () =>
      inTurn(async () => {
        if (!dirty) return
        const upTo = written
        await file.datasync()
        dirty = false
        part.flushed = Math.max(part.flushed, upTo)
      }),
    close: () =>
      inTurn(async () => {
        closed = true
        drop(waiting)
        waiting = []
        await file.close()
      }),
  }
  return part
}

const headsOf = (entries: readonly Buffer[]): readonly EntryHead[] =>
  entries.flatMap((entry) => readEntry(entry, 0) ?? [])

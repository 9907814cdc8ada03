import type { PartFile, PartReader } from '@3cx-ninja/recording-log/partFile.ts'
import { ENTRY_PREFIX_BYTES, readEntry, type EntryHead } from '@3cx-ninja/recording-log/recordCipher.ts'
import { createByteQueue } from '../journal/byteQueue.ts'
import type { PartRef } from '../recordingState.ts'

/** A part that can still grow: its file is open, and entries wait in memory to be moved there. */
export interface OpenPart {
  readonly file: PartFile
  /** As the journal names the part: made once, not for each record. */
  readonly reference: string
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
  /** Copies an entry that `file` has encoded or adopted. */
  add(entry: Buffer): void
  /** Writes what waits and is journaled; on failure it goes on waiting. */
  write(): Promise<void>
  /** Flushes what was written since the last flush. */
  flush(): Promise<void>
  /** What still waits is dropped; safe twice. */
  close(): Promise<void>
}

export const referenceOf = ({ recordingId, part }: PartRef) => `${recordingId}/${part}`

/** A live call adds about 5 KB between two moves. */
const KEPT_BYTES = 16_384

export interface OpenPartNeeds {
  readonly file: PartFile
  readonly touchedMs: number
  /** The file may hold what was never flushed. */
  readonly dirty: boolean
  /** Counts what waits, in all parts together. */
  readonly waiting: { bytes: number }
}

export function createOpenPart(needs: OpenPartNeeds): OpenPart {
  const { file, touchedMs } = needs
  const waiting = createByteQueue(KEPT_BYTES)
  let dirty = needs.dirty
  /** Records in the file; what waits follows them. */
  let written = file.position
  let closed = false
  // Writes never overlap, nor do flushes; closing waits for both. A write need not wait for a flush: a flush counts for what
  // was written when it began, and if the disk refuses it, all since the last one is written again.
  const inTurn = () => {
    let turn: Promise<unknown> = Promise.resolve()
    return (work: () => Promise<void>): Promise<void> => {
      const done = turn.then(() => (closed ? undefined : work()))
      turn = done.catch(() => undefined)
      return done
    }
  }
  const [writing, flushing] = [inTurn(), inTurn()]
  const drop = (bytes: number) => {
    waiting.drop(bytes)
    needs.waiting.bytes -= bytes
  }

  const part: OpenPart = {
    file,
    reference: referenceOf(file.header),
    reader: {
      header: file.header,
      async *read(from) {
        const [inFile, inMemory] = [written, Buffer.from(waiting.peek())]
        for await (const records of file.read(from)) {
          const wanted = records.filter(({ sequence }) => sequence < inFile)
          if (wanted.length > 0) yield wanted
        }
        const wanted = headsOf(inMemory).filter(({ sequence }) => sequence >= from)
        if (wanted.length > 0) yield wanted.map((entry) => file.decode(entry))
      },
      async sequenceAt(sample) {
        const [inFile, inMemory] = [written, Buffer.from(waiting.peek())]
        const found = Math.min(await file.sequenceAt(sample), Math.max(0, inFile - 1))
        if (found < inFile - 1) return found
        return headsOf(inMemory).findLast(({ firstSample }) => firstSample <= sample)?.sequence ?? found
      },
    },
    touchedMs,
    flushed: 0,
    journaled: file.position,
    add(entry) {
      waiting.add(entry)
      needs.waiting.bytes += entry.length
    },
    write: () =>
      writing(async () => {
        const upTo = part.journaled
        if (upTo <= written) return
        const bytes = waiting.peek()
        const batch = bytes.subarray(0, endOf(bytes, upTo - written))
        await file.write([batch])
        dirty = true
        written = upTo
        drop(batch.length)
      }),
    flush: () =>
      flushing(async () => {
        if (!dirty) return
        const upTo = written
        dirty = false
        try {
          await file.datasync()
        } catch (error) {
          dirty = true
          throw error
        }
        part.flushed = Math.max(part.flushed, upTo)
      }),
    close: () =>
      writing(() =>
        flushing(async () => {
          closed = true
          drop(waiting.length)
          await file.close()
        }),
      ),
  }
  return part
}

/** Where the first so many entries end. */
function endOf(bytes: Buffer, entries: number): number {
  let at = 0
  for (let n = 0; n < entries; n++) at += ENTRY_PREFIX_BYTES + bytes.readUInt32BE(at)
  return at
}

function headsOf(bytes: Buffer): readonly EntryHead[] {
  const heads: EntryHead[] = []
  for (let at = 0; at < bytes.length; at += heads.at(-1)?.length ?? bytes.length) {
    const head = readEntry(bytes, at)
    if (!head) break
    heads.push(head)
  }
  return heads
}

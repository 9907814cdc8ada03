import { createSerialQueue, type SerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import type { LogRecord } from '@3cx-ninja/protocol'
import type { PartFile, PartReader } from '@3cx-ninja/recording-log/partFile.ts'
import { ENTRY_PREFIX_BYTES, readEntry, type EntryHead } from '@3cx-ninja/recording-log/recordCipher.ts'
import { createByteQueue, type ByteQueue } from '../journal/byteQueue.ts'
import type { PartRef } from '../recordingState.ts'
import type { ShareCounter } from '../shares.ts'

/**
 * A part that can still grow: its file is open, and entries wait in memory to be written there. It is open until `close`,
 * and never opens again. Knows nothing of the journal except how far it has come.
 *
 * Its watermarks are positions, numbers of records from the part's beginning:
 * - `file.position`: all records accepted so far, the greatest of the four;
 * - `journaled`: up to here the journal has the records flushed, so they may be written to the part's own file;
 * - `written` (inside): up to here they stand in that file, perhaps only in the system's memory; never above `journaled`;
 * - `flushed`: up to here the part survives a power cut, in this file or in the journal.
 */
export interface OpenPart {
  readonly file: PartFile
  /** The part's name in the journal, made once and not for each record. */
  readonly reference: string
  /** Reads everything accepted so far, from the file and from memory. */
  readonly reader: PartReader
  /** When a record was last added, monotonic. */
  touchedMs: number
  /** Up to here the part survives a power cut: flushed in this file, or in the journal. */
  flushed: number
  /**
   * Up to here the records stand in the journal, so that they may be written to the file. Nothing else may: after a crash a
   * start finds records in the file that were never flushed anywhere, and only the journal shows which to write again.
   */
  journaled: number
  /** Returns whether entries wait in memory. */
  waits(): boolean
  /** Copies an entry that `file` has encoded or adopted; it waits in memory. */
  add(entry: Buffer): void
  /** Resolves once the journaled entries that waited are written. Rejects when the disk refuses; the entries go on waiting. */
  write(): Promise<void>
  /** Resolves once all that was written is flushed. Rejects when the disk refuses; the next call flushes all of it again. */
  flush(): Promise<void>
  /** Drops what still waits and closes the file, after the running write and flush. Safe twice. */
  close(): Promise<void>
}

/** Returns the name by which the journal refers to a part. */
export const referenceOf = ({ recordingId, part }: PartRef) => `${recordingId}/${part}`

/** A live call adds about 5 KB between two checkpoints. */
const KEPT_BYTES = 16_384

export interface OpenPartNeeds {
  readonly file: PartFile
  readonly touchedMs: number
  /** The file may hold bytes that were never flushed. */
  readonly dirty: boolean
  /** Counts the bytes that wait in memory, of all parts of its agent together. */
  readonly unwritten: ShareCounter
}

interface State {
  readonly needs: OpenPartNeeds
  readonly pending: ByteQueue
  // Writes never overlap, nor do flushes; closing waits for both. A write need not wait for a flush: a flush counts for what
  // was written when it began, and if the disk refuses it, all since the last one is written again.
  readonly writes: SerialQueue
  readonly flushes: SerialQueue
  /** Records in the file; the pending ones follow them. */
  written: number
  dirty: boolean
  closed: boolean
}

/** Creates an open part of a file that was just created or opened; everything in the file counts as journaled. */
export function createOpenPart(needs: OpenPartNeeds): OpenPart {
  const { file, touchedMs, dirty } = needs
  const state: State = {
    needs,
    pending: createByteQueue(KEPT_BYTES),
    writes: createSerialQueue(),
    flushes: createSerialQueue(),
    written: file.position,
    dirty,
    closed: false,
  }
  const unlessClosed = (work: () => Promise<void>) => (state.closed ? undefined : work())
  const part: OpenPart = {
    file,
    reference: referenceOf(file.header),
    reader: {
      header: file.header,
      read: (from) => readFrom(state, from),
      sequenceAt: (sample) => sequenceAt(state, sample),
    },
    touchedMs,
    flushed: 0,
    journaled: file.position,
    waits: () => state.pending.length > 0,
    add(entry) {
      state.pending.add(entry)
      needs.unwritten.add(entry.length)
    },
    write: () => state.writes.run(() => unlessClosed(() => write(state, part.journaled))),
    flush: () =>
      state.flushes.run(() =>
        unlessClosed(async () => {
          part.flushed = Math.max(part.flushed, await flush(state))
        }),
      ),
    close: () =>
      state.writes.run(() => unlessClosed(() => state.flushes.run(() => unlessClosed(() => close(state))))),
  }
  return part
}

async function* readFrom(state: State, from: number): AsyncGenerator<readonly LogRecord[]> {
  const { file } = state.needs
  const [inFile, inMemory] = [state.written, Buffer.from(state.pending.peek())]
  for await (const records of file.read(from)) {
    const wanted = records.filter(({ sequence }) => sequence < inFile)
    if (wanted.length > 0) yield wanted
  }
  const wanted = headsOf(inMemory).filter(({ sequence }) => sequence >= from)
  if (wanted.length > 0) yield wanted.map((entry) => file.decode(entry))
}

async function sequenceAt(state: State, sample: number): Promise<number> {
  const [inFile, inMemory] = [state.written, Buffer.from(state.pending.peek())]
  const found = Math.min(await state.needs.file.sequenceAt(sample), Math.max(0, inFile - 1))
  if (found < inFile - 1) return found
  return headsOf(inMemory).findLast(({ firstSample }) => firstSample <= sample)?.sequence ?? found
}

async function write(state: State, upTo: number): Promise<void> {
  if (upTo <= state.written) return
  const bytes = state.pending.peek()
  const batch = bytes.subarray(0, endOf(bytes, upTo - state.written))
  await state.needs.file.write([batch])
  state.dirty = true
  state.written = upTo
  drop(state, batch.length)
}

/** Resolves with the position that is flushed; 0 when nothing had to be. */
async function flush(state: State): Promise<number> {
  if (!state.dirty) return 0
  const upTo = state.written
  state.dirty = false
  try {
    await state.needs.file.datasync()
  } catch (error) {
    state.dirty = true
    throw error
  }
  return upTo
}

async function close(state: State): Promise<void> {
  state.closed = true
  drop(state, state.pending.length)
  await state.needs.file.close()
}

function drop({ pending, needs }: State, bytes: number): void {
  pending.drop(bytes)
  needs.unwritten.add(-bytes)
}

/** Returns where the first so many entries end. */
function endOf(bytes: Buffer, entries: number): number {
  let offset = 0
  for (let n = 0; n < entries; n++) offset += ENTRY_PREFIX_BYTES + bytes.readUInt32BE(offset)
  return offset
}

function headsOf(bytes: Buffer): readonly EntryHead[] {
  const heads: EntryHead[] = []
  for (let offset = 0; offset < bytes.length; offset += heads.at(-1)?.length ?? bytes.length) {
    const head = readEntry(bytes, offset)
    if (!head) break
    heads.push(head)
  }
  return heads
}

import {
  toError,
  type Channel,
  type Clock,
  type LogRecord,
  type PartHeader,
  type RecordKind,
} from '@3cx-ninja/protocol'
import { createSerialQueue, type SerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import { isDiskFull } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { PartFile } from '@3cx-ninja/recording-log/partFile.ts'

/** A record to which the file has not given a sequence yet. */
export interface RecordDraft {
  readonly kind: Exclude<RecordKind, 'sealed'>
  readonly channel: Channel
  readonly firstSample: number
  readonly payload: Uint8Array
}

/** Not ok: the drafts stay in memory, in their order, and are written by the next call; `closed`: they were not accepted. */
export type WriteOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'disk-full' | 'io' | 'closed'; readonly detail: string }

export interface RecordingWriter {
  readonly header: PartHeader
  /** Sequence of the next record: how many were accepted. */
  readonly position: number
  /** Writes what belongs together (100 ms of both channels). Resolves once it would survive a kill of this process. Never rejects. */
  append(drafts: readonly RecordDraft[]): Promise<WriteOutcome>
  /**
   * Writes the sealed record, flushes, closes. Resolves once the recording is complete. Never rejects; may be called again
   * after a refusal. `endSample`: first sample after the whole recording, where its last stretch is silence (a pause).
   */
  seal(endSample?: number): Promise<WriteOutcome>
  /** Closes without sealing, so that a next part may follow. What the disk refused until now is lost. */
  close(): Promise<void>
}

/** A part on this PC. */
export interface PartState {
  readonly file: PartFile
  /** Records written to disk; `file.position` may be ahead while a write is under way. */
  written: number
  /** No record will be added. */
  closed: boolean
}

export interface WriterNeeds {
  readonly part: PartState
  readonly clock: Clock
  readonly flushMs: number
  readonly maxWaitingBytes: number
  readonly onGrowth: () => void
}

interface WriterState {
  readonly needs: WriterNeeds
  readonly part: PartState
  readonly queue: SerialQueue
  /** Encoded records that are not on disk yet. */
  waiting: Buffer[]
  waitingBytes: number
  /** After an overflow the writer rejects everything: later records would reuse the lost sequence numbers. */
  overflowed: boolean
  cancelFlush: (() => void) | undefined
  flushFault: unknown
}

/**
 * Appends to one part, in the order of the calls. States: open, sealed (left by closing), closed (final). Knows nothing of
 * the recording's other parts: `recordingFile.ts` begins and lists them.
 */
export function createRecordingWriter(needs: WriterNeeds): RecordingWriter {
  const { part } = needs
  const { file } = part
  const writer: WriterState = {
    needs,
    part,
    queue: createSerialQueue(),
    waiting: [],
    waitingBytes: 0,
    overflowed: false,
    cancelFlush: undefined,
    flushFault: undefined,
  }
  return {
    header: file.header,
    get position() {
      return file.position
    },
    append: (drafts) => append(writer, drafts),
    seal(endSample = 0) {
      if (!part.closed && !file.sealed) enqueueRecord(writer, sealAt(file, endSample))
      return inTurn(writer, async () => {
        if (part.closed) return { ok: true }
        const outcome = await write(writer)
        return outcome.ok ? finish(writer) : outcome
      })
    },
    async close() {
      await inTurn(writer, () => write(writer))
      const outcome = await inTurn(writer, () => finish(writer))
      if (outcome.ok) return
      part.closed = true
      await file.close()
    },
  }
}

function inTurn({ queue }: WriterState, work: () => Promise<WriteOutcome>): Promise<WriteOutcome> {
  return queue.run(work).catch(refusalOf)
}

function append(writer: WriterState, drafts: readonly RecordDraft[]): Promise<WriteOutcome> {
  const { part, needs } = writer
  const { file } = part
  if (part.closed || file.sealed) return Promise.resolve(CLOSED)
  writer.overflowed ||= writer.waitingBytes > needs.maxWaitingBytes
  if (!writer.overflowed)
    for (const draft of drafts) enqueueRecord(writer, { ...draft, sequence: file.position })
  return inTurn(writer, async () => {
    const outcome = await write(writer)
    return outcome.ok && writer.overflowed ? OVERFLOWED : outcome
  })
}

function enqueueRecord(writer: WriterState, record: LogRecord): void {
  const entry = writer.part.file.encode(record)
  writer.waiting.push(entry)
  writer.waitingBytes += entry.length
}

/** Writes what waits. What a full disk refused stays in memory and is written first the next time, so the log has no hole. */
async function write(writer: WriterState): Promise<WriteOutcome> {
  const { part, needs, waiting: batch } = writer
  const { position } = part.file
  writer.waiting = []
  try {
    if (batch.length > 0) await part.file.write(batch)
  } catch (error) {
    writer.waiting = batch.concat(writer.waiting)
    return refusalOf(error)
  }
  for (const entry of batch) writer.waitingBytes -= entry.length
  if (position > part.written) {
    part.written = position
    flushSoon(writer)
    needs.onGrowth()
  }
  const fault = writer.flushFault
  writer.flushFault = undefined
  return fault === undefined ? { ok: true } : refusalOf(fault)
}

function flushSoon(writer: WriterState): void {
  const { part, needs } = writer
  writer.cancelFlush ??= needs.clock.after(needs.flushMs, () => {
    writer.cancelFlush = undefined
    part.file.datasync().then(
      () => (writer.flushFault = undefined),
      (error: unknown) => {
        writer.flushFault = error // reported with the next append; the next flush writes the same records again
        if (!part.closed) flushSoon(writer) // in a pause no append comes for a long time
      },
    )
  })
}

async function finish({ part, needs, cancelFlush }: WriterState): Promise<WriteOutcome> {
  if (part.closed) return { ok: true }
  cancelFlush?.()
  await part.file.datasync()
  part.closed = true
  await part.file.close()
  needs.onGrowth()
  return { ok: true }
}

const CLOSED: WriteOutcome = { ok: false, reason: 'closed', detail: 'the recording is sealed' }
const OVERFLOWED: WriteOutcome = {
  ok: false,
  reason: 'disk-full',
  detail: 'the disk refused for so long that the rest of this recording is lost',
}

function refusalOf(error: unknown): WriteOutcome {
  const detail = toError(error).message
  return { ok: false, reason: isDiskFull(error) ? 'disk-full' : 'io', detail }
}

function sealAt(file: PartFile, endSample: number): LogRecord {
  return {
    sequence: file.position,
    kind: 'sealed',
    channel: 'agent',
    firstSample: Math.max(file.endSample, endSample),
    payload: new Uint8Array(),
  }
}

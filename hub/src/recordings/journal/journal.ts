import { createSerialQueue, type SerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import { toError, type Clock } from '@3cx-ninja/protocol'
import { writeAll, type FileSystem, type LogFile } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { RecordingsTuning } from '../tuning.ts'
import { createByteQueue, type ByteQueue } from './byteQueue.ts'
import { lineBytes, segmentPath, writeLine } from './journalLine.ts'

/**
 * The journal of all open parts: one flush acknowledges the records of every agent. Its current segment grows until `rotate`;
 * a closed segment stays until `discardClosed`. Lines wait in memory until a flush succeeds; a disk that refuses is retried
 * after `retryMs`. Knows nothing of parts: a line is a reference and an encrypted entry.
 */
export interface Journal {
  /** Returns the line's number; the line is durable once `onFlushed` reports this number or a higher one. */
  append(reference: string, entry: Buffer): number
  readonly unflushedBytes: number
  readonly segmentBytes: number
  /** Flushes, then goes on in a new segment. Rejects when the disk refuses; then nothing has changed. */
  rotate(): Promise<void>
  /** Deletes every closed segment: its records must be flushed elsewhere. Rejects when the disk refuses. */
  discardClosed(): Promise<void>
  /** Flushes what waits and closes. Rejects when the disk refuses; the waiting lines were not acknowledged. Safe twice. */
  stop(): Promise<void>
}

export interface JournalNeeds {
  readonly folder: string
  readonly fs: FileSystem
  readonly clock: Clock
  readonly tuning: RecordingsTuning
  readonly firstSegment: number
  /** Called after each flush: every line up to and including this number is durable. */
  readonly onFlushed: (upTo: number) => void
  /** Called when the disk refuses, and with undefined once it works again. */
  readonly onDiskFault: (error: Error | undefined) => void
}

/** 1,000 calls add about 120 KB between two flushes; a slow disk lets more wait. */
const KEPT_BYTES = 1_048_576

interface State {
  readonly needs: JournalNeeds
  readonly pending: ByteQueue
  /** Flushing and rotating exclude each other: both change where the next line is written. */
  readonly queue: SerialQueue
  segment: number
  closedSegments: readonly number[]
  file: LogFile
  fileBytes: number
  /** Number of the last appended line. */
  appended: number
  lastFlushMs: number
  cancelTimer: (() => void) | undefined
  flushing: boolean
  stopped: boolean
  faulty: boolean
}

/** Opens a journal with a new segment; never two flushes run at a time. Rejects when the segment cannot be created. */
export async function openJournal(needs: JournalNeeds): Promise<Journal> {
  const { fs, folder, firstSegment } = needs
  const state: State = {
    needs,
    pending: createByteQueue(KEPT_BYTES),
    queue: createSerialQueue(),
    segment: firstSegment,
    closedSegments: [],
    file: await openSegment(fs, folder, firstSegment),
    fileBytes: 0,
    appended: 0,
    lastFlushMs: -Infinity,
    cancelTimer: undefined,
    flushing: false,
    stopped: false,
    faulty: false,
  }
  return {
    append(reference, entry) {
      state.appended += 1
      writeLine(state.pending.space(lineBytes(reference, entry)), reference, entry)
      schedule(state, 0)
      return state.appended
    },
    get unflushedBytes() {
      return state.pending.length
    },
    get segmentBytes() {
      return state.fileBytes
    },
    rotate: () => state.queue.run(() => rotate(state)),
    async discardClosed() {
      for (const segment of state.closedSegments) {
        await fs.remove(segmentPath(folder, segment))
        state.closedSegments = state.closedSegments.filter((number) => number !== segment)
      }
    },
    async stop() {
      if (state.stopped) return
      state.stopped = true
      state.cancelTimer?.()
      await state.queue.run(() => flush(state).finally(() => state.file.close()))
    },
  }
}

function schedule(state: State, leastMs: number): void {
  if (state.cancelTimer || state.flushing || state.stopped) return
  const { clock, tuning } = state.needs
  const delayMs = Math.max(leastMs, state.lastFlushMs + tuning.flushEveryMs - clock.monotonicMs())
  state.cancelTimer = clock.after(delayMs, () => {
    state.cancelTimer = undefined
    state.flushing = true
    void flushOrReport(state).then((pauseMs) => {
      state.flushing = false
      if (state.pending.length > 0) schedule(state, pauseMs)
    })
  })
}

/** Resolves with the least time before the next flush: longer after a failure. */
async function flushOrReport(state: State): Promise<number> {
  try {
    await state.queue.run(() => flush(state))
    return 0
  } catch (error) {
    state.faulty = true
    state.needs.onDiskFault(toError(error))
    return state.needs.tuning.retryMs
  }
}

async function flush(state: State): Promise<void> {
  const { needs, pending } = state
  state.lastFlushMs = needs.clock.monotonicMs()
  if (pending.length === 0) return
  const bytes = pending.peek()
  const upTo = state.appended
  // When the disk refuses, all this goes on waiting and is written again at the same offset: nothing is doubled.
  await writeAll(state.file, bytes, state.fileBytes)
  await state.file.datasync()
  state.fileBytes += bytes.length
  pending.drop(bytes.length)
  if (state.faulty) {
    state.faulty = false
    needs.onDiskFault(undefined)
  }
  needs.onFlushed(upTo)
}

async function rotate(state: State): Promise<void> {
  await flush(state)
  const next = await openSegment(state.needs.fs, state.needs.folder, state.segment + 1)
  const old = state.file
  state.file = next
  state.fileBytes = 0
  state.closedSegments = [...state.closedSegments, state.segment]
  state.segment += 1
  await old.close()
}

async function openSegment(fs: FileSystem, folder: string, segment: number): Promise<LogFile> {
  const file = await fs.open(segmentPath(folder, segment), 'w+')
  try {
    await fs.syncFolder(folder)
  } catch (error) {
    await file.close()
    throw error
  }
  return file
}

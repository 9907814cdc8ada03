import type { Clock } from '@3cx-ninja/protocol'
import { writeAll, type FileSystem, type LogFile } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createByteQueue } from './byteQueue.ts'
import { lineBytes, segmentPath, writeLine } from './journalLine.ts'
import type { RecordingsTuning } from '../tuning.ts'

/** The journal of all growing recordings: one flush acknowledges everybody. */
export interface Journal {
  /** Takes an entry; it is on disk when `onFlushed` names a number at or above the returned one. */
  append(reference: string, entry: Buffer): number
  readonly unflushedBytes: number
  readonly segmentBytes: number
  /** Flushes, then goes on in a new segment. Rejects when the disk refuses; then nothing has changed. */
  rotate(): Promise<void>
  /** Deletes every closed segment: their records must be flushed elsewhere. */
  discardClosed(): Promise<void>
  /** Flushes what waits and closes. Rejects when the disk refuses; what waited was not acknowledged. */
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
  readonly onDiskFault: (error: Error | undefined) => void
}

/** 1,000 calls add about 120 KB between two flushes; a slow disk lets more wait. */
const KEPT_BYTES = 1_048_576

/** Opens a journal that writes what all recordings appended with one flush for everybody, never two at a time. */
export async function openJournal(needs: JournalNeeds): Promise<Journal> {
  const { fs, clock, tuning, folder } = needs
  let segment = needs.firstSegment
  let closed: readonly number[] = []
  let file = await openSegment(fs, folder, segment)
  let fileBytes = 0
  const waiting = createByteQueue(KEPT_BYTES)
  let appended = 0
  let lastFlushMs = -Infinity
  let cancelTimer: (() => void) | undefined
  let flushing = false
  let stopped = false
  let faulty = false

  // Flushing and changing the segment exclude each other: both move the place where the next line stands.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }

  const flush = async () => {
    lastFlushMs = clock.monotonicMs()
    if (waiting.length === 0) return
    const bytes = waiting.peek()
    const upTo = appended
    // When the disk refuses, all this goes on waiting, and is written again at the same place: nothing is doubled.
    await writeAll(file, bytes, fileBytes)
    await file.datasync()
    fileBytes += bytes.length
    waiting.drop(bytes.length)
    if (faulty) {
      faulty = false
      needs.onDiskFault(undefined)
    }
    needs.onFlushed(upTo)
  }

  const flushOrTell = () =>
    inTurn(flush).then(
      () => 0,
      (error: unknown) => {
        faulty = true
        needs.onDiskFault(error instanceof Error ? error : new Error(String(error)))
        return tuning.retryMs
      },
    )

  const schedule = (leastMs: number) => {
    if (cancelTimer || flushing || stopped) return
    const delayMs = Math.max(leastMs, lastFlushMs + tuning.flushEveryMs - clock.monotonicMs())
    cancelTimer = clock.after(delayMs, () => {
      cancelTimer = undefined
      flushing = true
      void flushOrTell().then((pauseMs) => {
        flushing = false
        if (waiting.length > 0) schedule(pauseMs)
      })
    })
  }

  return {
    append(reference, entry) {
      appended += 1
      writeLine(waiting.space(lineBytes(reference, entry)), reference, entry)
      schedule(0)
      return appended
    },
    get unflushedBytes() {
      return waiting.length
    },
    get segmentBytes() {
      return fileBytes
    },
    rotate: () =>
      inTurn(async () => {
        await flush()
        const next = await openSegment(fs, folder, segment + 1)
        const old = file
        file = next
        fileBytes = 0
        closed = [...closed, segment]
        segment += 1
        await old.close()
      }),
    async discardClosed() {
      for (const each of closed) {
        await fs.remove(segmentPath(folder, each))
        closed = closed.filter((number) => number !== each)
      }
    },
    async stop() {
      if (stopped) return
      stopped = true
      cancelTimer?.()
      await inTurn(() => flush().finally(() => file.close()))
    },
  }
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

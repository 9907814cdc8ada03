import type { Channel, Clock, LogRecord, PartHeader, RecordKind } from '@3cx-ninja/protocol'
import { isDiskFull } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { PartFile } from '@3cx-ninja/recording-log/partFile.ts'

/** A record before the file gives it its sequence. */
export interface RecordDraft {
  readonly kind: Exclude<RecordKind, 'sealed'>
  readonly channel: Channel
  readonly firstSample: number
  readonly payload: Uint8Array
}

/** Not ok: what was given is kept in memory, in its order, and goes out with the next call; `closed`: it was not taken. */
export type WriteOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'disk-full' | 'io' | 'closed'; readonly detail: string }

export interface RecordingWriter {
  readonly header: PartHeader
  /** Sequence of the next record: how many were taken. */
  readonly position: number
  /** Writes what belongs together (100 ms of both channels) and resolves when it would survive a kill of this process. */
  append(drafts: readonly RecordDraft[]): Promise<WriteOutcome>
  /**
   * Writes the sealed record, flushes, closes. The recording is complete. May be called again after a refusal.
   * `endSample`: first sample behind all of it, where silence (a pause) stands last.
   */
  seal(endSample?: number): Promise<WriteOutcome>
  /** Closes without sealing: the next part goes on. What the disk refused until now is lost. */
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

/** Appends to one part, in the order of the calls. */
export function createRecordingWriter({ part: held, clock, ...needs }: WriterNeeds): RecordingWriter {
  const { file } = held
  let waiting: Buffer[] = []
  let waitingBytes = 0
  /** Once something was left out for want of memory, nothing more is taken: what follows would bear its sequence. */
  let overflowed = false
  let turn: Promise<unknown> = Promise.resolve()
  let cancelFlush: (() => void) | undefined
  let flushFault: unknown

  const inTurn = (work: () => Promise<WriteOutcome>): Promise<WriteOutcome> => {
    const done = turn.then(work).catch(refusalOf)
    turn = done
    return done
  }
  const add = (record: LogRecord) => {
    const entry = file.encode(record)
    waiting.push(entry)
    waitingBytes += entry.length
  }
  const flushSoon = () => {
    cancelFlush ??= clock.after(needs.flushMs, () => {
      cancelFlush = undefined
      file.datasync().then(
        () => (flushFault = undefined),
        (error: unknown) => {
          flushFault = error // told with the next append; the next flush writes it again
          if (!held.closed) flushSoon() // in a pause no append comes for long
        },
      )
    })
  }
  // What a full disk refused stays in memory and goes out first with the next write: the log has no hole.
  const write = async (): Promise<WriteOutcome> => {
    const batch = waiting
    const position = file.position
    waiting = []
    try {
      if (batch.length > 0) await file.write(batch)
    } catch (error) {
      waiting = batch.concat(waiting)
      return refusalOf(error)
    }
    for (const entry of batch) waitingBytes -= entry.length
    if (position > held.written) {
      held.written = position
      flushSoon()
      needs.onGrowth()
    }
    const fault = flushFault
    flushFault = undefined
    return fault === undefined ? { ok: true } : refusalOf(fault)
  }
  const finish = async (): Promise<WriteOutcome> => {
    if (held.closed) return { ok: true }
    cancelFlush?.()
    await file.datasync()
    held.closed = true
    await file.close()
    needs.onGrowth()
    return { ok: true }
  }

  return {
    header: file.header,
    get position() {
      return file.position
    },
    append(drafts) {
      if (held.closed || file.sealed) return Promise.resolve(CLOSED)
      overflowed ||= waitingBytes > needs.maxWaitingBytes
      if (!overflowed) for (const draft of drafts) add({ ...draft, sequence: file.position })
      return inTurn(async () => {
        const outcome = await write()
        return outcome.ok && overflowed ? OVERFLOWED : outcome
      })
    },
    seal(endSample = 0) {
      if (!held.closed && !file.sealed) add(sealAt(file, endSample))
      return inTurn(async () => {
        if (held.closed) return { ok: true }
        const outcome = await write()
        return outcome.ok ? finish() : outcome
      })
    },
    async close() {
      await inTurn(write)
      const outcome = await inTurn(finish)
      if (outcome.ok) return
      held.closed = true
      await file.close()
    },
  }
}

const CLOSED: WriteOutcome = { ok: false, reason: 'closed', detail: 'the recording is sealed' }
const OVERFLOWED: WriteOutcome = {
  ok: false,
  reason: 'disk-full',
  detail: 'the disk refused for so long that the rest of this recording is lost',
}

function refusalOf(error: unknown): WriteOutcome {
  const detail = error instanceof Error ? error.message : String(error)
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

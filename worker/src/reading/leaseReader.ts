import { createSerialQueue, type SerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import type { Lease, LogRecord, PartHeader, Utterance } from '@3cx-ninja/protocol'
import { createAcknowledger, type Acknowledger } from './acknowledger.ts'
import { openPartReader, type PartReader, type RecognitionContext } from './partReader.ts'

export type { RecognitionContext } from './partReader.ts'

export interface LeaseReaderNeeds {
  readonly lease: Lease
  readonly recognition: RecognitionContext
  /** `lagMs`: how long ago the last word of the utterance was spoken, as far as this worker can measure. */
  readonly onUtterance: (utterance: Utterance, lagMs: number) => void
  readonly onAcknowledge: (part: number, position: number) => void
  /** The recording is transcribed to its seal. */
  readonly onDone: () => void
  /** The recording cannot be transcribed here: it must go to another worker. Called at most once, and nothing is called after it. */
  readonly onBroken: (error: unknown) => void
}

/**
 * Reads the recording of one lease, part after part: records in, utterances out. Each call only adds work to a serial queue,
 * so that callers never wait. A reader is between parts or has one part open, until it is done, breaks or is stopped.
 * Knows nothing of the link: leases.ts turns its callbacks into messages.
 */
export interface LeaseReader {
  partFollows(header: PartHeader): void
  records(part: number, records: readonly LogRecord[]): void
  partEnds(part: number, position: number, last: boolean): void
  /** Returns for how long the oldest work that was given to the reader has been waiting or under way, in ms; 0: none. */
  behindMs(): number
  stop(): void
}

interface ReaderState {
  readonly needs: LeaseReaderNeeds
  readonly stopping: AbortController
  readonly queue: SerialQueue
  /** When each work that has not ended was added, monotonic, the oldest first. */
  readonly addedMs: number[]
  readonly acknowledger: Acknowledger
  open: PartReader | undefined
}

/** Creates a reader between parts; it reads nothing until the hub announces the first part. */
export function createLeaseReader(needs: LeaseReaderNeeds): LeaseReader {
  const { clock, tuning } = needs.recognition
  const stopping = new AbortController()
  const reader: ReaderState = {
    needs,
    stopping,
    queue: createSerialQueue(),
    addedMs: [],
    acknowledger: createAcknowledger({
      clock,
      maxRecords: tuning.acknowledgeRecords,
      afterMs: tuning.acknowledgeAfterMs,
      send: (part, position) => !stopping.signal.aborted && needs.onAcknowledge(part, position),
    }),
    open: undefined,
  }
  return {
    partFollows: (header) => enqueue(reader, () => openPart(reader, header)),
    records: (part, records) => enqueue(reader, () => readRecords(reader, part, records)),
    partEnds: (part, position, last) => enqueue(reader, () => endRead(reader, part, position, last)),
    behindMs() {
      const [oldestMs] = reader.addedMs
      return oldestMs === undefined ? 0 : clock.monotonicMs() - oldestMs
    },
    stop: () => stop(reader),
  }
}

function enqueue(reader: ReaderState, work: () => Promise<void>): void {
  reader.addedMs.push(reader.needs.recognition.clock.monotonicMs())
  void reader.queue.run(async () => {
    try {
      if (!reader.stopping.signal.aborted) await work()
    } catch (error) {
      breakOff(reader, error)
    } finally {
      reader.addedMs.shift()
    }
  })
}

function breakOff({ needs, stopping }: ReaderState, error: unknown): void {
  if (stopping.signal.aborted) return
  stopping.abort()
  needs.onBroken(error)
}

async function openPart(reader: ReaderState, header: PartHeader): Promise<void> {
  await closePart(reader)
  const { lease, recognition, onUtterance } = reader.needs
  reader.open = await openPartReader({
    lease,
    header,
    recognition,
    signal: reader.stopping.signal,
    onUtterance,
    onDown: (error) => breakOff(reader, error),
  })
}

async function closePart(reader: ReaderState): Promise<void> {
  const ending = reader.open
  reader.open = undefined
  await ending?.end()
}

async function readRecords(reader: ReaderState, part: number, records: readonly LogRecord[]): Promise<void> {
  if (reader.open?.part !== part) return
  for (const record of records) {
    if (reader.stopping.signal.aborted) return
    await reader.open.read(record)
  }
  const last = records.at(-1)
  if (last) reader.acknowledger.note(part, last.sequence + 1, records.length)
}

async function endRead(reader: ReaderState, part: number, position: number, last: boolean): Promise<void> {
  await closePart(reader)
  if (reader.stopping.signal.aborted) return
  // As many records as fill a batch, so that the end of a part is acknowledged at once.
  reader.acknowledger.note(part, position, reader.needs.recognition.tuning.acknowledgeRecords)
  if (last) reader.needs.onDone()
}

function stop(reader: ReaderState): void {
  reader.stopping.abort()
  reader.acknowledger.stop()
  // A part that is being opened has its decoders only when the work under way is over.
  void reader.queue.idle().then(() => {
    reader.open?.free()
    reader.open = undefined
  })
}

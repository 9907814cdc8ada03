import {
  SAMPLE_RATE_HZ,
  encodeFrame,
  headerAsSent,
  toError,
  type Channel,
  type Clock,
  type LastFinal,
  type LeaseId,
  type LogRecord,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { ResumePoint, TailEvent } from '../recordings/tailReaders.ts'
import { cutFrame } from './cutFrame.ts'
import type { WorkerLink } from './ports.ts'
import type { DispatchTuning } from './tuning.ts'

/**
 * Sends one recording to one worker: the stored records first, then each new one, never more than a window ahead of what
 * the worker acknowledged. A feed is idle until `start`, then runs until everything up to the seal is sent (complete), until
 * `endEarly`, until the recording cannot be read (`onBroken`), or until `stop`. Knows nothing of leases.
 */
export interface Feed {
  start(): void
  /** Counts records as acknowledged. Returns false when nothing new was acknowledged, or a part that was never sent. */
  acknowledge(part: number, position: number): boolean
  /** Sends again after the worker's socket had no room. Returns at once; harmless when the socket still has none. */
  drain(): void
  /** Returns how many sent records the worker has not acknowledged yet. */
  unacknowledged(): number
  /** Returns when the last record was sent, monotonic; before the first one, when the feed was created. */
  lastSentMs(): number
  /**
   * Returns since when the worker has owed something, monotonic: acknowledgements of records, or the text of an end. Undefined
   * while it owes nothing.
   */
  owedSinceMs(): number | undefined
  /**
   * Ends the part as if it grew no more, so that the worker makes its open partial final, and sends nothing after that. The
   * worker's next `records-acknowledged` means that it has sent all its text. Returns false when no part was begun yet.
   */
  endEarly(): boolean
  isEndedEarly(): boolean
  /** Returns whether everything up to the seal was sent. */
  isComplete(): boolean
  stop(): void
}

export interface FeedNeeds {
  readonly link: WorkerLink
  readonly leaseId: LeaseId
  readonly recordingId: RecordingId
  readonly resume: Readonly<Record<Channel, LastFinal | null>>
  readonly recordings: Pick<RecordingStore, 'follow'>
  readonly clock: Clock
  readonly tuning: DispatchTuning
  readonly nextStream: () => number
  /** Called once when the recording cannot be read: nobody must get the lease for a while. */
  readonly onBroken: (error: Error) => void
}

interface SentPart {
  readonly part: number
  /** Position at which sending began. */
  readonly start: number
  /** Position up to which records were sent. */
  sent: number
}

interface FeedState {
  readonly needs: FeedNeeds
  readonly stopping: AbortController
  readonly parts: SentPart[]
  acknowledged: number
  lastSentMs: number
  owedSinceMs: number
  complete: boolean
  endedEarly: boolean
  stream: number
  wake: () => void
}

/** Creates a feed that sends nothing before `start`. */
export function createFeed(needs: FeedNeeds): Feed {
  const state: FeedState = {
    needs,
    stopping: new AbortController(),
    parts: [],
    acknowledged: 0,
    lastSentMs: needs.clock.monotonicMs(),
    owedSinceMs: 0,
    complete: false,
    endedEarly: false,
    stream: 0,
    wake: () => undefined,
  }
  return {
    start: () =>
      void run(state).catch((error: unknown) => {
        if (!state.stopping.signal.aborted) needs.onBroken(toError(error))
      }),
    acknowledge: (part, position) => acknowledge(state, part, position),
    drain: () => state.wake(),
    unacknowledged: () => unacknowledged(state),
    lastSentMs: () => state.lastSentMs,
    owedSinceMs: () =>
      unacknowledged(state) > 0 || state.complete || state.endedEarly ? state.owedSinceMs : undefined,
    endEarly: () => endEarly(state),
    isEndedEarly: () => state.endedEarly,
    isComplete: () => state.complete,
    stop() {
      state.stopping.abort()
      state.wake()
    },
  }
}

async function run(state: FeedState): Promise<void> {
  const { recordings, recordingId, resume } = state.needs
  const { signal } = state.stopping
  const from = { agent: pointOf(resume.agent), caller: pointOf(resume.caller) }
  const deliver = (part: number, records: readonly LogRecord[]) => sendAtOnce(state, part, records)
  for await (const event of recordings.follow(recordingId, from, signal, deliver)) {
    if (signal.aborted) return
    await send(state, event)
  }
}

async function send(state: FeedState, event: TailEvent): Promise<void> {
  const { link, leaseId, clock, nextStream } = state.needs
  switch (event.kind) {
    case 'part': {
      const { header, position } = event
      const stream = nextStream()
      state.stream = stream
      state.parts.push({ part: header.part, start: position, sent: position })
      return link.send({ kind: 'part-follows', leaseId, stream, header: headerAsSent(header), position })
    }
    case 'records':
      return sendRecords(state, event.records)
    case 'part-end': {
      const { part, position, last } = event
      state.lastSentMs = state.owedSinceMs = clock.monotonicMs()
      state.complete = last
      return link.send({ kind: 'part-ends', leaseId, part, position, last })
    }
  }
}

async function sendRecords(state: FeedState, records: readonly LogRecord[]): Promise<void> {
  let sent = 0
  while (sent < records.length) {
    await untilCredit(state)
    if (state.stopping.signal.aborted) return
    const count = cutFrame(records, sent, credit(state))
    sendFrame(state, records.slice(sent, sent + count))
    sent += count
  }
}

/** Sends records of a live call within the append; returns false when they must wait, and then they come by `follow`. */
function sendAtOnce(state: FeedState, part: number, records: readonly LogRecord[]): boolean {
  if (state.stopping.signal.aborted || state.parts.at(-1)?.part !== part) return false
  if (cutFrame(records, 0, credit(state)) < records.length) return false
  sendFrame(state, records)
  return true
}

function sendFrame(state: FeedState, records: readonly LogRecord[]): void {
  const { link, clock } = state.needs
  link.sendBinary(encodeFrame(state.stream, records))
  state.lastSentMs = clock.monotonicMs()
  if (unacknowledged(state) === 0) state.owedSinceMs = state.lastSentMs
  const current = state.parts.at(-1)
  if (current) current.sent += records.length
}

function endEarly(state: FeedState): boolean {
  const { link, leaseId, clock } = state.needs
  const current = state.parts.at(-1)
  if (!current || state.endedEarly) return state.endedEarly
  state.stopping.abort()
  state.endedEarly = true
  state.lastSentMs = state.owedSinceMs = clock.monotonicMs()
  link.send({ kind: 'part-ends', leaseId, part: current.part, position: current.sent, last: false })
  return true
}

function acknowledge(state: FeedState, part: number, position: number): boolean {
  const acknowledged = state.parts.reduce((sum, one) => {
    if (one.part < part) return sum + one.sent - one.start
    return one.part === part ? sum + Math.max(0, Math.min(position, one.sent) - one.start) : sum
  }, 0)
  if (acknowledged <= state.acknowledged) return false
  state.acknowledged = acknowledged
  state.wake()
  return true
}

function unacknowledged({ parts, acknowledged }: FeedState): number {
  return parts.reduce((sum, { start, sent }) => sum + sent - start, 0) - acknowledged
}

/** Returns how many records may be sent now: none while the worker's socket buffers too much. */
function credit(state: FeedState): number {
  const { link, tuning } = state.needs
  if (link.bufferedBytes() > tuning.maxBufferedBytes) return 0
  return tuning.windowRecords - unacknowledged(state)
}

async function untilCredit(state: FeedState): Promise<void> {
  while (!state.stopping.signal.aborted && credit(state) <= 0)
    await new Promise<void>((resolve) => (state.wake = resolve))
}

/** The point after the last final of one channel; the worker goes on at the earlier of both channels. */
function pointOf(last: LastFinal | null): ResumePoint | null {
  return last && { part: last.part, sample: Math.round((last.toMs * SAMPLE_RATE_HZ) / 1_000) }
}

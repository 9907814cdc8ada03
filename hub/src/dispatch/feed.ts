import {
  SAMPLE_RATE_HZ,
  encodeFrame,
  type Channel,
  type Clock,
  type LastFinal,
  type LeaseId,
  type LogRecord,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { Followed, FollowPoint } from '../recordings/followers.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import { cutFrame } from './cutFrame.ts'
import type { WorkerLink } from './ports.ts'
import type { DispatchTuning } from './tuning.ts'

/** Sends one recording to one worker: what is held, then what comes, never far ahead of what the worker has taken in. */
export interface Feed {
  start(): void
  /** false: nothing new was taken, or more than was sent. */
  taken(part: number, position: number): boolean
  drain(): void
  /** Records sent that the worker has not taken in yet. */
  ahead(): number
  /** When the last record was sent, monotonic; when it was made before the first. */
  sentMs(): number
  /**
   * Ends the part as if it grew no more, so that what the worker holds open becomes final, and sends nothing after it. The
   * worker's next `records-acknowledged` says that it has said everything. false: nothing to end yet.
   */
  breakOff(): boolean
  isBrokenOff(): boolean
  /** Everything was sent, up to the seal. */
  isWhole(): boolean
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
  /** The recording cannot be read: the lease must go to nobody for a while. */
  readonly onBroken: (error: Error) => void
}

interface SentPart {
  readonly part: number
  readonly start: number
  sent: number
}

export function createFeed(needs: FeedNeeds): Feed {
  const { link, leaseId, recordingId, recordings, clock, tuning } = needs
  const stopping = new AbortController()
  const parts: SentPart[] = []
  let takenRecords = 0
  let sentMs = clock.monotonicMs()
  let whole = false
  let brokenOff = false
  let stream = 0
  let wake: () => void = () => undefined

  const ahead = () => parts.reduce((sum, { start, sent }) => sum + sent - start, 0) - takenRecords
  const room = () => (link.bufferedBytes() > tuning.maxBufferedBytes ? 0 : tuning.windowRecords - ahead())
  const untilRoom = async () => {
    while (!stopping.signal.aborted && room() <= 0) await new Promise<void>((resolve) => (wake = resolve))
  }

  const sendFrame = (records: readonly LogRecord[]) => {
    link.sendBinary(encodeFrame(stream, records))
    sentMs = clock.monotonicMs()
    const current = parts.at(-1)
    if (current) current.sent += records.length
  }
  const sendRecords = async (records: readonly LogRecord[]) => {
    let at = 0
    while (at < records.length) {
      await untilRoom()
      if (stopping.signal.aborted) return
      const count = cutFrame(records, at, room())
      sendFrame(records.slice(at, at + count))
      at += count
    }
  }
  const take = (part: number, records: readonly LogRecord[]) => {
    if (stopping.signal.aborted || parts.at(-1)?.part !== part) return false
    if (cutFrame(records, 0, room()) < records.length) return false
    sendFrame(records)
    return true
  }

  const send = async (followed: Followed): Promise<void> => {
    switch (followed.at) {
      case 'part': {
        const { header, position } = followed
        stream = needs.nextStream()
        parts.push({ part: header.part, start: position, sent: position })
        return link.send({ kind: 'part-follows', leaseId, stream, header, position })
      }
      case 'records':
        return sendRecords(followed.records)
      case 'part-end': {
        const { part, position, last } = followed
        sentMs = clock.monotonicMs()
        whole = last
        return link.send({ kind: 'part-ends', leaseId, part, position, last })
      }
    }
  }

  const run = async () => {
    const from = { agent: pointOf(needs.resume.agent), caller: pointOf(needs.resume.caller) }
    for await (const followed of recordings.follow(recordingId, from, stopping.signal, take)) {
      if (stopping.signal.aborted) return
      await send(followed)
    }
  }

  return {
    start: () =>
      void run().catch((error: unknown) => {
        if (!stopping.signal.aborted)
          needs.onBroken(error instanceof Error ? error : new Error(String(error)))
      }),
    taken(part, position) {
      const told = parts.reduce((sum, one) => {
        if (one.part < part) return sum + one.sent - one.start
        return one.part === part ? sum + Math.max(0, Math.min(position, one.sent) - one.start) : sum
      }, 0)
      if (told <= takenRecords) return false
      takenRecords = told
      wake()
      return true
    },
    drain: () => wake(),
    ahead,
    sentMs: () => sentMs,
    breakOff() {
      const current = parts.at(-1)
      if (!current || brokenOff) return brokenOff
      stopping.abort()
      brokenOff = true
      sentMs = clock.monotonicMs()
      link.send({ kind: 'part-ends', leaseId, part: current.part, position: current.sent, last: false })
      return true
    },
    isBrokenOff: () => brokenOff,
    isWhole: () => whole,
    stop() {
      stopping.abort()
      wake()
    },
  }
}

/** A worker goes on where the earlier of both channels was understood to. */
function pointOf(last: LastFinal | null): FollowPoint | null {
  return last && { part: last.part, sample: Math.round((last.toMs * SAMPLE_RATE_HZ) / 1_000) }
}

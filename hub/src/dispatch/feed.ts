import {
  MAX_RECORDS_PER_FRAME,
  SAMPLE_RATE_HZ,
  encodeFrame,
  type Channel,
  type LastFinal,
  type LeaseId,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { FollowPoint } from '../recordings/followers.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { WorkerLink } from './ports.ts'
import type { DispatchTuning } from './tuning.ts'

/** Sends one recording to one worker: what is held, then what comes, never far ahead of what the worker has taken in. */
export interface Feed {
  start(): void
  taken(part: number, position: number): void
  drain(): void
  stop(): void
}

export interface FeedNeeds {
  readonly link: WorkerLink
  readonly leaseId: LeaseId
  readonly recordingId: RecordingId
  readonly resume: Readonly<Record<Channel, LastFinal | null>>
  readonly recordings: RecordingStore
  readonly tuning: DispatchTuning
  readonly nextStream: () => number
  /** The recording cannot be read: the lease must go to nobody for a while. */
  readonly onBroken: (error: Error) => void
}

export function createFeed(needs: FeedNeeds): Feed {
  const { link, leaseId, recordingId, recordings, tuning } = needs
  const stopping = new AbortController()
  const parts: { readonly part: number; readonly start: number; sent: number }[] = []
  let takenRecords = 0
  let wake: () => void = () => undefined

  const ahead = () => parts.reduce((sum, { start, sent }) => sum + sent - start, 0) - takenRecords
  const mustWait = () =>
    !stopping.signal.aborted &&
    (ahead() >= tuning.windowRecords || link.bufferedBytes() > tuning.maxBufferedBytes)
  const room = async () => {
    while (mustWait()) await new Promise<void>((resolve) => (wake = resolve))
  }

  const run = async () => {
    let stream = 0
    const from = { agent: pointOf(needs.resume.agent), caller: pointOf(needs.resume.caller) }
    for await (const followed of recordings.follow(recordingId, from, stopping.signal)) {
      switch (followed.at) {
        case 'part':
          stream = needs.nextStream()
          parts.push({ part: followed.header.part, start: followed.position, sent: followed.position })
          link.send({
            kind: 'part-follows',
            leaseId,
            stream,
            header: followed.header,
            position: followed.position,
          })
          break
        case 'records':
          for (let at = 0; at < followed.records.length; at += MAX_RECORDS_PER_FRAME) {
            await room()
            if (stopping.signal.aborted) return
            const records = followed.records.slice(at, at + MAX_RECORDS_PER_FRAME)
            link.sendBinary(encodeFrame(stream, records))
            const current = parts.at(-1)
            if (current) current.sent += records.length
          }
          break
        case 'part-end':
          link.send({
            kind: 'part-ends',
            leaseId,
            part: followed.part,
            position: followed.position,
            last: followed.last,
          })
          break
      }
    }
  }

  return {
    start: () =>
      void run().catch((error: unknown) => {
        if (!stopping.signal.aborted)
          needs.onBroken(error instanceof Error ? error : new Error(String(error)))
      }),
    taken(part, position) {
      takenRecords = parts.reduce((sum, one) => {
        if (one.part < part) return sum + one.sent - one.start
        return one.part === part ? sum + Math.max(0, Math.min(position, one.sent) - one.start) : sum
      }, 0)
      wake()
    },
    drain: () => wake(),
    stop() {
      stopping.abort()
      wake()
    },
  }
}

function pointOf(last: LastFinal | null): FollowPoint | null {
  return last && { part: last.part, sample: Math.round((last.toMs * SAMPLE_RATE_HZ) / 1_000) }
}

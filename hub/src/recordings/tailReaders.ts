import type { LogRecord, PartHeader, RecordingId } from '@3cx-ninja/protocol'
import type { PartStore } from './parts/partStore.ts'
import type { PartRef } from './recordingState.ts'
import type { RecordingsTuning } from './tuning.ts'

/** Per channel, behind which sample of which part a reader goes on; null: from the start. */
export interface ResumePoint {
  readonly part: number
  readonly sample: number
}
export interface ResumeFrom {
  readonly agent: ResumePoint | null
  readonly caller: ResumePoint | null
}
export type TailEvent =
  | { readonly kind: 'part'; readonly header: PartHeader; readonly position: number }
  | { readonly kind: 'records'; readonly part: number; readonly records: readonly LogRecord[] }
  | { readonly kind: 'part-end'; readonly part: number; readonly position: number; readonly last: boolean }

/**
 * Takes records of a part at once; they are views of what was received, and nothing of them may be kept. false: not now, and
 * they are yielded as soon as the reader comes to them.
 */
export type DeliverLive = (part: number, records: readonly LogRecord[]) => boolean

export interface TailReaders {
  partOpened(recordingId: RecordingId): void
  appended(ref: PartRef, records: readonly LogRecord[]): void
  ended(recordingId: RecordingId): void
  removed(recordingId: RecordingId): void
  follow(
    recordingId: RecordingId,
    from: ResumeFrom,
    signal: AbortSignal,
    take?: DeliverLive,
  ): AsyncGenerator<TailEvent>
}

/** Opus needs some sound before the point to decode it well, and an utterance may begin just before it. */
const LEAD_SAMPLES = 16_000

interface Follower {
  readonly take: DeliverLive | undefined
  part: number
  /** Sequence of the record that it wants next. */
  next: number
  /** It was given all there was, and waits for more. */
  asleep: boolean
  /** Records appended since this follower last looked, as long as it keeps up. */
  live: LogRecord[]
  /** It fell too far behind: `live` was dropped, the file is read again. */
  behind: boolean
  wake: () => void
  over: boolean
}

/** Readers of recordings that grow: first from the file, then from memory as records come. */
export function createTailReaders(needs: {
  readonly parts: PartStore
  readonly tuning: RecordingsTuning
  /** A closed part of which not everything can be read (a damaged file): the reader ends it where it can be read. */
  readonly onShort: (ref: PartRef, openReader: number, held: number) => void
}): TailReaders {
  const { parts, tuning, onShort } = needs
  const followers = new Map<RecordingId, Set<Follower>>()
  const wakeAll = (recordingId: RecordingId) => {
    for (const follower of followers.get(recordingId) ?? []) follower.wake()
  }

  async function* followPart(
    recordingId: RecordingId,
    follower: Follower,
    signal: AbortSignal,
  ): AsyncGenerator<TailEvent> {
    const ref = { recordingId, part: follower.part }
    let fromFile = true
    const isOver = () => signal.aborted || follower.over
    const isBehind = () => follower.behind
    while (!isOver()) {
      if (fromFile || isBehind()) {
        fromFile = false
        follower.live = []
        follower.behind = false
        const file = await parts.openReader(ref)
        if (!file) return
        for await (const records of file.read(follower.next)) {
          if (isOver()) return
          follower.next = (records.at(-1)?.sequence ?? follower.next - 1) + 1
          yield { kind: 'records', part: follower.part, records }
        }
      }
      const records = follower.live.filter((record) => record.sequence >= follower.next)
      follower.live = []
      if (records.length > 0) {
        follower.next = (records.at(-1)?.sequence ?? 0) + 1
        yield { kind: 'records', part: follower.part, records }
        continue
      }
      const ended = parts.hasEnded(ref)
      if (ended === undefined) return
      const [position, { next }] = [parts.position(ref), follower]
      const isShort = ended && next < position && !parts.growing(ref)
      if (isShort && !isBehind()) onShort(ref, next, position)
      if (ended && (next >= position || (isShort && !isBehind()))) {
        const state = parts.state(recordingId)
        const last = state?.sealed === true && state.parts.at(-1)?.header.part === ref.part
        yield { kind: 'part-end', part: ref.part, position: next, last }
        return
      }
      if (!isBehind()) await sleep(follower, signal)
    }
  }

  return {
    partOpened: wakeAll,
    ended: wakeAll,
    appended(ref, records) {
      for (const follower of followers.get(ref.recordingId) ?? []) {
        if (follower.part !== ref.part || follower.behind) continue
        // In the turn in which it came, a live call's sound costs no promise and no copy, and nothing of it stays alive
        // until the next: of 1,000 calls that was 4 KB for each frame, old enough to be kept as long-lived.
        const fits = follower.asleep && records[0]?.sequence === follower.next
        if (fits && follower.take?.(ref.part, records) === true) {
          follower.next += records.length
          continue
        }
        if (follower.live.length + records.length > tuning.maxTailRecords) {
          follower.live = []
          follower.behind = true
        } else {
          for (const record of records)
            follower.live.push({ ...record, payload: Uint8Array.from(record.payload) })
        }
        follower.wake()
      }
    },
    removed(recordingId) {
      for (const follower of followers.get(recordingId) ?? []) follower.over = true
      wakeAll(recordingId)
    },
    async *follow(recordingId, from, signal, take) {
      const follower: Follower = {
        take,
        part: startPart(from),
        next: 0,
        asleep: false,
        live: [],
        behind: false,
        wake: () => undefined,
        over: false,
      }
      const all = followers.get(recordingId) ?? new Set()
      followers.set(recordingId, all.add(follower))
      // Once for the whole reading: a listener for every sleep is made and dropped ten times a second for each call.
      const stop = () => follower.wake()
      signal.addEventListener('abort', stop, { once: true })
      try {
        while (!signal.aborted && !follower.over) {
          const state = parts.state(recordingId)
          const part = state?.parts.find(({ header }) => header.part >= follower.part)
          if (!state || (!part && state.sealed)) return
          if (!part) {
            await sleep(follower, signal)
            continue
          }
          follower.part = part.header.part
          follower.next = await startSequence(parts, recordingId, follower.part, from)
          yield { kind: 'part', header: part.header, position: follower.next }
          let last = false
          for await (const event of followPart(recordingId, follower, signal)) {
            yield event
            if (event.kind === 'part-end') last = event.last
          }
          if (last) return
          follower.part += 1
          follower.live = []
        }
      } catch (error) {
        if (!follower.over) throw error // a recording being removed can fail to be read in any way
      } finally {
        signal.removeEventListener('abort', stop)
        all.delete(follower)
        if (all.size === 0) followers.delete(recordingId)
      }
    },
  }
}

function startPart({ agent, caller }: ResumeFrom): number {
  return agent && caller ? Math.min(agent.part, caller.part) : 1
}

async function startSequence(
  parts: PartStore,
  recordingId: RecordingId,
  part: number,
  { agent, caller }: ResumeFrom,
): Promise<number> {
  if (!agent || !caller || part > Math.min(agent.part, caller.part)) return 0
  const samples = [agent, caller].filter((point) => point.part === part).map((point) => point.sample)
  const sample = Math.min(...samples) - LEAD_SAMPLES
  if (sample <= 0) return 0
  const file = await parts.openReader({ recordingId, part })
  return (await file?.sequenceAt(sample)) ?? 0
}

/** Until something happens to the follower, or the signal aborts (then it is woken, too). */
function sleep(follower: Follower, signal: AbortSignal): Promise<void> {
  if (signal.aborted || follower.live.length > 0) return Promise.resolve()
  return new Promise((resolve) => {
    follower.asleep = true
    follower.wake = () => {
      follower.asleep = false
      resolve()
    }
  })
}

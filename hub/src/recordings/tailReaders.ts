import type { LogRecord, RecordingId, StoredPartHeader } from '@3cx-ninja/protocol'
import type { PartStore } from './parts/partStore.ts'
import type { PartRef } from './recordingState.ts'
import type { RecordingsTuning } from './tuning.ts'

/** The sample of a part after which a reader goes on with one channel. */
export interface ResumePoint {
  readonly part: number
  readonly sample: number
}
/** Per channel; null: from the beginning of the recording. */
export interface ResumeFrom {
  readonly agent: ResumePoint | null
  readonly caller: ResumePoint | null
}
export type TailEvent =
  | { readonly kind: 'part'; readonly header: StoredPartHeader; readonly position: number }
  | { readonly kind: 'records'; readonly part: number; readonly records: readonly LogRecord[] }
  | { readonly kind: 'part-end'; readonly part: number; readonly position: number; readonly last: boolean }

/**
 * Consumes records of a part within `append`; the records are views of the received bytes, so nothing of them may be kept.
 * Returns false when it cannot consume them now: then `follow` yields them once the reader comes to them.
 */
export type DeliverLive = (part: number, records: readonly LogRecord[]) => boolean

/**
 * Readers of recordings that grow: each reads the file first, then memory as records arrive. A reader is reading, asleep (it
 * has all there is), or behind (too much arrived meanwhile: it reads the file again); it ends after the sealed record, when
 * its recording is removed, or by its signal. Knows nothing of workers.
 */
export interface TailReaders {
  /** Wakes the readers of the recording: a new part may be theirs. */
  partOpened(recordingId: RecordingId): void
  /** Delivers records that were just appended; copies them for the readers that cannot consume them now. */
  appended(ref: PartRef, records: readonly LogRecord[]): void
  ended(recordingId: RecordingId): void
  removed(recordingId: RecordingId): void
  /** Yields the stored records from shortly before `from`, then each new one. Throws when the part's file cannot be read. */
  follow(
    recordingId: RecordingId,
    from: ResumeFrom,
    signal: AbortSignal,
    deliver?: DeliverLive,
  ): AsyncGenerator<TailEvent>
}

/** Opus needs some audio before the point to decode it well, and an utterance may begin just before the point. */
const LEAD_SAMPLES = 16_000

interface TailReader {
  readonly deliver: DeliverLive | undefined
  part: number
  /** Sequence of the next record that the reader needs. */
  next: number
  /** The reader has all there is, and waits for more. */
  asleep: boolean
  /** Records appended since the reader last consumed some, as long as it keeps up. */
  live: LogRecord[]
  /** The reader fell too far behind: `live` was dropped, and the file is read again. */
  behind: boolean
  wake: () => void
  over: boolean
}

export interface TailReadersNeeds {
  readonly parts: Pick<PartStore, 'state' | 'openReader' | 'openPart' | 'hasEnded' | 'position'>
  readonly tuning: RecordingsTuning
  /** Called for a closed part that is damaged: the reader ends the part after the last readable record. */
  readonly onShort: (ref: PartRef, readable: number, stored: number) => void
}

interface State extends TailReadersNeeds {
  readonly readers: Map<RecordingId, Set<TailReader>>
}

/** Creates the registry, without readers. */
export function createTailReaders(needs: TailReadersNeeds): TailReaders {
  const state: State = { ...needs, readers: new Map() }
  const wakeAll = (recordingId: RecordingId) => {
    for (const reader of state.readers.get(recordingId) ?? []) reader.wake()
  }
  return {
    partOpened: wakeAll,
    ended: wakeAll,
    appended(ref, records) {
      for (const reader of state.readers.get(ref.recordingId) ?? [])
        if (reader.part === ref.part && !reader.behind) pushLive(state, reader, records)
    },
    removed(recordingId) {
      for (const reader of state.readers.get(recordingId) ?? []) reader.over = true
      wakeAll(recordingId)
    },
    follow: (recordingId, from, signal, deliver) => follow(state, { recordingId, from, signal, deliver }),
  }
}

/** A reader that cannot deliver fails in its own `follow`, when the records are yielded, and never in the append of an agent. */
function deliver(reader: TailReader, records: readonly LogRecord[]): boolean {
  try {
    return reader.deliver?.(reader.part, records) === true
  } catch {
    return false
  }
}

function pushLive({ tuning }: State, reader: TailReader, records: readonly LogRecord[]): void {
  // Delivered in the turn in which it arrived, a live call's audio costs no promise and no copy, and nothing of it stays alive
  // until the next turn: of 1,000 calls that was 4 KB for each frame, old enough to be kept as long-lived.
  const fits = reader.asleep && records[0]?.sequence === reader.next
  if (fits && deliver(reader, records)) {
    reader.next += records.length
    return
  }
  if (reader.live.length + records.length > tuning.maxTailRecords) {
    reader.live = []
    reader.behind = true
  } else {
    for (const record of records) reader.live.push({ ...record, payload: Uint8Array.from(record.payload) })
  }
  reader.wake()
}

interface FollowTerms {
  readonly recordingId: RecordingId
  readonly from: ResumeFrom
  readonly signal: AbortSignal
  readonly deliver: DeliverLive | undefined
}

async function* follow(
  state: State,
  { recordingId, from, signal, deliver }: FollowTerms,
): AsyncGenerator<TailEvent> {
  const reader: TailReader = {
    deliver,
    part: startPart(from),
    next: 0,
    asleep: false,
    live: [],
    behind: false,
    wake: () => undefined,
    over: false,
  }
  const readers = state.readers.get(recordingId) ?? new Set()
  state.readers.set(recordingId, readers.add(reader))
  // Registered once for the whole reading: a listener for every sleep is made and dropped ten times a second for each call.
  const onAbort = () => reader.wake()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    yield* followParts(state, reader, { recordingId, from, signal, deliver })
  } catch (error) {
    if (!reader.over) throw error // reading a recording that is being removed can fail in any way
  } finally {
    signal.removeEventListener('abort', onAbort)
    readers.delete(reader)
    if (readers.size === 0) state.readers.delete(recordingId)
  }
}

async function* followParts(
  state: State,
  reader: TailReader,
  { recordingId, from, signal }: FollowTerms,
): AsyncGenerator<TailEvent> {
  const { parts } = state
  while (!signal.aborted && !reader.over) {
    const recording = parts.state(recordingId)
    const part = recording?.parts.find(({ header }) => header.part >= reader.part)
    if (!recording || (!part && recording.sealed)) return
    if (!part) {
      await sleep(reader, signal)
      continue
    }
    reader.part = part.header.part
    reader.next = await startSequence(parts, recordingId, reader.part, from)
    yield { kind: 'part', header: part.header, position: reader.next }
    let last = false
    for await (const event of followPart(state, recordingId, reader, signal)) {
      yield event
      if (event.kind === 'part-end') last = event.last
    }
    if (last) return
    reader.part += 1
    reader.live = []
  }
}

async function* followPart(
  { parts, onShort }: State,
  recordingId: RecordingId,
  reader: TailReader,
  signal: AbortSignal,
): AsyncGenerator<TailEvent> {
  const ref = { recordingId, part: reader.part }
  let fromFile = true
  const isOver = () => signal.aborted || reader.over
  const isBehind = () => reader.behind
  while (!isOver()) {
    if (fromFile || isBehind()) {
      fromFile = false
      reader.live = []
      reader.behind = false
      const file = await parts.openReader(ref)
      if (!file) return
      for await (const records of file.read(reader.next)) {
        if (isOver()) return
        reader.next = (records.at(-1)?.sequence ?? reader.next - 1) + 1
        yield { kind: 'records', part: reader.part, records }
      }
    }
    const records = reader.live.filter((record) => record.sequence >= reader.next)
    reader.live = []
    if (records.length > 0) {
      reader.next = (records.at(-1)?.sequence ?? 0) + 1
      yield { kind: 'records', part: reader.part, records }
      continue
    }
    const ended = parts.hasEnded(ref)
    if (ended === undefined) return
    const [position, { next }] = [parts.position(ref), reader]
    const isShort = ended && next < position && !parts.openPart(ref)
    if (isShort && !isBehind()) onShort(ref, next, position)
    if (ended && (next >= position || (isShort && !isBehind()))) {
      const recording = parts.state(recordingId)
      const last = recording?.sealed === true && recording.parts.at(-1)?.header.part === ref.part
      yield { kind: 'part-end', part: ref.part, position: next, last }
      return
    }
    if (!isBehind()) await sleep(reader, signal)
  }
}

function startPart({ agent, caller }: ResumeFrom): number {
  return agent && caller ? Math.min(agent.part, caller.part) : 1
}

async function startSequence(
  parts: State['parts'],
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

/** Resolves when something happens to the reader, or when the signal aborts (then the reader is woken, too). */
function sleep(reader: TailReader, signal: AbortSignal): Promise<void> {
  if (signal.aborted || reader.live.length > 0) return Promise.resolve()
  return new Promise((resolve) => {
    reader.asleep = true
    reader.wake = () => {
      reader.asleep = false
      resolve()
    }
  })
}

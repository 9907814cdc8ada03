import path from 'node:path'
import {
  recordingId as recordingIdSchema,
  type CallId,
  type Clock,
  type Codec,
  type Consent,
  type Language,
  type LogRecord,
  type PartHeader,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { nodeFileSystem, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createPartFile } from '@3cx-ninja/recording-log/partFile.ts'
import { planKeeping, type KeepingWarning } from './keepingPlan.ts'
import {
  destroyRecording,
  loadRecording,
  markedForRemoval,
  partPath,
  type RecordingParts,
  type Repaired,
} from './loadRecording.ts'
import { createRecordingWriter, type PartState, type RecordingWriter } from './recordingWriter.ts'
import { recordingTuning } from './tuning.ts'

export { recordingTuning } from './tuning.ts'
export type { RecordDraft, RecordingWriter, WriteOutcome } from './recordingWriter.ts'

export interface NewRecording {
  readonly recordingId: RecordingId
  readonly callId: CallId
  readonly codec: Codec
  readonly extension: string
  readonly language: Language
  readonly consent: Consent
}

/** A part as replication reads it. */
export interface LocalPart {
  readonly header: PartHeader
  /** Records on this disk: what may be sent. */
  readonly position: number
  /** First sample after what the part accepted: its length by its audio, independent of wall-clock time. */
  readonly endSample: number
  /** No record will be added. */
  readonly closed: boolean
}

export interface LocalRecording {
  readonly recordingId: RecordingId
  readonly parts: readonly LocalPart[]
  /** The last part ends with the sealed record. */
  readonly sealed: boolean
}

export interface Recordings {
  /** Begins part 1, or the next part of a recording that exists, and closes the part before. Rejects when the disk refuses. */
  begin(recording: NewRecording): Promise<RecordingWriter>
  /** Returns all recordings of which at least one part can be read, parts in order. */
  list(): readonly LocalRecording[]
  /** Resolves with whole records from `from` on, at most `limit` of them; empty when none exist yet. Rejects when the disk fails. */
  read(recordingId: RecordingId, part: number, from: number, limit: number): Promise<readonly LogRecord[]>
  /** Calls the listener when a part grew or closed, or a recording came or went, until the returned function is called. */
  onGrowth(listener: (recordingId: RecordingId) => void): () => void
  /** Seals a recording whose call was over when the last process died, with a part that holds just the seal. Rejects when the disk refuses. */
  sealUnfinished(recordingId: RecordingId): Promise<void>
  /** Destroys the keys, then the files: when the hub has the recording safe, or on request. Rejects when the disk refuses. */
  remove(recordingId: RecordingId): Promise<void>
  /** Removes what is too old or too much and resolves with it and with warnings. The owner calls it at start and every hour. */
  keepWithinLimits(): Promise<{
    readonly removed: readonly RecordingId[]
    readonly warnings: readonly KeepingWarning[]
  }>
  /** Resolves with the free space of the disk, by the limits of `tuning.ts`. */
  space(): Promise<'enough' | 'little' | 'none'>
  /** Closes all open parts without sealing them. */
  stop(): Promise<void>
}

export interface RecordingsNeeds {
  readonly folder: string
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly fs?: FileSystem
  readonly tuning?: Partial<typeof recordingTuning>
  readonly onRepaired?: (found: Repaired) => void
}

interface RecordingsState {
  readonly folder: string
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly fs: FileSystem
  readonly tuning: typeof recordingTuning
  readonly byId: Map<RecordingId, RecordingParts>
  readonly writers: Set<RecordingWriter>
  readonly listeners: Set<(recordingId: RecordingId) => void>
}

/**
 * Opens the recordings on this PC and repairs every part that a crash left; none of them is ever continued. A recording is
 * open (a part is being written), interrupted (all parts closed, not sealed), sealed, or removed. Knows nothing of calls and
 * of the hub: `call/` decides what is recorded, `replication/` when a recording may go.
 */
export async function openRecordings(needs: RecordingsNeeds): Promise<Recordings> {
  const state: RecordingsState = {
    folder: needs.folder,
    masterKey: needs.masterKey,
    clock: needs.clock,
    fs: needs.fs ?? nodeFileSystem,
    tuning: { ...recordingTuning, ...needs.tuning },
    byId: new Map(),
    writers: new Set(),
    listeners: new Set(),
  }
  await loadAll(state, needs.onRepaired ?? (() => undefined))
  return {
    async begin(recording) {
      await closeWriters(state, recording.recordingId) // the part before ends at its last record
      return beginPart(state, recording)
    },
    list: () => readable(state).map(([recordingId, recording]) => localRecording(recordingId, recording)),
    read: (recordingId, part, from, limit) => readRecords(state, { recordingId, part, from, limit }),
    onGrowth(listener) {
      state.listeners.add(listener)
      return () => void state.listeners.delete(listener)
    },
    sealUnfinished: (recordingId) => sealUnfinished(state, recordingId),
    remove: (recordingId) => remove(state, recordingId),
    keepWithinLimits: () => keepWithinLimits(state),
    async space() {
      const free = await state.fs.freeBytes(state.folder)
      const { minFreeBytes, warnFreeBytes } = state.tuning
      return free < minFreeBytes ? 'none' : free < warnFreeBytes ? 'little' : 'enough'
    },
    async stop() {
      for (const writer of state.writers) await writer.close()
      state.writers.clear()
    },
  }
}

async function loadAll(state: RecordingsState, onRepaired: (found: Repaired) => void): Promise<void> {
  const { fs, folder, masterKey, clock, tuning } = state
  await fs.makeFolder(folder)
  for (const name of await fs.list(folder)) {
    const interrupted = recordingIdSchema.safeParse(markedForRemoval(name))
    if (interrupted.success) await destroyRecording({ fs, folder }, interrupted.data)
  }
  const suspectSinceMs = clock.nowMs() - tuning.suspectMs
  for (const name of await fs.list(folder)) {
    const parsed = recordingIdSchema.safeParse(name)
    if (!parsed.success) continue
    const load = { fs, folder, masterKey, onRepaired, suspectSinceMs }
    const recording = await loadRecording(load, parsed.data)
    if (recording.lastNumber > 0) state.byId.set(parsed.data, recording)
  }
}

function publishGrowth({ listeners }: RecordingsState, recordingId: RecordingId): void {
  for (const listener of listeners) listener(recordingId)
}

/** Returns the recordings with parts; of some no part can be read, and only their part numbers are kept. */
const readable = ({ byId }: RecordingsState) => [...byId].filter(([, { parts }]) => parts.size > 0)

const lastPart = (recording: RecordingParts | undefined): PartState | undefined =>
  recording?.parts.get(Math.max(0, ...recording.parts.keys()))

function localRecording(recordingId: RecordingId, recording: RecordingParts): LocalRecording {
  const last = lastPart(recording)
  const parts = [...recording.parts.values()].map((part) => ({
    header: part.file.header,
    position: part.written,
    endSample: part.file.endSample,
    closed: part.closed,
  }))
  return {
    recordingId,
    sealed: last !== undefined && last.file.sealed && last.written === last.file.position,
    parts: parts.sort((a, b) => a.header.part - b.header.part),
  }
}

async function beginPart(state: RecordingsState, of: NewRecording): Promise<RecordingWriter> {
  const { fs, folder, masterKey, clock, tuning, byId } = state
  const { recordingId, callId, codec, extension, language, consent } = of
  const recording = byId.get(recordingId) ?? { parts: new Map<number, PartState>(), lastNumber: 0 }
  const previous = recording.parts.get(recording.lastNumber)
  recording.lastNumber += 1
  const header: PartHeader = {
    recordingId,
    callId,
    part: recording.lastNumber,
    codec,
    startedAtMs: clock.nowMs(),
    previousPosition: previous?.written ?? 0,
    extension,
    language,
    consent,
  }
  await fs.makeFolder(path.join(folder, recordingId))
  await fs.syncFolder(folder)
  const location = { fs, path: partPath(folder, recordingId, header.part), masterKey }
  const file = await createPartFile(location, header).catch((error: unknown) => {
    recording.lastNumber -= 1
    throw error
  })
  const part: PartState = { file, written: 0, closed: false }
  recording.parts.set(header.part, part)
  byId.set(recordingId, recording)
  const { flushMs, maxWaitingBytes } = tuning
  const onGrowth = () => publishGrowth(state, recordingId)
  const writer = createRecordingWriter({ part, clock, flushMs, maxWaitingBytes, onGrowth })
  state.writers.add(writer)
  publishGrowth(state, recordingId)
  return writer
}

async function closeWriters({ writers }: RecordingsState, recordingId: RecordingId): Promise<void> {
  for (const writer of writers) {
    if (writer.header.recordingId !== recordingId) continue
    await writer.close()
    writers.delete(writer)
  }
}

async function readRecords(
  { byId }: RecordingsState,
  of: {
    readonly recordingId: RecordingId
    readonly part: number
    readonly from: number
    readonly limit: number
  },
): Promise<readonly LogRecord[]> {
  const currentPart = () => byId.get(of.recordingId)?.parts.get(of.part)
  const part = currentPart()
  if (!part || of.from >= part.written) return []
  const records: LogRecord[] = []
  try {
    for await (const batch of part.file.read(of.from)) {
      records.push(...batch)
      if (records.length >= of.limit) break
    }
  } catch (error) {
    if (currentPart() !== part) return [] // removed meanwhile: no fault of the disk
    throw error
  }
  return records.slice(0, of.limit)
}

async function sealUnfinished(state: RecordingsState, recordingId: RecordingId): Promise<void> {
  const last = lastPart(state.byId.get(recordingId))
  if (!last?.closed || last.file.sealed) return
  const writer = await beginPart(state, last.file.header)
  const outcome = await writer.seal()
  if (!outcome.ok) throw new Error(`the recording could not be sealed: ${outcome.detail}`)
}

async function remove(state: RecordingsState, recordingId: RecordingId): Promise<void> {
  state.byId.delete(recordingId)
  await closeWriters(state, recordingId)
  await destroyRecording(state, recordingId)
  publishGrowth(state, recordingId)
}

async function keepWithinLimits(state: RecordingsState) {
  const kept = readable(state).map(([recordingId, { parts }]) => {
    const all = [...parts.values()]
    return {
      recordingId,
      bytes: all.reduce((sum, { file }) => sum + file.bytes, 0),
      startedAtMs: Math.min(...all.map(({ file }) => file.header.startedAtMs)),
      open: all.some(({ closed }) => !closed),
    }
  })
  const plan = planKeeping(kept, state.clock.nowMs(), state.tuning)
  for (const recordingId of plan.remove) await remove(state, recordingId)
  return { removed: plan.remove, warnings: plan.warnings }
}

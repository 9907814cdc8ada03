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

/** A part as replication sees it. */
export interface LocalPart {
  readonly header: PartHeader
  /** Records on this disk: what may be sent. */
  readonly position: number
  /** First sample behind what was taken for it: how long it is by its sound, whatever the clock on the wall says. */
  readonly endSample: number
  /** No record will be added. */
  readonly closed: boolean
}

export interface LocalRecording {
  readonly recordingId: RecordingId
  readonly parts: readonly LocalPart[]
  /** Its last part ends with the sealed record. */
  readonly sealed: boolean
}

export interface Recordings {
  /** Begins part 1, or the next part of a recording that is here already. Rejects when the disk refuses. */
  begin(recording: NewRecording): Promise<RecordingWriter>
  list(): readonly LocalRecording[]
  /** Whole records from `from` on, at most about `limit` of them; empty when there are none yet. */
  read(recordingId: RecordingId, part: number, from: number, limit: number): Promise<readonly LogRecord[]>
  /** A part grew, closed, or a recording came or went. */
  onGrowth(listener: (recordingId: RecordingId) => void): () => void
  /** The call was over when this process died: seals the recording with a part of its own that holds just the seal. */
  sealUnfinished(recordingId: RecordingId): Promise<void>
  /** Destroys the keys, then the files: when the hub has it safe, or on request. */
  remove(recordingId: RecordingId): Promise<void>
  /** Removes what is too old or too much, and tells what will be soon. To be called at start and every hour. */
  keepWithinLimits(): Promise<{
    readonly removed: readonly RecordingId[]
    readonly warnings: readonly KeepingWarning[]
  }>
  space(): Promise<'enough' | 'little' | 'none'>
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

/** The recordings on this PC. Opening repairs every part that a crash left behind; none of them is ever continued. */
export async function openRecordings(needs: RecordingsNeeds): Promise<Recordings> {
  const { folder, masterKey, clock } = needs
  const fs = needs.fs ?? nodeFileSystem
  const tuning = { ...recordingTuning, ...needs.tuning }
  const recordings = new Map<RecordingId, RecordingParts>()
  const writers = new Set<RecordingWriter>()
  const grown = new Set<(recordingId: RecordingId) => void>()
  const tell = (recordingId: RecordingId) => {
    for (const listener of grown) listener(recordingId)
  }

  await fs.makeFolder(folder)
  for (const name of await fs.list(folder)) {
    const interrupted = recordingIdSchema.safeParse(markedForRemoval(name))
    if (interrupted.success) await destroyRecording({ fs, folder }, interrupted.data)
  }
  for (const name of await fs.list(folder)) {
    const parsed = recordingIdSchema.safeParse(name)
    if (!parsed.success) continue
    const load = {
      fs,
      folder,
      masterKey,
      onRepaired: needs.onRepaired ?? (() => undefined),
      suspectSinceMs: clock.nowMs() - tuning.suspectMs,
    }
    const recording = await loadRecording(load, parsed.data)
    if (recording.lastNumber > 0) recordings.set(parsed.data, recording)
  }

  /** Of some, no part can be read: only their numbers are known. */
  const readable = () => [...recordings].filter(([, { parts }]) => parts.size > 0)
  const lastOf = (recording: RecordingParts | undefined): PartState | undefined =>
    recording?.parts.get(Math.max(0, ...recording.parts.keys()))
  const isSealed = (recording: RecordingParts) => {
    const last = lastOf(recording)
    return last !== undefined && last.file.sealed && last.written === last.file.position
  }

  const beginPart = async (told: NewRecording): Promise<RecordingWriter> => {
    const { recordingId } = told
    const recording = recordings.get(recordingId) ?? { parts: new Map<number, PartState>(), lastNumber: 0 }
    const before = recording.parts.get(recording.lastNumber)
    const { callId, codec, extension, language, consent } = told
    recording.lastNumber += 1
    const header: PartHeader = {
      recordingId,
      callId,
      part: recording.lastNumber,
      codec,
      startedAtMs: clock.nowMs(),
      previousPosition: before?.written ?? 0,
      extension,
      language,
      consent,
    }
    await fs.makeFolder(path.join(folder, recordingId))
    await fs.syncFolder(folder)
    const place = { fs, path: partPath(folder, recordingId, header.part), masterKey }
    const file = await createPartFile(place, header).catch((error: unknown) => {
      recording.lastNumber -= 1
      throw error
    })
    const part: PartState = { file, written: 0, closed: false }
    recording.parts.set(header.part, part)
    recordings.set(recordingId, recording)
    const { flushMs, maxWaitingBytes } = tuning
    const onGrowth = () => tell(recordingId)
    const writer = createRecordingWriter({ part, clock, flushMs, maxWaitingBytes, onGrowth })
    writers.add(writer)
    tell(recordingId)
    return writer
  }
  const closeWritersOf = async (recordingId: RecordingId) => {
    for (const writer of writers) {
      if (writer.header.recordingId !== recordingId) continue
      await writer.close()
      writers.delete(writer)
    }
  }
  const remove = async (recordingId: RecordingId) => {
    recordings.delete(recordingId)
    await closeWritersOf(recordingId)
    await destroyRecording({ fs, folder }, recordingId)
    tell(recordingId)
  }

  return {
    async begin(recording) {
      await closeWritersOf(recording.recordingId) // the part before ends where it stands
      return beginPart(recording)
    },
    list: () =>
      readable().map(([recordingId, recording]) => ({
        recordingId,
        sealed: isSealed(recording),
        parts: [...recording.parts.values()]
          .map((part) => ({
            header: part.file.header,
            position: part.written,
            endSample: part.file.endSample,
            closed: part.closed,
          }))
          .sort((a, b) => a.header.part - b.header.part),
      })),
    async read(recordingId, part, from, limit) {
      const current = recordings.get(recordingId)?.parts.get(part)
      if (!current || from >= current.written) return []
      const records: LogRecord[] = []
      try {
        for await (const batch of current.file.read(from)) {
          records.push(...batch)
          if (records.length >= limit) break
        }
      } catch (error) {
        if (recordings.get(recordingId)?.parts.get(part) !== current) return [] // removed meanwhile: no fault of the disk
        throw error
      }
      return records.slice(0, limit)
    },
    onGrowth(listener) {
      grown.add(listener)
      return () => void grown.delete(listener)
    },
    async sealUnfinished(recordingId) {
      const last = lastOf(recordings.get(recordingId))
      if (!last?.closed || last.file.sealed) return
      const writer = await beginPart(last.file.header)
      const outcome = await writer.seal()
      if (!outcome.ok) throw new Error(`the recording could not be sealed: ${outcome.detail}`)
    },
    remove,
    async keepWithinLimits() {
      const kept = readable().map(([recordingId, { parts }]) => {
        const all = [...parts.values()]
        return {
          recordingId,
          bytes: all.reduce((sum, { file }) => sum + file.bytes, 0),
          startedAtMs: Math.min(...all.map(({ file }) => file.header.startedAtMs)),
          open: all.some(({ closed }) => !closed),
        }
      })
      const plan = planKeeping(kept, clock.nowMs(), tuning)
      for (const recordingId of plan.remove) await remove(recordingId)
      return { removed: plan.remove, warnings: plan.warnings }
    },
    async space() {
      const free = await fs.freeBytes(folder)
      return free < tuning.minFreeBytes ? 'none' : free < tuning.warnFreeBytes ? 'little' : 'enough'
    },
    async stop() {
      for (const writer of writers) await writer.close()
      writers.clear()
    },
  }
}

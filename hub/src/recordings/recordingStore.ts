import path from 'node:path'
import {
  type CallId,
  type Clock,
  type LogRecord,
  type RecordingId,
  type StoredPartHeader,
} from '@3cx-ninja/protocol'
import { nodeFileSystem, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import type { PartReader } from '@3cx-ninja/recording-log/partFile.ts'
import { openAdmission, type RecordingLimits } from './admission.ts'
import {
  append,
  notifyChange,
  openPart,
  type AcceptState,
  type AppendOutcome,
  type OpenOutcome,
} from './accept.ts'
import { createDiskFaults, type DiskFault } from './diskFault.ts'
import type { DiskRoom } from './diskReserve.ts'
import { createDurableNotices } from './durableNotices.ts'
import { createFlushNotices } from './flushNotices.ts'
import { startCheckpointer } from './journal/checkpointer.ts'
import { openJournal } from './journal/journal.ts'
import { listSegments } from './journal/journalLine.ts'
import { replayJournal } from './journal/recovery.ts'
import { createFilePool } from './parts/filePool.ts'
import type { RecoveryFinding } from './parts/loadParts.ts'
import { openPartStore } from './parts/partStore.ts'
import type { QuotaUse } from './quotas.ts'
import type { PartRef, RecordingState } from './recordingState.ts'
import { createTailReaders, type DeliverLive, type ResumeFrom, type TailEvent } from './tailReaders.ts'
import { partHandles, recordingsTuning, type RecordingsTuning } from './tuning.ts'

/**
 * The hub's copy of all recordings. A record is first in memory and in the journal (one flush acknowledges all agents), then
 * in its part's own file; a recording grows until its seal, and leaves by `remove`. Knows nothing of sockets, of calls or of
 * transcripts: those live in sockets/, calls/ and transcripts/.
 */
export interface RecordingStore {
  /**
   * Resolves with the stored position, where the agent goes on. Idempotent; never rejects. A recording belongs to the agent
   * that the header of its first part names: another agent is refused `not-yours`. Rules R1 to R3 and R15.
   */
  openPart(header: StoredPartHeader): Promise<OpenOutcome>
  /**
   * Accepts records of consecutive sequence, all or none, and keeps no reference to them; tail readers get them at once, the
   * acknowledgement comes by onFlushed. Returns `position` for records that are not the next ones, `sealed` for a part that
   * has ended, `disk-full` when the disk or a quota of the agent (rule R17) has no room: then the agent sends them again later.
   */
  append(ref: PartRef, records: readonly LogRecord[]): AppendOutcome
  /** Calls the listener for each part that is durable up to a new position. Returns the function that unsubscribes. */
  onFlushed(listener: (ref: PartRef, position: number) => void): () => void
  /** Calls the listener for one part only: with 1,000 agents a listener each must not run for all the others, 50 times a second. */
  onPartFlushed(ref: PartRef, listener: (position: number) => void): () => void
  /** Calls the listener when a part is opened or ends, or a recording is sealed or removed (then `state` returns undefined). Not per record. */
  onChange(listener: (recordingId: RecordingId) => void): () => void
  /** Calls the listener once a recording is complete and all of it survives a power cut; see `durable` of its state. */
  onDurable(listener: (recordingId: RecordingId) => void): () => void
  /** Calls the listener at once where the disk has a fault, and when the fault's kind changes; `none`: the disk works again. */
  onDiskFault(listener: (fault: DiskFault) => void): () => void
  state(recordingId: RecordingId): RecordingState | undefined
  list(): readonly RecordingState[]
  /** Returns the recordings whose parts name this call: by the id that its agent uses, which is not always the canonical one. */
  ofCall(callId: CallId): readonly RecordingId[]
  /** Returns whether the recording was destroyed on request: then it is refused forever. */
  isErased(recordingId: RecordingId): boolean
  /** Resolves with a reader of the part as it stands; undefined for an unknown part. Rejects when its file cannot be read. */
  openReader(ref: PartRef): Promise<PartReader | undefined>
  /**
   * Yields the stored records from shortly before `from`, then each new one; ends after the sealed record, or when the
   * recording is removed. With `deliver`, a record that arrives when everything before it was consumed is delivered within
   * `append`, and not yielded. Throws when the part's file cannot be read.
   */
  follow(
    recordingId: RecordingId,
    from: ResumeFrom,
    signal: AbortSignal,
    deliver?: DeliverLive,
  ): AsyncGenerator<TailEvent>
  /**
   * Destroys the keys, then the files, and with the keys the journal's copies. Resolves once they are gone; rejects when the
   * disk refuses. Erased recordings are remembered, so that a late agent is refused.
   */
  remove(recordingId: RecordingId, reason: 'erased' | 'retention'): Promise<void>
  /** Returns the agents whose quotas are nearly or wholly used, the fullest first. */
  crowded(): readonly QuotaUse[]
  /** Returns how full the disk is, by its last measure; undefined: it does not say. */
  room(): DiskRoom | undefined
  usage(): Promise<{
    /** Of all stored recordings, once everything is written to their files. */
    readonly bytes: number
    readonly freeBytes: number
    readonly recordings: number
    readonly openParts: number
    readonly unflushedBytes: number
  }>
  /** Resolves once everything is flushed and closed. Rejects when the disk refuses; unacknowledged records are lost. */
  stop(): Promise<void>
}

export interface RecordingStoreNeeds {
  readonly folder: string
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly fs?: FileSystem
  /** The list of recordings that were destroyed on request; by default in the folder itself. */
  readonly erasuresFile?: string
  /** How many files the process may open; undefined: the machine names no limit. */
  readonly filesLimit?: number | undefined
  readonly tuning?: Partial<RecordingsTuning>
  /** By default none. */
  readonly limits?: () => RecordingLimits
  /** Called when an agent has used four fifths of a quota. */
  readonly onCrowded?: (use: QuotaUse) => void
  /** Called for each finding of the recovery, and for each repair. */
  readonly onRecovered?: (found: RecoveryFinding) => void
}

const NO_LIMITS: RecordingLimits = {
  recordings: Infinity,
  parts: Infinity,
  bytesPerDay: Infinity,
  reserveBytes: undefined,
}

interface State extends AcceptState {
  readonly tuning: RecordingsTuning
  readonly faultListeners: Set<(fault: DiskFault) => void>
}

/**
 * Opens the hub's recordings: replays the journal into the parts' own files, then accepts new records. Rejects when a file
 * was written under another master key, or when the disk refuses.
 */
export async function openRecordingStore(needs: RecordingStoreNeeds): Promise<RecordingStore> {
  const { clock } = needs
  const fs = needs.fs ?? nodeFileSystem
  const state = await openState(needs, fs)
  const { parts, journal, tailReaders, notices, durables, admission } = state
  const checkpointer = startCheckpointer({
    parts,
    journal,
    clock,
    tuning: state.tuning,
    onRound: (error) => roundEnded(state, error),
  })
  notices.onFlushed(() => {
    if (admission.shares.isHolding()) checkpointer.hurry()
  })
  return {
    openPart: (header) => openPart(state, header),
    append: (ref, records) => append(state, ref, records),
    onFlushed: notices.onFlushed,
    onPartFlushed: notices.onPartFlushed,
    onDurable: durables.onDurable,
    onChange: (listener) => subscribe(state.changeListeners, listener),
    onDiskFault(listener) {
      const fault = state.faults.current()
      if (fault) listener(fault) // the disk may be full at the start already
      return subscribe(state.faultListeners, listener)
    },
    state: parts.state,
    list: parts.list,
    ofCall: parts.ofCall,
    isErased: parts.isErased,
    openReader: parts.openReader,
    follow: tailReaders.follow,
    async remove(recordingId, reason) {
      tailReaders.removed(recordingId)
      await parts.remove(recordingId, reason).finally(() => {
        tailReaders.removed(recordingId) // readers that came meanwhile
        notifyChange(state, recordingId)
      })
    },
    crowded: admission.crowded,
    room: admission.room,
    usage: async () => ({
      ...parts.count(),
      freeBytes: await fs.freeBytes(needs.folder),
      unflushedBytes: journal.unflushedBytes,
    }),
    async stop() {
      await Promise.all([checkpointer.stop(), admission.stop()])
      await journal.stop().finally(() => parts.stop())
    },
  }
}

async function openState(needs: RecordingStoreNeeds, fs: FileSystem): Promise<State> {
  const { clock, masterKey, onRecovered = () => undefined } = needs
  const tuning = { ...recordingsTuning, ...needs.tuning }
  const journalFolder = path.join(needs.folder, 'journal')
  const partsFolder = path.join(needs.folder, 'parts')
  await fs.makeFolder(journalFolder)
  await fs.makeFolder(partsFolder)
  const faultListeners: State['faultListeners'] = new Set()
  const faults = createDiskFaults(needs.folder, (fault) => {
    admission.shares.releaseAll()
    for (const listener of faultListeners) listener(fault)
  })
  const erasuresFile = needs.erasuresFile ?? path.join(needs.folder, 'erasures.log')
  const { folder, limits = () => NO_LIMITS, onCrowded = () => undefined } = needs
  const admission = await openAdmission({ fs, folder, clock, tuning, limits, faults, onCrowded })
  const { shares } = admission
  const pool = createFilePool({ fs, limit: partHandles(needs.filesLimit, tuning) })
  const parts = await openPartStore({
    folder: partsFolder,
    fs: pool,
    masterKey,
    clock,
    onRecovered,
    shares,
    erasuresFile,
  })
  const segments = await listSegments(fs, journalFolder)
  await replayJournal({ fs, folder: journalFolder, segments, parts, onRecovered })
  for (const recording of parts.list()) admission.changed(recording.recordingId, recording)
  const tailReaders = createTailReaders({
    parts,
    tuning,
    onShort: ({ recordingId, part }, readable, stored) =>
      onRecovered({
        kind: 'part-damaged',
        recordingId,
        detail: `part ${part}: ${readable} of ${stored} records can be read`,
      }),
  })
  const notices = createFlushNotices()
  const durables = createDurableNotices(parts)
  notices.onFlushed(durables.check)
  const journal = await openJournal({
    folder: journalFolder,
    fs,
    clock,
    tuning,
    firstSegment: (segments.at(-1) ?? 0) + 1,
    onDiskFault: (error) => faults.report('journal', error),
    onFlushed: notices.flushed,
  })
  return {
    ...{ clock, tuning, parts, journal, tailReaders, notices, durables, faults, admission, faultListeners },
    changeListeners: new Set(),
    openingFaultMs: 0,
  }
}

function roundEnded(
  { faults, durables, clock, openingFaultMs, tuning }: State,
  error: Error | undefined,
): void {
  faults.report('parts', error)
  durables.check()
  if (clock.monotonicMs() - openingFaultMs >= tuning.openingFaultMs) faults.report('opening', undefined)
}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

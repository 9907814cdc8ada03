import path from 'node:path'
import type { Clock, LogRecord, PartHeader, RecordingId } from '@3cx-ninja/protocol'
import { nodeFileSystem, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import type { PartReader } from '@3cx-ninja/recording-log/partFile.ts'
import { createDiskFaults, type DiskFault } from './diskFault.ts'
import { createTailReaders, type TailEvent, type ResumeFrom, type DeliverLive } from './tailReaders.ts'
import { referenceOf, type OpenPart } from './parts/openPart.ts'
import { openJournal } from './journal/journal.ts'
import { listSegments } from './journal/journalLine.ts'
import { startCheckpointer } from './journal/checkpointer.ts'
import { openPartStore, type RecoveryFinding } from './parts/partStore.ts'
import type { PartRef, RecordingState } from './recordingState.ts'
import { replayJournal } from './journal/recovery.ts'
import { recordingsTuning, type RecordingsTuning } from './tuning.ts'

export type OpenOutcome =
  | {
      readonly ok: true
      readonly position: number
      /** Up to here it survives a power cut. */
      readonly flushed: number
    }
  | { readonly ok: false; readonly reason: 'erased' | 'header-differs' | 'disk-full' }
export type AppendOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'position'; readonly position: number }
  | { readonly ok: false; readonly reason: 'unknown-part' | 'erased' | 'disk-full' | 'sealed' }

export interface RecordingStore {
  /** Idempotent. Answers the position that the hub holds; the agent goes on there. Rules R2 and R3. */
  openPart(header: PartHeader): Promise<OpenOutcome>
  /**
   * Takes records of consecutive sequence, all or none, and keeps no hold on them; followers get them at once, the
   * acknowledgement comes by onFlushed. `position`: not the next ones. `sealed`: the part has ended. `disk-full`: too much waits for the disk; send it again later.
   */
  append(ref: PartRef, records: readonly LogRecord[]): AppendOutcome
  onFlushed(listener: (ref: PartRef, position: number) => void): () => void
  /** The same for one part: with 1,000 agents a listener each must not hear of all the others, 50 times a second. */
  onPartFlushed(ref: PartRef, listener: (position: number) => void): () => void
  /** A part was opened or ended, a recording was sealed or removed (then `state` knows it no more). Not per record. */
  onChange(listener: (recordingId: RecordingId) => void): () => void
  onDiskFault(listener: (faults: DiskFault) => void): () => void
  state(recordingId: RecordingId): RecordingState | undefined
  list(): readonly RecordingState[]
  /** Destroyed on request, and refused for ever. */
  isErased(recordingId: RecordingId): boolean
  /** A part as it stands; undefined when it is not held. Rejects when its file cannot be read. */
  openReader(ref: PartRef): Promise<PartReader | undefined>
  /**
   * What is held from shortly before `from`, then what comes; ends behind the sealed record, or when removed. With `take`
   * what comes while everything before it is read is handed over within `append`, and not yielded.
   */
  follow(
    recordingId: RecordingId,
    from: ResumeFrom,
    signal: AbortSignal,
    take?: DeliverLive,
  ): AsyncGenerator<TailEvent>
  /** Destroys the keys, then the files, the journal's copies with them. Erased ones are remembered: a late agent is told. */
  remove(recordingId: RecordingId, why: 'erased' | 'retention'): Promise<void>
  usage(): Promise<{
    /** Of all recordings held, as their files will be. */
    readonly bytes: number
    readonly freeBytes: number
    readonly recordings: number
    readonly openParts: number
    readonly unflushedBytes: number
  }>
  stop(): Promise<void>
}

export interface RecordingStoreNeeds {
  readonly folder: string
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly fs?: FileSystem
  readonly tuning?: Partial<RecordingsTuning>
  /** Called for what recovery found and cut, one line each. */
  readonly onRecovered?: (found: RecoveryFinding) => void
}

/**
 * Opens the hub's recordings: replays the journal into the parts' own files, then takes new records. Rejects when a file
 * was written under another master key, or when the disk refuses.
 */
export async function openRecordingStore(needs: RecordingStoreNeeds): Promise<RecordingStore> {
  const { clock, masterKey } = needs
  const fs = needs.fs ?? nodeFileSystem
  const onRecovered = needs.onRecovered ?? (() => undefined)
  const tuning = { ...recordingsTuning, ...needs.tuning }
  const journalFolder = path.join(needs.folder, 'journal')
  const partsFolder = path.join(needs.folder, 'parts')
  await fs.makeFolder(journalFolder)
  await fs.makeFolder(partsFolder)

  const flushed = new Set<(ref: PartRef, position: number) => void>()
  const partFlushed = new Map<string, Set<(position: number) => void>>()
  const changed = new Set<(recordingId: RecordingId) => void>()
  const faulty = new Set<(faults: DiskFault) => void>()
  const faults = createDiskFaults(needs.folder, (faults) => {
    for (const listener of faulty) listener(faults)
  })

  const parts = await openPartStore({ folder: partsFolder, fs, masterKey, clock, onRecovered })
  const segments = await listSegments(fs, journalFolder)
  await replayJournal({ fs, folder: journalFolder, segments, parts, onRecovered })
  const followers = createTailReaders({
    parts,
    tuning,
    onShort: ({ recordingId, part }, openReader, held) =>
      onRecovered({
        kind: 'part-damaged',
        recordingId,
        detail: `part ${part}: ${openReader} of ${held} records can be read`,
      }),
  })

  // Which positions wait for which flush: journal number → part whose last record it covers.
  const unflushed: { number: number; ref: PartRef; part: OpenPart; position: number }[] = []
  const tellFlushed = (upTo: number) => {
    const first = unflushed.findIndex(({ number }) => number > upTo)
    const done = unflushed.splice(0, first < 0 ? unflushed.length : first)
    for (const { part, position } of done) part.journaled = part.flushed = Math.max(part.flushed, position)
    for (const { part, ref, position } of done) {
      if (position !== part.journaled) continue // a later one of the same part tells
      for (const listener of partFlushed.get(part.reference) ?? []) listener(position)
      for (const listener of flushed) listener(ref, position)
    }
  }
  const journal = await openJournal({
    folder: journalFolder,
    fs,
    clock,
    tuning,
    firstSegment: (segments.at(-1) ?? 0) + 1,
    onDiskFault: (error) => faults.report('journal', error),
    onFlushed: tellFlushed,
  })
  let openingFaultMs = 0
  const mover = startCheckpointer({
    parts,
    journal,
    clock,
    tuning,
    onRound(error) {
      faults.report('parts', error)
      if (clock.monotonicMs() - openingFaultMs >= tuning.openingFaultMs) faults.report('opening', undefined)
    },
  })

  const tellChange = (recordingId: RecordingId) => {
    for (const listener of changed) listener(recordingId)
  }
  const subscribe = <Listener>(set: Set<Listener>, listener: Listener) => {
    set.add(listener)
    return () => void set.delete(listener)
  }
  const isFull = () =>
    journal.unflushedBytes > tuning.maxUnflushedBytes || parts.unwrittenBytes() > tuning.maxUnflushedBytes

  return {
    async openPart(header) {
      if (faults.has('journal')) return { ok: false, reason: 'disk-full' }
      try {
        const outcome = await parts.open(header)
        if (!outcome.ok) return outcome
        if (outcome.created) {
          faults.report('opening', undefined)
          followers.partOpened(header.recordingId)
          tellChange(header.recordingId)
        }
        return { ok: true, position: outcome.position, flushed: outcome.flushed }
      } catch (error) {
        openingFaultMs = clock.monotonicMs()
        faults.report('opening', error instanceof Error ? error : new Error(String(error)))
        return { ok: false, reason: 'disk-full' }
      }
    },

    append(ref, records) {
      const first = records[0]
      if (!first) return { ok: true }
      const ended = parts.hasEnded(ref)
      if (ended === undefined)
        return { ok: false, reason: parts.isErased(ref.recordingId) ? 'erased' : 'unknown-part' }
      const part = parts.growing(ref)
      const position = parts.position(ref)
      if (records.some(({ sequence }, index) => sequence !== position + index))
        return { ok: false, reason: 'position', position }
      if (ended || !part) return { ok: false, reason: 'sealed' }
      const { file } = part
      if (records.slice(0, -1).some(({ kind }) => kind === 'sealed')) return { ok: false, reason: 'sealed' }
      if (isFull()) return { ok: false, reason: 'disk-full' }
      let number = 0
      for (const record of records) {
        const entry = file.encode(record)
        part.add(entry)
        number = journal.append(part.reference, entry)
      }
      part.touchedMs = clock.monotonicMs()
      unflushed.push({ number, ref, part, position: file.position })
      followers.appended(ref, records)
      if (parts.hasEnded(ref)) {
        followers.ended(ref.recordingId)
        tellChange(ref.recordingId)
      }
      return { ok: true }
    },

    onFlushed: (listener) => subscribe(flushed, listener),
    onPartFlushed(ref, listener) {
      const reference = referenceOf(ref)
      const listeners = partFlushed.get(reference) ?? new Set()
      partFlushed.set(reference, listeners.add(listener))
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) partFlushed.delete(reference)
      }
    },
    onChange: (listener) => subscribe(changed, listener),
    onDiskFault: (listener) => subscribe(faulty, listener),
    state: (recordingId) => parts.state(recordingId),
    list: () => parts.list(),
    isErased: (recordingId) => parts.isErased(recordingId),
    openReader: (ref) => parts.openReader(ref),
    follow: (...how) => followers.follow(...how),

    async remove(recordingId, why) {
      followers.removed(recordingId)
      await parts.remove(recordingId, why).finally(() => {
        followers.removed(recordingId) // who came meanwhile
        tellChange(recordingId)
      })
    },

    usage: async () => ({
      ...parts.count(),
      freeBytes: await fs.freeBytes(needs.folder),
      unflushedBytes: journal.unflushedBytes,
    }),

    async stop() {
      await mover.stop()
      await journal.stop().finally(() => parts.stop())
    },
  }
}

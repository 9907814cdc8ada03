import path from 'node:path'
import type { CallId, Clock, Language, LogRecord, PartHeader, RecordingId } from '@3cx-ninja/protocol'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { errorCode, nodeFileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createFollowers, type Followed, type FollowFrom } from './followers.ts'
import { listSegments, openJournal, type Journal } from './journal.ts'
import { createParts, type Parts } from './parts.ts'
import { replayJournal } from './recovery.ts'
import { recordingsTuning, type RecordingsTuning } from './tuning.ts'

export type { Followed, FollowFrom } from './followers.ts'

export interface PartRef {
  readonly recordingId: RecordingId
  readonly part: number
}
export type OpenOutcome =
  | {
      readonly ok: true
      readonly position: number
      /** Up to here it is on disk. */ readonly flushed: number
    }
  | { readonly ok: false; readonly reason: 'erased' | 'header-differs' | 'disk-full' }
export type AppendOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'position'; readonly position: number }
  | { readonly ok: false; readonly reason: 'unknown-part' | 'erased' | 'disk-full' | 'sealed' }
export interface PartState {
  readonly header: PartHeader
  readonly position: number
  readonly endSample: number
  /** No record will follow: a later part began behind its end, or it is sealed. */
  readonly ended: boolean
}
export interface RecordingState {
  readonly recordingId: RecordingId
  readonly callId: CallId
  readonly language: Language
  readonly parts: readonly PartState[]
  /** The recording is complete: its last part is sealed, and all before it ended. */
  readonly sealed: boolean
  readonly updatedAtMs: number
}
export interface DiskTrouble {
  readonly kind: 'disk-full' | 'io' | 'none'
  readonly detail: string
  readonly remedy: string
}

export interface RecordingStore {
  /** Idempotent. Answers the position that the hub holds; the agent goes on there. Rules R2 and R3. */
  openPart(header: PartHeader): Promise<OpenOutcome>
  /** Takes records of consecutive sequence; followers get them at once, the acknowledgement comes by onFlushed. */
  append(ref: PartRef, records: readonly LogRecord[]): AppendOutcome
  onFlushed(listener: (ref: PartRef, position: number) => void): () => void
  /** A part was opened or ended, a recording was sealed or removed (then `state` knows it no more). Not per record. */
  onChange(listener: (recordingId: RecordingId) => void): () => void
  onTrouble(listener: (trouble: DiskTrouble) => void): () => void
  state(recordingId: RecordingId): RecordingState | undefined
  list(): readonly RecordingState[]
  /** What is held from shortly before `from`, then what comes; ends behind the sealed record, or when removed. */
  follow(recordingId: RecordingId, from: FollowFrom, signal: AbortSignal): AsyncGenerator<Followed>
  /** Destroys the keys, then the files. An erased recording is remembered: a late agent is told so. */
  remove(recordingId: RecordingId, why: 'erased' | 'retention'): Promise<void>
  usage(): Promise<{
    readonly freeBytes: number
    readonly recordings: number
    readonly growing: number
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
  readonly onRecovered?: (found: {
    readonly what: string
    readonly recordingId?: string
    readonly detail: string
  }) => void
}

const refOf = ({ recordingId, part }: PartRef) => `${recordingId}/${part}`

/** Opens the hub's recordings: replays the journal into the parts' own files, then takes new records. */
export async function openRecordingStore(needs: RecordingStoreNeeds): Promise<RecordingStore> {
  const { clock, masterKey } = needs
  const fs = needs.fs ?? nodeFileSystem
  const tuning = { ...recordingsTuning, ...needs.tuning }
  const journalFolder = path.join(needs.folder, 'journal')
  const partsFolder = path.join(needs.folder, 'parts')
  await fs.makeFolder(journalFolder)
  await fs.makeFolder(partsFolder)

  const flushed = new Set<(ref: PartRef, position: number) => void>()
  const changed = new Set<(recordingId: RecordingId) => void>()
  const troubled = new Set<(trouble: DiskTrouble) => void>()
  let trouble: DiskTrouble | undefined
  const tellTrouble = (error: Error | undefined) => {
    const next = error ? describeTrouble(error, needs.folder) : undefined
    if (next?.kind === trouble?.kind) return
    trouble = next
    for (const listener of troubled)
      listener(next ?? { kind: 'none', detail: 'the disk works again', remedy: '' })
  }

  const parts: Parts = await createParts({
    folder: partsFolder,
    fs,
    masterKey,
    clock,
    onRecovered: needs.onRecovered ?? (() => undefined),
  })
  const oldSegments = await listSegments(fs, journalFolder)
  await replayJournal({
    fs,
    folder: journalFolder,
    segments: oldSegments,
    parts,
    onRecovered: needs.onRecovered ?? (() => undefined),
  })
  const followers = createFollowers({ parts, tuning })

  // Which positions wait for which flush: journal number → parts whose last record it covers.
  const unflushed: { number: number; ref: PartRef; position: number }[] = []
  const journal: Journal = await openJournal({
    folder: journalFolder,
    fs,
    clock,
    tuning,
    firstSegment: (oldSegments.at(-1) ?? 0) + 1,
    onTrouble: tellTrouble,
    onFlushed(upTo) {
      const latest = new Map<string, { ref: PartRef; position: number }>()
      let done = 0
      for (const waiting of unflushed) {
        if (waiting.number > upTo) break
        latest.set(refOf(waiting.ref), waiting)
        done += 1
      }
      unflushed.splice(0, done)
      for (const { ref, position } of latest.values()) {
        const part = parts.growing(ref)
        if (part) part.flushed = position
        for (const listener of flushed) listener(ref, position)
      }
    },
  })

  let segmentSinceMs = clock.monotonicMs()
  let moving: Promise<void> = Promise.resolve()
  let cancelMove: () => void = () => undefined
  const moveOn = async () => {
    try {
      await parts.writePending()
      const old = clock.monotonicMs() - segmentSinceMs >= tuning.segmentMs
      if (journal.segmentBytes >= tuning.segmentBytes || (old && journal.segmentBytes > 0)) {
        const closed = await journal.rotate()
        segmentSinceMs = clock.monotonicMs()
        await parts.writePending()
        await parts.flush()
        await journal.discard(closed)
      }
      await parts.closeIdle(tuning.closeIdleMs)
    } catch (error) {
      tellTrouble(error instanceof Error ? error : new Error(String(error))) // nothing is lost: tried again at the next round
    }
  }
  const scheduleMove = () => {
    cancelMove = clock.after(tuning.moveEveryMs, () => {
      moving = moveOn().finally(scheduleMove)
    })
  }
  scheduleMove()

  const tellChange = (recordingId: RecordingId) => {
    for (const listener of changed) listener(recordingId)
  }
  const subscribe = <Listener>(set: Set<Listener>, listener: Listener) => {
    set.add(listener)
    return () => void set.delete(listener)
  }

  return {
    async openPart(header) {
      if (trouble) return { ok: false, reason: 'disk-full' }
      try {
        const outcome = await parts.open(header)
        if (!outcome.ok) return outcome
        if (outcome.created) {
          followers.partOpened(header.recordingId)
          tellChange(header.recordingId)
        }
        return { ok: true, position: outcome.position, flushed: outcome.flushed }
      } catch (error) {
        tellTrouble(error instanceof Error ? error : new Error(String(error)))
        return { ok: false, reason: 'disk-full' }
      }
    },

    append(ref, records) {
      const first = records[0]
      if (!first) return { ok: true }
      const part = parts.growing(ref)
      if (!part) return { ok: false, reason: parts.isErased(ref.recordingId) ? 'erased' : 'unknown-part' }
      if (part.file.sealed) return { ok: false, reason: 'sealed' }
      if (first.sequence !== part.file.position)
        return { ok: false, reason: 'position', position: part.file.position }
      if (trouble && journal.unflushedBytes > tuning.maxUnflushedBytes)
        return { ok: false, reason: 'disk-full' }
      const reference = refOf(ref)
      let number = 0
      const kept = records.map((record) => ({ ...record, payload: record.payload.slice() }))
      for (const record of kept) {
        const entry = part.file.encode(record)
        part.pending.push(entry)
        number = journal.append(reference, entry)
      }
      part.touchedMs = clock.monotonicMs()
      unflushed.push({ number, ref, position: part.file.position })
      followers.appended(ref, kept)
      if (kept.at(-1)?.kind === 'sealed' || parts.endsBy(ref)) {
        followers.ended(ref.recordingId)
        tellChange(ref.recordingId)
      }
      return { ok: true }
    },

    onFlushed: (listener) => subscribe(flushed, listener),
    onChange: (listener) => subscribe(changed, listener),
    onTrouble: (listener) => subscribe(troubled, listener),
    state: (recordingId) => parts.state(recordingId),
    list: () => parts.list(),
    follow: (recordingId, from, signal) => followers.follow(recordingId, from, signal),

    async remove(recordingId, why) {
      await moving
      followers.removed(recordingId)
      await parts.remove(recordingId, why)
      tellChange(recordingId)
    },

    usage: async () => ({
      freeBytes: await fs.freeBytes(needs.folder),
      recordings: parts.list().length,
      growing: parts.growingCount(),
      unflushedBytes: journal.unflushedBytes,
    }),

    async stop() {
      cancelMove()
      await moving
      cancelMove()
      await journal.stop()
      await parts.stop()
    },
  }
}

function describeTrouble(error: Error, folder: string): DiskTrouble {
  if (['ENOSPC', 'EDQUOT'].includes(errorCode(error))) {
    return {
      kind: 'disk-full',
      detail: `no space left in ${folder}`,
      remedy: 'Free space or move the data folder; agents keep their recordings and go on by themselves.',
    }
  }
  return {
    kind: 'io',
    detail: `${folder}: ${error.message}`,
    remedy: 'Check the disk; agents keep their recordings meanwhile.',
  }
}

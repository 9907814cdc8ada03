import {
  toError,
  type Clock,
  type LogRecord,
  type RecordingId,
  type StoredPartHeader,
} from '@3cx-ninja/protocol'
import type { Admission } from './admission.ts'
import { isOutOfHandles, type DiskFaults } from './diskFault.ts'
import type { DurableNotices } from './durableNotices.ts'
import type { FlushNotices } from './flushNotices.ts'
import type { Journal } from './journal/journal.ts'
import type { PartStore } from './parts/partStore.ts'
import type { PartRef } from './recordingState.ts'
import type { TailReaders } from './tailReaders.ts'

export type OpenOutcome =
  | {
      readonly ok: true
      readonly position: number
      /** Up to here the part survives a power cut. */
      readonly flushed: number
    }
  | { readonly ok: false; readonly reason: 'erased' | 'not-yours' | 'header-differs' }
  | NoRoom
export type AppendOutcome =
  /** `room`: the agent's share is full, and it should not be read until this resolves. */
  | { readonly ok: true; readonly room?: Promise<void> | undefined }
  | { readonly ok: false; readonly reason: 'position'; readonly position: number }
  | { readonly ok: false; readonly reason: 'unknown-part' | 'erased' | 'sealed' }
  | NoRoom
/** The hub takes no sound now: of anybody, or of this agent. `detail` says why, for a person at the agent. */
export interface NoRoom {
  readonly ok: false
  readonly reason: 'disk-full'
  readonly detail?: string
}

/** What accepting parts and records works on. */
export interface AcceptState {
  readonly clock: Clock
  readonly parts: PartStore
  readonly journal: Journal
  readonly tailReaders: TailReaders
  readonly notices: FlushNotices
  readonly durables: DurableNotices
  readonly faults: DiskFaults
  readonly admission: Admission
  readonly changeListeners: Set<(recordingId: RecordingId) => void>
  /** When the disk last refused a new part, monotonic. */
  openingFaultMs: number
}

/** What a record takes besides its payload, in the journal and in its part's file. */
const RECORD_BYTES = 64
const NO_HANDLES = 'The hub can open no more files: its administrator must raise their limit.'

/** Opens or creates the part, or refuses it. Never rejects: a disk that refuses is an outcome. */
export async function openPart(state: AcceptState, header: StoredPartHeader): Promise<OpenOutcome> {
  const { parts, faults, tailReaders, clock, admission } = state
  if (faults.has('journal')) return { ok: false, reason: 'disk-full' }
  const { agentId, recordingId } = header
  const detail = parts.hasEnded(header) === undefined && admission.againstPart(agentId, recordingId)
  if (detail) return { ok: false, reason: 'disk-full', detail }
  try {
    const outcome = await parts.open(header)
    if (!outcome.ok) return outcome
    if (outcome.created) {
      faults.report('opening', undefined)
      admission.created(agentId)
      tailReaders.partOpened(recordingId)
      notifyChange(state, recordingId)
    }
    return { ok: true, position: outcome.position, flushed: outcome.flushed }
  } catch (error) {
    state.openingFaultMs = clock.monotonicMs()
    faults.report('opening', toError(error))
    return { ok: false, reason: 'disk-full', ...(isOutOfHandles(error) ? { detail: NO_HANDLES } : {}) }
  }
}

/** Accepts the records, all or none: into memory, the journal and the readers that wait. */
export function append(state: AcceptState, ref: PartRef, records: readonly LogRecord[]): AppendOutcome {
  const { parts, journal, tailReaders, notices, clock, admission } = state
  if (records.length === 0) return { ok: true }
  const ended = parts.hasEnded(ref)
  if (ended === undefined)
    return { ok: false, reason: parts.isErased(ref.recordingId) ? 'erased' : 'unknown-part' }
  const part = parts.openPart(ref)
  const position = parts.position(ref)
  if (records.some(({ sequence }, index) => sequence !== position + index))
    return { ok: false, reason: 'position', position }
  if (ended || !part) return { ok: false, reason: 'sealed' }
  if (records.slice(0, -1).some(({ kind }) => kind === 'sealed')) return { ok: false, reason: 'sealed' }
  const bytes = records.reduce((sum, { payload }) => sum + payload.length + RECORD_BYTES, 0)
  const { agentId } = part.file.header
  const detail = admission.againstRecords(agentId, bytes)
  if (detail) return { ok: false, reason: 'disk-full', detail }
  let number = 0
  for (const record of records) {
    const entry = part.file.encode(record)
    part.add(entry)
    number = journal.append(part.reference, entry)
  }
  part.touchedMs = clock.monotonicMs()
  notices.add({ number, ref, part, position: part.file.position })
  tailReaders.appended(ref, records)
  if (parts.hasEnded(ref)) {
    tailReaders.ended(ref.recordingId)
    state.durables.add(ref.recordingId)
    notifyChange(state, ref.recordingId)
  }
  const room = admission.accepted(agentId, bytes)
  return room ? { ok: true, room } : { ok: true }
}

/** Counts the recording as it stands now, and notifies its listeners. */
export function notifyChange(
  { changeListeners, admission, parts }: AcceptState,
  recordingId: RecordingId,
): void {
  admission.changed(recordingId, parts.state(recordingId))
  for (const listener of changeListeners) listener(recordingId)
}

import type { AgentId, Clock, RecordingId } from '@3cx-ninja/protocol'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { reserveFault, type DiskFaults } from './diskFault.ts'
import { openDiskReserve, type DiskReserve, type DiskRoom } from './diskReserve.ts'
import { createQuotas, PART_BYTES, type QuotaLimits, type Quotas, type QuotaUse } from './quotas.ts'
import type { RecordingState } from './recordingState.ts'
import { createShares, type Shares } from './shares.ts'
import type { RecordingsTuning } from './tuning.ts'

/** How much recordings may take: of the disk in all, and each agent of it. */
export interface RecordingLimits extends QuotaLimits {
  /** Bytes that stay free for everything else; undefined: by the size of the disk. */
  readonly reserveBytes: number | undefined
}

/** Whether the hub takes more sound, and of whom. Each refusal is a sentence for the agent; it tries again later. */
export interface Admission {
  readonly shares: Shares
  /** Returns why a new part of this recording may not be opened. */
  againstPart(agentId: AgentId | undefined, recordingId: RecordingId): string | undefined
  /** Returns why the agent may not send so many bytes more. */
  againstRecords(agentId: AgentId | undefined, bytes: number): string | undefined
  /** Counts a part that was created. */
  created(agentId: AgentId | undefined): void
  /** Counts records that were accepted. Returns a promise when the agent should not be read until it resolves. */
  accepted(agentId: AgentId | undefined, bytes: number): Promise<void> | undefined
  /** Counts a recording as it stands now; undefined: it was removed. */
  changed(recordingId: RecordingId, state: RecordingState | undefined): void
  /** Returns the agents whose quotas are nearly or wholly used, the fullest first. */
  crowded(): readonly QuotaUse[]
  /** Returns how full the disk is; undefined: it does not say. */
  room(): DiskRoom | undefined
  stop(): Promise<void>
}

export interface AdmissionNeeds {
  readonly fs: FileSystem
  readonly folder: string
  readonly clock: Clock
  readonly tuning: RecordingsTuning
  readonly limits: () => RecordingLimits
  readonly faults: Pick<DiskFaults, 'report' | 'has'>
  /** Called when an agent has used four fifths of a quota. */
  readonly onCrowded: (use: QuotaUse) => void
}

const DISK_SLOW = 'Too much waits for the hub’s disk; the hub takes the recording as soon as it can.'
const RESERVE =
  'The hub’s disk is nearly full: what is left is kept for calls and tickets. The administrator must free space.'
const QUOTAS: Readonly<Record<QuotaUse['kind'], (limit: number) => string>> = {
  recordings: (limit) => `This agent has ${limit} recordings without an end on the hub, as many as it may.`,
  parts: (limit) =>
    `The unfinished recordings of this agent have ${limit} parts on the hub, as many as they may.`,
  bytesPerDay: (limit) =>
    `This agent sent ${Math.round(limit / 1e6)} MB today, as much as it may; tomorrow it goes on.`,
}

/** Measures the disk, and counts from nothing: call `changed` for each stored recording. Resolves after the first measure. */
export async function openAdmission(needs: AdmissionNeeds): Promise<Admission> {
  const { fs, folder, clock, tuning, limits, faults } = needs
  const shares = createShares(tuning)
  const quotas = createQuotas({ clock, limits, onCrowded: needs.onCrowded })
  const reserve = await openDiskReserve({
    ...{ fs, folder, clock },
    everyMs: tuning.measureDiskMs,
    reserveBytes: () => limits().reserveBytes,
    onChange: (room, isReached) =>
      faults.report('reserve', isReached ? reserveFault(folder, room) : undefined),
  })
  const parts = { shares, quotas, reserve, faults }
  return {
    shares,
    againstPart: (agentId, recordingId) => againstPart(parts, agentId, recordingId),
    againstRecords: (agentId, bytes) => againstRecords(parts, agentId, bytes),
    created(agentId) {
      if (agentId) quotas.stored(agentId, PART_BYTES)
      reserve.accepted(PART_BYTES)
    },
    accepted(agentId, bytes) {
      if (agentId) quotas.stored(agentId, bytes)
      reserve.accepted(bytes)
      const isStuck = faults.has('journal') || faults.has('parts')
      return isStuck ? undefined : shares.pressureOf(agentId)
    },
    changed: (recordingId, state) => quotas.changed(recordingId, state),
    crowded: () => quotas.crowded(),
    room: () => reserve.room(),
    stop: () => reserve.stop(),
  }
}

interface Parts {
  readonly shares: Shares
  readonly quotas: Quotas
  readonly reserve: DiskReserve
  readonly faults: Pick<DiskFaults, 'has'>
}

function againstPart(
  { quotas, reserve }: Parts,
  agentId: AgentId | undefined,
  recordingId: RecordingId,
): string | undefined {
  if (reserve.isReached()) return RESERVE
  if (!agentId) return undefined
  const use = quotas.againstBytes(agentId) ?? quotas.againstPart(agentId, recordingId)
  return use && QUOTAS[use.kind](use.limit)
}

function againstRecords(
  { shares, quotas, reserve }: Parts,
  agentId: AgentId | undefined,
  bytes: number,
): string | undefined {
  if (reserve.isReached()) return RESERVE
  const use = agentId && quotas.againstBytes(agentId)
  if (use) return QUOTAS[use.kind](use.limit)
  return shares.hasRoom(agentId, bytes) ? undefined : DISK_SLOW
}

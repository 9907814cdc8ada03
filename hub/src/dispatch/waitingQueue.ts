import { isActive, type CallPhase, type RecordingId, type WorkerId } from '@3cx-ninja/protocol'
import type { RecordingState } from '../recordings/recordingState.ts'
import type { LeaseEnd } from './leaseMachine.ts'
import type { WaitingRecording } from './planDispatch.ts'
import type { DispatchTuning } from './tuning.ts'

interface Entry {
  readonly sinceMs: number
  readonly cooldownUntilMs: Map<WorkerId, number>
  /** Leases lost in a row without progress. */
  failures: number
  backoffUntilMs: number
  /** The extent of the recording when it gave its slot up as idle: it waits again once it has grown further. */
  idleExtent: number | undefined
  /** The extent of the recording when it was last ended early: all of that is text. */
  endedEarlyExtent: number | undefined
}

/**
 * All recordings that are not wholly transcribed: since when each waits, and which workers are cooling down. A recording is
 * ready, backing off after failures, or idle (it gave its slot up and has not grown since); `remove` ends each of these.
 * Knows nothing of leases: the caller says which recordings have one.
 */
export interface WaitingQueue {
  /** Adds a recording. Idempotent: a recording keeps its turn until it is removed. */
  add(recordingId: RecordingId): void
  remove(recordingId: RecordingId): void
  /** Records that a lease on the recording ended before everything was transcribed; failures lead to a cooldown or a backoff. */
  leaseEnded(recordingId: RecordingId, workerId: WorkerId, how: LeaseEnd): void
  /** Records that the text of what is stored is being made final, as nothing more may come. */
  endedEarly(recordingId: RecordingId): void
  /** Records that a final was stored: earlier failures no longer count. */
  progressed(recordingId: RecordingId): void
  /** Returns the recordings that want a slot now. `isAssigned`: the recording has a lease, or one is being prepared. */
  ready(isAssigned: (recordingId: RecordingId) => boolean): readonly WaitingRecording[]
}

export interface WaitingQueueNeeds {
  readonly stateOf: (recordingId: RecordingId) => RecordingState | undefined
  readonly isLive: (recording: RecordingState) => boolean
  /** The recording's call was presumed over: what a lost or idle lease left as a partial is wanted now. */
  readonly isAbandoned: (recording: RecordingState) => boolean
  readonly nowMs: () => number
  readonly tuning: DispatchTuning
}

/** Creates an empty queue. */
export function createWaitingQueue(needs: WaitingQueueNeeds): WaitingQueue {
  const { stateOf, nowMs } = needs
  const entries = new Map<RecordingId, Entry>()
  return {
    add(recordingId) {
      if (!entries.has(recordingId)) entries.set(recordingId, newEntry(nowMs()))
    },
    remove: (recordingId) => void entries.delete(recordingId),
    leaseEnded(recordingId, workerId, how) {
      const entry = entries.get(recordingId)
      if (entry) applyLeaseEnd(needs, entry, { recordingId, workerId, how })
    },
    endedEarly(recordingId) {
      const entry = entries.get(recordingId)
      if (entry) entry.endedEarlyExtent = extentOf(stateOf(recordingId))
    },
    progressed(recordingId) {
      const entry = entries.get(recordingId)
      if (entry) entry.failures = 0
    },
    ready: (isAssigned) =>
      [...entries].flatMap(([recordingId, entry]) =>
        isAssigned(recordingId) ? [] : (readyRecording(needs, recordingId, entry) ?? []),
      ),
  }
}

const newEntry = (nowMs: number): Entry => ({
  sinceMs: nowMs,
  cooldownUntilMs: new Map(),
  failures: 0,
  backoffUntilMs: 0,
  idleExtent: undefined,
  endedEarlyExtent: undefined,
})

function applyLeaseEnd(
  { stateOf, nowMs, tuning }: WaitingQueueNeeds,
  entry: Entry,
  {
    recordingId,
    workerId,
    how,
  }: { readonly recordingId: RecordingId; readonly workerId: WorkerId; readonly how: LeaseEnd },
): void {
  switch (how) {
    case 'done':
    case 'erased':
    case 'superseded':
      return
    case 'quiet':
      entry.idleExtent = extentOf(stateOf(recordingId))
      return
    case 'ended-early':
      entry.idleExtent = entry.endedEarlyExtent
      return
    case 'gone':
      // A worker that comes back (a restart, a cut network) may go on at once; a worker that a recording kills may not.
      entry.failures += 1
      break
    case 'declined':
      entry.cooldownUntilMs.set(workerId, nowMs() + tuning.cooldownMs)
      return
    case 'unanswered':
    case 'returned':
    case 'expired':
    case 'broken':
    case 'stuck':
    case 'unfinished':
      entry.failures += 1
      entry.cooldownUntilMs.set(workerId, nowMs() + tuning.cooldownMs)
  }
  entry.backoffUntilMs = nowMs() + backoffMs(entry.failures, tuning)
}

function readyRecording(
  { stateOf, isLive, isAbandoned, nowMs }: WaitingQueueNeeds,
  recordingId: RecordingId,
  entry: Entry,
): WaitingRecording | undefined {
  if (entry.backoffUntilMs > nowMs()) return undefined
  const recording = stateOf(recordingId)
  if (!recording) return undefined
  const isIdle = entry.idleExtent !== undefined && extentOf(recording) <= entry.idleExtent
  if (isIdle && (entry.endedEarlyExtent === entry.idleExtent || !isAbandoned(recording))) return undefined
  entry.idleExtent = undefined
  for (const [workerId, untilMs] of entry.cooldownUntilMs)
    if (untilMs <= nowMs()) entry.cooldownUntilMs.delete(workerId)
  const cooling = new Set(entry.cooldownUntilMs.keys())
  const { agentId } = recording
  return { recordingId, agentId, live: isLive(recording), sinceMs: entry.sinceMs, cooling }
}

/**
 * Returns whether the text is wanted while the call goes on. A seal means that the call is over, but a recording that arrives
 * after hang-up, from an agent that was off the network, has no seal until the last of it is here: then the call's phase decides.
 */
export function isLive({ sealed }: RecordingState, phase: CallPhase | undefined): boolean {
  return !sealed && (phase === undefined || isActive({ phase }))
}

/** Returns how long a recording backs off after so many failures in a row, in milliseconds. */
export function backoffMs(failures: number, tuning: DispatchTuning): number {
  if (failures < tuning.failuresBeforeBackoff) return 0
  const doublings = Math.min(20, failures - tuning.failuresBeforeBackoff)
  return Math.min(tuning.maxBackoffMs, tuning.backoffMs * 2 ** doublings)
}

/** A number that grows with each record, each part and the seal. */
function extentOf(recording: RecordingState | undefined): number {
  if (!recording) return 0
  const records = recording.parts.reduce((sum, { position }) => sum + position, 0)
  return records + recording.parts.length + (recording.sealed ? 1 : 0)
}

import type { CallPhase, RecordingId, WorkerId } from '@3cx-ninja/protocol'
import type { RecordingState } from '../recordings/recordingState.ts'
import type { LeaseEnd } from './leaseMachine.ts'
import type { WaitingRecording } from './planDispatch.ts'
import type { DispatchTuning } from './tuning.ts'

interface Turn {
  readonly sinceMs: number
  readonly coolUntilMs: Map<WorkerId, number>
  /** Leases lost in a row without progress. */
  failures: number
  restUntilMs: number
  /** How far it had grown when it gave its place up: it waits again once it has grown further. */
  quietAt: number | undefined
  /** How far it had grown when it was last broken off: all of that is text. */
  brokenOffAt: number | undefined
}

/** All recordings that are not wholly transcribed: since when each waits, and whom not to ask for it just now. */
export interface WaitingRoom {
  /** Idempotent: a recording keeps its turn until it leaves. */
  enter(recordingId: RecordingId): void
  leave(recordingId: RecordingId): void
  has(recordingId: RecordingId): boolean
  /** A lease on it ended before everything was transcribed. */
  leaseEnded(recordingId: RecordingId, workerId: WorkerId, how: LeaseEnd): void
  /** What there is of it is being made final, as nothing more may come. */
  brokenOff(recordingId: RecordingId): void
  /** Something was understood: earlier failures do not count any more. */
  progressed(recordingId: RecordingId): void
  /** Those that want a place now. `taken`: has a lease. */
  wanting(taken: (recordingId: RecordingId) => boolean): readonly WaitingRecording[]
  sinceMs(recordingId: RecordingId): number | undefined
}

export interface WaitingNeeds {
  readonly state: (recordingId: RecordingId) => RecordingState | undefined
  readonly isLive: (recording: RecordingState) => boolean
  /** Its call was presumed over: what a lost or quiet lease left open is wanted now. */
  readonly isBrokenOff: (recording: RecordingState) => boolean
  readonly nowMs: () => number
  readonly tuning: DispatchTuning
}

export function createWaitingRoom({ state, isLive, isBrokenOff, nowMs, tuning }: WaitingNeeds): WaitingRoom {
  const turns = new Map<RecordingId, Turn>()
  return {
    enter(recordingId) {
      if (turns.has(recordingId)) return
      const turn = {
        sinceMs: nowMs(),
        coolUntilMs: new Map(),
        failures: 0,
        restUntilMs: 0,
        quietAt: undefined,
        brokenOffAt: undefined,
      }
      turns.set(recordingId, turn)
    },
    leave: (recordingId) => void turns.delete(recordingId),
    has: (recordingId) => turns.has(recordingId),
    leaseEnded(recordingId, workerId, how) {
      const turn = turns.get(recordingId)
      if (!turn) return
      switch (how) {
        case 'done':
        case 'erased':
        case 'superseded':
          return
        case 'quiet':
          turn.quietAt = grownTo(state(recordingId))
          return
        case 'broken-off':
          turn.quietAt = turn.brokenOffAt
          return
        case 'gone':
          // A worker that comes back (a restart, a cut network) may go on at once; one that a recording kills may not.
          turn.failures += 1
          break
        case 'declined':
          turn.coolUntilMs.set(workerId, nowMs() + tuning.coolMs)
          return
        case 'unanswered':
        case 'returned':
        case 'expired':
        case 'broken':
        case 'stuck':
        case 'unfinished':
          turn.failures += 1
          turn.coolUntilMs.set(workerId, nowMs() + tuning.coolMs)
      }
      turn.restUntilMs = nowMs() + restMs(turn.failures, tuning)
    },
    brokenOff(recordingId) {
      const turn = turns.get(recordingId)
      if (turn) turn.brokenOffAt = grownTo(state(recordingId))
    },
    progressed(recordingId) {
      const turn = turns.get(recordingId)
      if (turn) turn.failures = 0
    },
    wanting(taken) {
      const wanting: WaitingRecording[] = []
      for (const [recordingId, turn] of turns) {
        if (taken(recordingId) || turn.restUntilMs > nowMs()) continue
        const recording = state(recordingId)
        if (!recording) continue
        const isQuiet = turn.quietAt !== undefined && grownTo(recording) <= turn.quietAt
        if (isQuiet && (turn.brokenOffAt === turn.quietAt || !isBrokenOff(recording))) continue
        turn.quietAt = undefined
        for (const [workerId, untilMs] of turn.coolUntilMs)
          if (untilMs <= nowMs()) turn.coolUntilMs.delete(workerId)
        const cooling = new Set(turn.coolUntilMs.keys())
        wanting.push({ recordingId, live: isLive(recording), sinceMs: turn.sinceMs, cooling })
      }
      return wanting
    },
    sinceMs: (recordingId) => turns.get(recordingId)?.sinceMs,
  }
}

/**
 * Whether the text is wanted while it is said. A seal tells that the call is over, but a recording that comes after
 * hang-up, from an agent that was off the network, has none until the last of it is here: then the call's phase tells.
 */
export function isLive({ sealed }: RecordingState, phase: CallPhase | undefined): boolean {
  if (sealed) return false
  switch (phase) {
    case 'wrap-up':
    case 'done':
    case 'missed':
      return false
    case 'ringing':
    case 'talking':
    case 'held':
    case undefined:
      return true
  }
}

/** How long a recording rests after so many failures in a row. */
export function restMs(failures: number, tuning: DispatchTuning): number {
  if (failures < tuning.patientFailures) return 0
  return Math.min(tuning.maxRestMs, tuning.restMs * 2 ** Math.min(20, failures - tuning.patientFailures))
}

/** Grows with each record, each part and the seal. */
function grownTo(recording: RecordingState | undefined): number {
  if (!recording) return 0
  const records = recording.parts.reduce((sum, { position }) => sum + position, 0)
  return records + recording.parts.length + (recording.sealed ? 1 : 0)
}

import type { CallId, LeaseId, RecordingId, WorkerId } from '@3cx-ninja/protocol'
import type { RecordingState } from '../recordings/recordingState.ts'
import { createActiveLeases, type ActiveLeases, type Worker } from './activeLeases.ts'
import type { DispatcherNeeds } from './ports.ts'
import { createDemerits, type Demerits } from './demerits.ts'
import { dispatchTuning, type DispatchTuning } from './tuning.ts'
import { createWaitingQueue, isLive, type WaitingQueue } from './waitingQueue.ts'

/**
 * All that the dispatcher remembers. A recording is in exactly one of these states:
 * - waiting: in `queue`, without a lease; left by an offer, by the recording's removal, or by its whole text being stored;
 * - being offered: in `preparing`, while its fence and its last finals are read; left by the offer or by a failure;
 * - leased: in `leases`; left by the lease's end (leaseMachine.ts), which leads back to waiting, or to transcribed;
 * - transcribed: in `transcribed`, for good, until retention forgets the recording.
 */
export interface DispatchState {
  readonly needs: DispatcherNeeds
  readonly tuning: DispatchTuning
  readonly log: (event: string, fields: object) => void
  readonly workers: Map<WorkerId, Worker>
  readonly leases: ActiveLeases
  readonly queue: WaitingQueue
  readonly demerits: Demerits
  readonly preparing: Map<RecordingId, Worker>
  readonly transcribed: Set<string>
  readonly transcribedListeners: Set<(recordingId: RecordingId, callId: CallId) => void>
  /** Offers and finals being stored: `stop` waits for them. */
  readonly inFlight: Set<Promise<unknown>>
  /** Plans offers in the next microtask, once for all events of this one. */
  readonly planSoon: () => void
  stopped: boolean
}

/** Creates the state with every recording waiting that is not wholly transcribed. Rejects when the progress cannot be read. */
export async function loadDispatchState(
  needs: DispatcherNeeds,
  planSoon: () => void,
): Promise<DispatchState> {
  const { recordings, clock } = needs
  const tuning = { ...dispatchTuning, ...needs.tuning }
  const state: DispatchState = {
    needs,
    tuning,
    log: needs.log ?? (() => undefined),
    workers: new Map(),
    leases: createActiveLeases(tuning.maxEndedLeases),
    queue: createWaitingQueue({
      stateOf: (recordingId) => recordings.state(recordingId),
      isLive: (recording) => isWantedLive(needs, recording),
      isAbandoned: (recording) => isAbandoned(needs, recording),
      nowMs: () => clock.monotonicMs(),
      tuning,
    }),
    demerits: createDemerits({ nowMs: () => clock.monotonicMs(), halfLifeMs: tuning.demeritHalfLifeMs }),
    preparing: new Map(),
    transcribed: new Set(),
    transcribedListeners: new Set(),
    inFlight: new Set(),
    planSoon,
    stopped: false,
  }
  for (const row of await needs.progress.all())
    if (row.doneAtMs !== null || row.erasedAtMs !== null) state.transcribed.add(row.recordingId)
  for (const { recordingId } of recordings.list())
    if (!state.transcribed.has(recordingId)) state.queue.add(recordingId)
  return state
}

/** Returns whether the recording's text is wanted while the call goes on. */
export function isWantedLive(needs: DispatcherNeeds, recording: RecordingState): boolean {
  return isLive(recording, needs.phaseOf?.(recording.callId))
}

/** Returns whether the call was presumed over before its recording was sealed: nothing more may ever come. Rule C8. */
export function isAbandoned(needs: DispatcherNeeds, { sealed, callId }: RecordingState): boolean {
  return !sealed && needs.isPresumedOver?.(callId) === true
}

/** Returns whether a lease on the recording exists or is being prepared. */
export function isAssigned({ leases, preparing }: DispatchState, recordingId: RecordingId): boolean {
  return leases.ofRecording(recordingId) !== undefined || preparing.has(recordingId)
}

/** Returns the slots of the worker that neither a lease nor an offer being prepared uses; zero or less for a full worker. */
export function freeSlotsOf({ leases, preparing }: DispatchState, worker: Worker): number {
  if (!worker.offer || worker.unresponsive) return 0
  const coming = [...preparing.values()].filter((one) => one === worker).length
  return worker.offer.slots - leases.ofWorker(worker).length - coming
}

/** Returns a new lease id. */
export function newLeaseId({ needs }: DispatchState): LeaseId {
  return needs.newId() as LeaseId // newId makes ids
}

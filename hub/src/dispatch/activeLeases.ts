import type { CallId, LeaseId, RecordingId, WorkerOffer } from '@3cx-ninja/protocol'
import type { Budget } from '@3cx-ninja/node-kit/budget.ts'
import type { SerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import type { Feed } from './feed.ts'
import type { LeaseEnd, LeaseState } from './leaseMachine.ts'
import type { WorkerLink } from './ports.ts'

export interface Worker {
  readonly link: WorkerLink
  offer: WorkerOffer | undefined
  /** The last stream number used on this link. */
  streams: number
  /** Messages of this worker that wait to be stored. */
  storing: number
  /** Set while the worker's socket is not read. */
  letGo: (() => void) | undefined
  /** The worker let a lease or an offer expire: it gets no offer until its next message. */
  unresponsive: boolean
}

export interface ActiveLease {
  readonly leaseId: LeaseId
  readonly recordingId: RecordingId
  readonly callId: CallId
  readonly fence: number
  readonly worker: Worker
  readonly feed: Feed
  state: LeaseState
  /** When the worker last acknowledged records or sent text, monotonic. */
  progressMs: number
  /** The worker said at its last renewal that work of this lease waits in it. Rule W10. */
  isBehind: boolean
  /** The worker acknowledged records of this lease, or sent text, at least once. */
  hasMoved: boolean
  /** How many partials may be relayed: they are provisional, and the newest replaces the others. */
  readonly partials: Budget
  /** Stores the lease's finals and its end one after the other. */
  readonly storing: SerialQueue
  /** A final could not be stored: nothing later of this lease is stored. */
  failed: boolean
}

/** The leases that are not over (one per recording, several per worker) and, for a while, how the others ended. */
export interface ActiveLeases {
  add(lease: ActiveLease): void
  remove(lease: ActiveLease, how: LeaseEnd): void
  ofRecording(recordingId: RecordingId): ActiveLease | undefined
  ofWorker(worker: Worker): readonly ActiveLease[]
  find(worker: Worker, leaseId: LeaseId): ActiveLease | undefined
  all(): readonly ActiveLease[]
  /** Returns the reason for a worker that names a lease it does not have. Rules W3, W4 and W9. */
  endReason(leaseId: LeaseId): 'newer-fence' | 'erased' | 'expired' | 'unknown-lease'
}

/** Creates the index; it remembers the ends of the last `maxEnded` leases. */
export function createActiveLeases(maxEnded: number): ActiveLeases {
  const byRecording = new Map<RecordingId, ActiveLease>()
  const byWorker = new Map<Worker, Map<LeaseId, ActiveLease>>()
  const ended = new Map<LeaseId, { readonly recordingId: RecordingId; readonly how: LeaseEnd }>()
  return {
    add(lease) {
      byRecording.set(lease.recordingId, lease)
      const leases = byWorker.get(lease.worker) ?? new Map<LeaseId, ActiveLease>()
      byWorker.set(lease.worker, leases.set(lease.leaseId, lease))
    },
    remove(lease, how) {
      if (byRecording.get(lease.recordingId) === lease) byRecording.delete(lease.recordingId)
      const leases = byWorker.get(lease.worker)
      leases?.delete(lease.leaseId)
      if (leases?.size === 0) byWorker.delete(lease.worker)
      ended.set(lease.leaseId, { recordingId: lease.recordingId, how })
      const oldest = ended.keys().next().value
      if (ended.size > maxEnded && oldest) ended.delete(oldest)
    },
    ofRecording: (recordingId) => byRecording.get(recordingId),
    ofWorker: (worker) => [...(byWorker.get(worker)?.values() ?? [])],
    find: (worker, leaseId) => byWorker.get(worker)?.get(leaseId),
    all: () => [...byRecording.values()],
    endReason(leaseId) {
      const end = ended.get(leaseId)
      if (!end) return 'unknown-lease'
      if (byRecording.has(end.recordingId)) return 'newer-fence'
      if (end.how === 'erased') return 'erased'
      return end.how === 'expired' || end.how === 'unanswered' ? 'expired' : 'unknown-lease'
    },
  }
}

import type { CallId, LeaseId, RecordingId, WorkerOffer } from '@3cx-ninja/protocol'
import type { Feed } from './feed.ts'
import type { LeaseEnd, LeaseState } from './leaseMachine.ts'
import type { WorkerLink } from './ports.ts'

export interface Worker {
  readonly link: WorkerLink
  offer: WorkerOffer | undefined
  /** Last stream number given out on this link. */
  streams: number
  /** It let a lease or an offer run out: nothing is offered before it says something again. */
  silent: boolean
}

export interface HeldLease {
  readonly leaseId: LeaseId
  readonly recordingId: RecordingId
  readonly callId: CallId
  readonly fence: number
  readonly worker: Worker
  readonly feed: Feed
  state: LeaseState
  /** When the worker last took records or said something, monotonic. */
  progressMs: number
  /** Its finals and its end are stored one after the other. */
  turn: Promise<void>
  /** A final could not be stored: nothing later of this lease counts. */
  failed: boolean
}

/** The leases that are not over: one per recording, several per worker; and for a while, how the others ended. */
export interface HeldLeases {
  add(lease: HeldLease): void
  remove(lease: HeldLease, how: LeaseEnd): void
  of(recordingId: RecordingId): HeldLease | undefined
  by(worker: Worker): readonly HeldLease[]
  find(worker: Worker, leaseId: LeaseId): HeldLease | undefined
  all(): readonly HeldLease[]
  /** What to tell a worker that speaks of a lease it does not have. Rules W3, W4 and W9. */
  whyOver(leaseId: LeaseId): 'newer-fence' | 'erased' | 'expired' | 'unknown-lease'
}

export function createHeldLeases(endedRemembered: number): HeldLeases {
  const byRecording = new Map<RecordingId, HeldLease>()
  const byWorker = new Map<Worker, Map<LeaseId, HeldLease>>()
  const ended = new Map<LeaseId, { readonly recordingId: RecordingId; readonly how: LeaseEnd }>()
  return {
    add(lease) {
      byRecording.set(lease.recordingId, lease)
      const own = byWorker.get(lease.worker) ?? new Map<LeaseId, HeldLease>()
      byWorker.set(lease.worker, own.set(lease.leaseId, lease))
    },
    remove(lease, how) {
      if (byRecording.get(lease.recordingId) === lease) byRecording.delete(lease.recordingId)
      const own = byWorker.get(lease.worker)
      own?.delete(lease.leaseId)
      if (own?.size === 0) byWorker.delete(lease.worker)
      ended.set(lease.leaseId, { recordingId: lease.recordingId, how })
      const oldest = ended.keys().next().value
      if (ended.size > endedRemembered && oldest) ended.delete(oldest)
    },
    of: (recordingId) => byRecording.get(recordingId),
    by: (worker) => [...(byWorker.get(worker)?.values() ?? [])],
    find: (worker, leaseId) => byWorker.get(worker)?.get(leaseId),
    all: () => [...byRecording.values()],
    whyOver(leaseId) {
      const over = ended.get(leaseId)
      if (!over) return 'unknown-lease'
      if (byRecording.has(over.recordingId)) return 'newer-fence'
      if (over.how === 'erased') return 'erased'
      return over.how === 'expired' || over.how === 'unanswered' ? 'expired' : 'unknown-lease'
    },
  }
}

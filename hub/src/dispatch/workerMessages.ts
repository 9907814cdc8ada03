import type { WorkerToHub } from '@3cx-ninja/protocol'
import type { ActiveLease, Worker } from './activeLeases.ts'
import type { DispatchState } from './dispatchState.ts'
import { acceptUtterance, enqueueForLease, finishRecording } from './leaseText.ts'
import { applyLeaseEvent } from './leaseWatch.ts'

type LeaseMessage = Exclude<WorkerToHub, { kind: 'worker-offer' }>

/** Handles one message of a worker; a message about a lease that the worker does not have is answered with a revocation. */
export function receiveFromWorker(state: DispatchState, worker: Worker, message: WorkerToHub): void {
  worker.unresponsive = false
  if (message.kind === 'worker-offer') {
    worker.offer = message
    return state.planSoon()
  }
  const { leaseId } = message
  const lease = state.leases.find(worker, leaseId)
  if (lease) return receiveForLease(state, lease, message)
  worker.link.send({ kind: 'lease-revoked', leaseId, reason: state.leases.endReason(leaseId) })
}

function receiveForLease(state: DispatchState, lease: ActiveLease, message: LeaseMessage): void {
  const { needs, log } = state
  const { recordingId, fence } = lease
  const { workerId } = lease.worker.link
  const isHeld = lease.state.at === 'held'
  const nowMs = needs.clock.monotonicMs()
  switch (message.kind) {
    case 'lease-accept':
      if (lease.state.at !== 'offered') return
      applyLeaseEvent(state, lease, { kind: 'accept' })
      lease.progressMs = nowMs
      lease.feed.start()
      return log('lease.accepted', { recordingId, workerId, fence })
    case 'lease-decline':
      return void applyLeaseEvent(state, lease, { kind: 'decline' })
    case 'lease-renew':
      lease.isBehind = (message.behindMs ?? 0) > 0
      return void applyLeaseEvent(state, lease, { kind: 'renew', fence: message.fence })
    case 'lease-return':
      // The text sent before the return counts, and the next holder goes on after it.
      return enqueueForLease(
        state,
        lease,
        () => void applyLeaseEvent(state, lease, { kind: 'return', fence: message.fence }),
      )
    case 'records-acknowledged':
      if (lease.feed.acknowledge(message.part, message.position)) moved(lease, nowMs)
      if (!lease.feed.isEndedEarly()) return
      // The worker has sent all text of what it received; if more comes, the next holder goes on after that text.
      return enqueueForLease(
        state,
        lease,
        () => void applyLeaseEvent(state, lease, { kind: 'end', how: 'ended-early' }),
      )
    case 'utterance':
      if (message.fence !== fence || !isHeld)
        return log('transcript.dropped', { recordingId, fence, outcome: 'not-held' })
      moved(lease, nowMs)
      if (message.utterance.state === 'partial' && !lease.partials.take(1)) return
      return enqueueForLease(state, lease, () =>
        acceptUtterance(state, lease, message.utterance, message.lagMs),
      )
    case 'lease-done': {
      const complete = lease.feed.isComplete() && needs.recordings.state(recordingId)?.sealed === true
      const next = applyLeaseEvent(state, lease, { kind: 'done', fence: message.fence, complete })
      if (isHeld && next.at === 'finishing')
        enqueueForLease(state, lease, () => finishRecording(state, lease))
    }
  }
}

function moved(lease: ActiveLease, nowMs: number): void {
  lease.progressMs = nowMs
  lease.hasMoved = true
}

import type { ActiveLease, Worker } from './activeLeases.ts'
import { freeSlotsOf, isAbandoned, isAssigned, type DispatchState } from './dispatchState.ts'
import { stepLease, type LeaseEnd, type LeaseEvent, type LeaseState } from './leaseMachine.ts'

/**
 * Applies one event to the lease, sends the worker the notice that follows from it, and closes a lease that is over.
 * Returns the lease's new state.
 */
export function applyLeaseEvent(state: DispatchState, lease: ActiveLease, event: LeaseEvent): LeaseState {
  const { fence, leaseId, worker } = lease
  const { leaseMs: ttlMs, clock } = state.needs
  const wasOver = lease.state.at === 'over'
  const step = stepLease(lease.state, event, { fence, ttlMs, nowMs: clock.monotonicMs() })
  lease.state = step.state
  if (step.notice === 'renewed') worker.link.send({ kind: 'lease-renewed', leaseId, fence, ttlMs })
  else if (step.notice) worker.link.send({ kind: 'lease-revoked', leaseId, reason: step.notice })
  if (step.state.at === 'over' && !wasOver) closeLease(state, lease, step.state.how)
  return step.state
}

/** Stops the feed and returns the recording to the queue, unless nothing of it is left to transcribe. */
function closeLease(state: DispatchState, lease: ActiveLease, how: LeaseEnd): void {
  const { recordingId, worker, fence } = lease
  const { workerId } = worker.link
  state.leases.remove(lease, how)
  lease.feed.stop()
  if (how === 'expired' || how === 'unanswered') worker.unresponsive = true
  if (how === 'done' || how === 'erased') state.queue.remove(recordingId)
  else state.queue.leaseEnded(recordingId, workerId, how)
  // A link that ends is one event, however many leases it ends: detachWorker counts it.
  if (how !== 'gone') state.demerits.leaseEnded(nameOf(worker), how)
  if (how !== 'done') state.needs.transcripts.withdraw(recordingId)
  state.log('lease.ended', { recordingId, workerId, fence, how })
  state.planSoon()
}

/** Ends all leases of a worker whose link has ended, and forgets the worker unless a newer link replaced it. */
export function detachWorker(state: DispatchState, worker: Worker): void {
  const { workerId } = worker.link
  if (state.workers.get(workerId) === worker) state.workers.delete(workerId)
  const leases = state.leases.ofWorker(worker)
  if (leases.length > 0 && !state.stopped) state.demerits.leaseEnded(nameOf(worker), 'gone')
  for (const lease of leases) applyLeaseEvent(state, lease, { kind: 'end', how: 'gone' })
}

const nameOf = ({ link: { workerId }, offer }: Worker) => ({ workerId, name: offer?.name ?? workerId })

/**
 * One sweep over all leases, every `sweepMs`: expires those not renewed, sends what a worker's socket has room for again,
 * ends abandoned recordings early, revokes stuck leases, and frees slots of idle recordings when others wait.
 */
export function sweepLeases(state: DispatchState): void {
  const { leases, queue, workers } = state
  const startedMs = state.needs.clock.monotonicMs()
  for (const lease of leases.all()) {
    applyLeaseEvent(state, lease, { kind: 'tick' })
    lease.feed.drain()
    endAbandoned(state, lease)
    if (isStuck(state, lease, startedMs)) applyLeaseEvent(state, lease, { kind: 'end', how: 'stuck' })
  }
  const free = [...workers.values()].map((worker) => freeSlotsOf(state, worker))
  if (free.length > 0 && free.every((slots) => slots <= 0))
    freeIdleSlots(state, queue.ready((recordingId) => isAssigned(state, recordingId)).length)
  state.planSoon()
}

/** Returns whether the worker owes text or acknowledgements and has sent neither for too long. Rule W10. */
function isStuck(
  { tuning }: DispatchState,
  { feed, progressMs, state, isBehind, hasMoved }: ActiveLease,
  nowMs: number,
): boolean {
  const owedSinceMs = feed.owedSinceMs()
  if (state.at !== 'held' || owedSinceMs === undefined) return false
  const limitMs = !isBehind ? tuning.noProgressMs : hasMoved ? tuning.stuckMs : tuning.unmovedMs
  return nowMs - Math.max(progressMs, owedSinceMs) >= limitMs
}

/** Makes the last words final of an agent that died in mid-call: such an agent seals nothing, so they would stay a partial. */
function endAbandoned(state: DispatchState, { state: { at }, recordingId, feed }: ActiveLease): void {
  const { needs, queue, tuning } = state
  const idleMs = needs.clock.monotonicMs() - feed.lastSentMs()
  const recording = needs.recordings.state(recordingId)
  if (at !== 'held' || feed.unacknowledged() > 0 || idleMs < tuning.abandonedMs) return
  if (recording && isAbandoned(needs, recording) && feed.endEarly()) queue.endedEarly(recordingId)
}

/** Takes up to `wanted` slots back from recordings that stopped growing without a seal: their agent is off the network. */
function freeIdleSlots(state: DispatchState, wanted: number): void {
  const { leases, needs, tuning } = state
  const nowMs = needs.clock.monotonicMs()
  const idle = leases
    .all()
    .filter(
      ({ state: { at }, recordingId, feed }) =>
        at === 'held' &&
        nowMs - feed.lastSentMs() >= tuning.quietMs &&
        feed.unacknowledged() === 0 &&
        needs.recordings.state(recordingId)?.sealed === false,
    )
    .sort((a, b) => a.feed.lastSentMs() - b.feed.lastSentMs())
  for (const lease of idle.slice(0, wanted)) applyLeaseEvent(state, lease, { kind: 'end', how: 'quiet' })
}

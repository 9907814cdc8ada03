import type { RecordingId } from '@3cx-ninja/protocol'
import type { Worker } from './activeLeases.ts'
import { isAssigned, loadDispatchState, type DispatchState } from './dispatchState.ts'
import { applyLeaseEvent, detachWorker, sweepLeases } from './leaseWatch.ts'
import { planOffers } from './offers.ts'
import type { AttachedWorker, Dispatcher, DispatcherNeeds, SlotUsage, WorkerLink } from './ports.ts'
import { receiveFromWorker } from './workerMessages.ts'

/**
 * Leases recordings to workers, feeds the workers, and stores their text; a lost lease goes to the next worker. The states
 * of a recording stand in dispatchState.ts, those of a lease in leaseMachine.ts. Knows nothing of sockets (those live in
 * sockets/), of files (recordings/) or of tables (database/). Rejects when the progress of earlier runs cannot be read.
 */
export async function openDispatcher(needs: DispatcherNeeds): Promise<Dispatcher> {
  let planned = false
  const planSoon = () => {
    if (planned) return
    planned = true
    queueMicrotask(() => {
      planned = false
      planOffers(state)
    })
  }
  const state = await loadDispatchState(needs, planSoon)
  const sweep = () => {
    sweepLeases(state)
    cancelSweep = needs.clock.after(state.tuning.sweepMs, sweep)
  }
  let cancelSweep = needs.clock.after(state.tuning.sweepMs, sweep)
  const unsubscribe = needs.recordings.onChange((recordingId) => recordingChanged(state, recordingId))

  return {
    attach: (link) => attachWorker(state, link),
    isTranscribed: (recordingId) => state.transcribed.has(recordingId),
    forget(recordingIds) {
      for (const recordingId of recordingIds) state.transcribed.delete(recordingId)
    },
    onTranscribed(listener) {
      state.transcribedListeners.add(listener)
      return () => void state.transcribedListeners.delete(listener)
    },
    slots: () => slotUsage(state),
    failing: () => state.demerits.list(),
    workers: () =>
      [...state.workers.values()].flatMap((worker) => {
        const { workerId } = worker.link
        const leases = state.leases.ofWorker(worker).length
        return worker.offer ? [{ ...worker.offer, workerId, leases }] : []
      }),
    async stop() {
      state.stopped = true
      cancelSweep()
      unsubscribe()
      for (const { feed } of state.leases.all()) feed.stop()
      while (state.inFlight.size > 0) await Promise.allSettled([...state.inFlight])
    },
  }
}

function attachWorker(state: DispatchState, link: WorkerLink): AttachedWorker {
  const replaced = state.workers.get(link.workerId)
  if (replaced) detachWorker(state, replaced)
  const worker: Worker = {
    link,
    offer: undefined,
    streams: 0,
    storing: 0,
    letGo: undefined,
    unresponsive: false,
  }
  state.workers.set(link.workerId, worker)
  return {
    receive: (message) => receiveFromWorker(state, worker, message),
    drained() {
      for (const lease of state.leases.ofWorker(worker)) lease.feed.drain()
    },
    detach: () => detachWorker(state, worker),
  }
}

function recordingChanged(state: DispatchState, recordingId: RecordingId): void {
  const removed = !state.needs.recordings.state(recordingId)
  if (removed) state.queue.remove(recordingId)
  else if (!state.transcribed.has(recordingId)) state.queue.add(recordingId)
  const lease = state.leases.ofRecording(recordingId)
  if (lease && removed) applyLeaseEvent(state, lease, { kind: 'end', how: 'erased' })
  state.planSoon()
}

function slotUsage(state: DispatchState): SlotUsage {
  const nowMs = state.needs.clock.monotonicMs()
  const waiting = state.queue.ready((recordingId) => isAssigned(state, recordingId))
  return {
    total: [...state.workers.values()].reduce((sum, { offer }) => sum + (offer?.slots ?? 0), 0),
    used: state.leases.all().length,
    waiting: waiting.length,
    deferred: waiting.filter(({ live }) => live).length,
    oldestWaitMs: waiting.reduce((oldest, { sinceMs }) => Math.max(oldest, nowMs - sinceMs), 0),
  }
}

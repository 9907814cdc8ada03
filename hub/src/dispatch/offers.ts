import type { AgentId, RecordingId } from '@3cx-ninja/protocol'
import { createBudget } from '@3cx-ninja/node-kit/budget.ts'
import { createSerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import type { ActiveLease, Worker } from './activeLeases.ts'
import { freeSlotsOf, isAssigned, isWantedLive, newLeaseId, type DispatchState } from './dispatchState.ts'
import { createFeed } from './feed.ts'
import { offeredLease } from './leaseMachine.ts'
import { applyLeaseEvent } from './leaseWatch.ts'
import { planDispatch } from './planDispatch.ts'

/** Offers waiting recordings to workers with free slots. A failed offer counts as a broken lease: the recording backs off. */
export function planOffers(state: DispatchState): void {
  const { workers, queue, preparing, inFlight, tuning } = state
  if (state.stopped) return
  const slots = [...workers.values()].map((worker) => ({
    workerId: worker.link.workerId,
    free: freeSlotsOf(state, worker),
    demerits: state.demerits.levelOf(worker.link.workerId),
  }))
  if (!slots.some(({ free }) => free > 0)) return
  const waiting = queue.ready((recordingId) => isAssigned(state, recordingId))
  const { liveHeadStartMs, recordingsAhead } = tuning
  const held = heldByAgents(state)
  for (const { recordingId, workerId } of planDispatch({
    waiting,
    slots,
    held,
    liveHeadStartMs,
    recordingsAhead,
  })) {
    const worker = workers.get(workerId)
    if (!worker) continue
    preparing.set(recordingId, worker)
    const offering = offer(state, recordingId, worker)
      .catch((error: unknown) => {
        state.log('lease.failed', { recordingId, error: String(error) })
        queue.leaseEnded(recordingId, workerId, 'broken')
      })
      .finally(() => {
        preparing.delete(recordingId)
        inFlight.delete(offering)
      })
    inFlight.add(offering)
  }
}

/** Returns how many recordings of each agent have a slot. */
function heldByAgents({ leases, needs }: DispatchState): ReadonlyMap<AgentId, number> {
  const held = new Map<AgentId, number>()
  for (const { recordingId } of leases.all()) {
    const agentId = needs.recordings.state(recordingId)?.agentId
    if (agentId !== undefined) held.set(agentId, (held.get(agentId) ?? 0) + 1)
  }
  return held
}

async function offer(state: DispatchState, recordingId: RecordingId, worker: Worker): Promise<void> {
  const { needs, tuning } = state
  const { recordings, progress, finals, vocabulary, leaseMs } = needs
  const waiting = recordings.state(recordingId)
  if (!waiting) return
  const callId = needs.callOf?.(waiting.callId) ?? waiting.callId
  // The fence is taken first: from then on nothing of an older lease is stored, so the last finals stay the last ones.
  const fence = await progress.nextFence(recordingId, callId)
  const resume = await finals.lastFinals(recordingId)
  const recording = recordings.state(recordingId)
  if (state.stopped || !recording || state.workers.get(worker.link.workerId) !== worker)
    return state.planSoon()
  const lease = createLease(state, { recordingId, callId, fence, worker, resume })
  state.leases.add(lease)
  const { leaseId } = lease
  const { language } = recording
  const terms = { ttlMs: leaseMs, language, live: isWantedLive(needs, recording), resume, vocabulary }
  worker.link.send({
    kind: 'lease-offer',
    lease: { leaseId, recordingId, fence, ...terms },
    window: tuning.windowRecords,
  })
}

function createLease(
  state: DispatchState,
  terms: Pick<ActiveLease, 'recordingId' | 'callId' | 'fence' | 'worker'> & {
    readonly resume: Parameters<typeof createFeed>[0]['resume']
  },
): ActiveLease {
  const { needs, tuning } = state
  const { recordings, clock, leaseMs } = needs
  const { recordingId, fence, worker, resume } = terms
  const nowMs = clock.monotonicMs()
  const leaseId = newLeaseId(state)
  const lease: ActiveLease = {
    ...terms,
    leaseId,
    state: offeredLease({ fence, ttlMs: leaseMs, nowMs }),
    progressMs: nowMs,
    isBehind: false,
    hasMoved: false,
    partials: createBudget({ clock, ...tuning.partials }),
    storing: createSerialQueue(),
    failed: false,
    feed: createFeed({
      link: worker.link,
      leaseId,
      recordingId,
      resume,
      recordings,
      clock,
      tuning,
      nextStream: () => (worker.streams = (worker.streams % 0xffff) + 1),
      onBroken(error) {
        state.log('feed.failed', { recordingId, error: error.message })
        applyLeaseEvent(state, lease, { kind: 'end', how: 'broken' })
      },
    }),
  }
  return lease
}

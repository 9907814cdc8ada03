import type { Utterance } from '@3cx-ninja/protocol'
import type { ActiveLease } from './activeLeases.ts'
import type { DispatchState } from './dispatchState.ts'
import { applyLeaseEvent } from './leaseWatch.ts'

/**
 * Runs `work` after all earlier work of the lease. Once one of them has failed, none of the later runs, and the lease ends
 * as broken: after a final that could not be stored no later one is, and lease-done does not count. The next lease goes on
 * after the last final that is stored, so nothing between is skipped.
 */
export function enqueueForLease(
  state: DispatchState,
  lease: ActiveLease,
  work: () => Promise<unknown> | void,
): void {
  const { recordingId, worker } = lease
  const { maxStoring } = state.tuning
  worker.storing += 1
  if (worker.storing > maxStoring) worker.letGo ??= worker.link.hold()
  const running = lease.storing.run(async () => {
    if (lease.failed) return
    try {
      await work()
    } catch (error) {
      lease.failed = true
      state.log('transcript.failed', { recordingId, error: String(error) })
      applyLeaseEvent(state, lease, { kind: 'end', how: 'broken' })
    }
  })
  state.inFlight.add(running)
  void running.then(() => {
    state.inFlight.delete(running)
    worker.storing -= 1
    if (worker.storing > maxStoring / 2) return
    worker.letGo?.()
    worker.letGo = undefined
  })
}

/** Relays a partial, or stores a final. Rejects when the final cannot be stored; text of another recording is dropped. */
export async function acceptUtterance(
  { needs, queue, log }: DispatchState,
  lease: ActiveLease,
  utterance: Utterance,
  lagMs: number,
): Promise<void> {
  const { recordingId, callId, fence } = lease
  const parts = needs.recordings.state(recordingId)?.parts
  const part = parts?.find(({ header }) => header.part === utterance.part)
  if (!part || utterance.recordingId !== recordingId)
    return log('transcript.dropped', { recordingId, fence, outcome: 'foreign' })
  if (utterance.state === 'partial' && lease.state.at === 'over') return
  const { startedAtMs: partStartedAtMs } = part.header
  const outcome = await needs.transcripts.accept({ utterance, callId, fence, partStartedAtMs })
  if (outcome === 'stored') {
    queue.progressed(recordingId)
    needs.onLag?.(lagMs)
  } else if (outcome !== 'relayed') log('transcript.dropped', { recordingId, fence, outcome })
}

/** Marks the recording as transcribed, durably, then calls the listeners; a newer lease turns this end into nothing. */
export async function finishRecording(state: DispatchState, lease: ActiveLease): Promise<void> {
  const { recordingId, callId, fence } = lease
  const newest = await state.needs.progress.markDone(recordingId, fence)
  if (newest) state.transcribed.add(recordingId)
  const end = applyLeaseEvent(state, lease, { kind: 'stored', newest })
  if (end.at === 'over' && end.how === 'done')
    for (const listener of state.transcribedListeners) listener(recordingId, callId)
}

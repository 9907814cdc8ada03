import type { RecordingId, WorkerId } from '@3cx-ninja/protocol'

export interface WaitingRecording {
  readonly recordingId: RecordingId
  /** The call goes on: its text is wanted now. */
  readonly live: boolean
  /** When the recording began to wait, monotonic; a lost lease does not change it. */
  readonly sinceMs: number
  /** Workers in their cooldown: each of them declined or lost the recording lately. */
  readonly cooling: ReadonlySet<WorkerId>
}
export interface FreeSlots {
  readonly workerId: WorkerId
  /** Zero or less while the worker drains or is full. */
  readonly free: number
}
export interface Offer {
  readonly recordingId: RecordingId
  readonly workerId: WorkerId
}

/**
 * Returns which recording is offered to which worker now. Pure.
 *
 * With more calls than slots, active calls come first, the longest waiting of them before the others; the calls beyond the
 * slots wait (`deferred` in the figures) and are transcribed as slots come free, also after hang-up. An active call has a
 * head start of `liveHeadStartMs` over a finished recording, no more: each recording's turn is fixed when it begins to
 * wait (and put off once, at hang-up), so only finitely many can come before it and none starves.
 * Among workers, the one with most free slots is asked first.
 */
export function planDispatch({
  waiting,
  slots,
  liveHeadStartMs,
}: {
  readonly waiting: readonly WaitingRecording[]
  readonly slots: readonly FreeSlots[]
  readonly liveHeadStartMs: number
}): readonly Offer[] {
  const freeByWorker = new Map(slots.filter(({ free }) => free > 0).map((one) => [one.workerId, one.free]))
  const turnOf = ({ live, sinceMs }: WaitingRecording) => sinceMs + (live ? 0 : liveHeadStartMs)
  const inOrder = [...waiting].sort(
    (a, b) => turnOf(a) - turnOf(b) || (a.recordingId < b.recordingId ? -1 : 1), // ids are ULIDs: older first
  )
  const offers: Offer[] = []
  for (const { recordingId, cooling } of inOrder) {
    if (freeByWorker.size === 0) break
    let best: { workerId: WorkerId; free: number } | undefined
    for (const [workerId, free] of freeByWorker)
      if (!cooling.has(workerId) && free > (best?.free ?? 0)) best = { workerId, free }
    if (!best) continue
    if (best.free === 1) freeByWorker.delete(best.workerId)
    else freeByWorker.set(best.workerId, best.free - 1)
    offers.push({ recordingId, workerId: best.workerId })
  }
  return offers
}

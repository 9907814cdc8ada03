import type { RecordingId, WorkerId } from '@3cx-ninja/protocol'

export interface WaitingRecording {
  readonly recordingId: RecordingId
  /** The call is still on: its text is wanted now. */
  readonly live: boolean
  /** Monotonic time since which it waits; it keeps it when a lease is lost. */
  readonly sinceMs: number
  /** Workers that lately declined or lost it. */
  readonly cooling: ReadonlySet<WorkerId>
}
export interface FreePlaces {
  readonly workerId: WorkerId
  /** Zero or less while the worker drains or is full. */
  readonly free: number
}
export interface Offer {
  readonly recordingId: RecordingId
  readonly workerId: WorkerId
}

/**
 * Which recording goes to which worker now.
 *
 * More calls than places: calls that are on come first, the one that waits longest before the others; those beyond the
 * places wait (`deferred` in the figures) and are done as places come free, also after hang-up. A call that is on has a
 * head start of `liveHeadStartMs` over a finished recording, no more: each recording's turn is fixed when it begins to
 * wait (and put off once, at hang-up), so only finitely many can come before it and none starves.
 * Among workers, the one with most free places is asked first.
 */
export function planDispatch({
  waiting,
  places,
  liveHeadStartMs,
}: {
  readonly waiting: readonly WaitingRecording[]
  readonly places: readonly FreePlaces[]
  readonly liveHeadStartMs: number
}): readonly Offer[] {
  const free = new Map(places.filter((place) => place.free > 0).map((place) => [place.workerId, place.free]))
  const turnOf = ({ live, sinceMs }: WaitingRecording) => sinceMs + (live ? 0 : liveHeadStartMs)
  const inOrder = [...waiting].sort(
    (a, b) => turnOf(a) - turnOf(b) || (a.recordingId < b.recordingId ? -1 : 1), // ids are ULIDs: older first
  )
  const offers: Offer[] = []
  for (const { recordingId, cooling } of inOrder) {
    if (free.size === 0) break
    let best: { workerId: WorkerId; count: number } | undefined
    for (const [workerId, count] of free)
      if (!cooling.has(workerId) && count > (best?.count ?? 0)) best = { workerId, count }
    if (!best) continue
    if (best.count === 1) free.delete(best.workerId)
    else free.set(best.workerId, best.count - 1)
    offers.push({ recordingId, workerId: best.workerId })
  }
  return offers
}

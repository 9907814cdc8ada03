import type { RecordingId, WorkerId } from '@3cx-ninja/protocol'

export interface WaitingRecording {
  readonly recordingId: RecordingId
  /** The call is still on: its text is wanted now. */
  readonly live: boolean
  readonly sinceMs: number
  /** Workers that lately declined or lost it. */
  readonly cooling: ReadonlySet<WorkerId>
}
export interface FreePlaces {
  readonly workerId: WorkerId
  readonly free: number
}
export interface Offer {
  readonly recordingId: RecordingId
  readonly workerId: WorkerId
}

/**
 * Which recording goes to which worker now. Calls that are on come first, then the oldest; a call that finds no place
 * waits and is older at the next look, so none waits for ever. Among workers, the one with most free places.
 */
export function planDispatch({
  waiting,
  places,
}: {
  waiting: readonly WaitingRecording[]
  places: readonly FreePlaces[]
}): readonly Offer[] {
  const free = new Map(places.map((place) => [place.workerId, place.free]))
  const inOrder = [...waiting].sort((a, b) => Number(b.live) - Number(a.live) || a.sinceMs - b.sinceMs)
  const offers: Offer[] = []
  for (const { recordingId, cooling } of inOrder) {
    const candidates = [...free].filter(([workerId, count]) => count > 0 && !cooling.has(workerId))
    const best = candidates.sort(([, a], [, b]) => b - a)[0]
    if (!best) continue
    const [workerId, count] = best
    free.set(workerId, count - 1)
    offers.push({ recordingId, workerId })
  }
  return offers
}

import type { AgentId, RecordingId, WorkerId } from '@3cx-ninja/protocol'

export interface WaitingRecording {
  readonly recordingId: RecordingId
  /** The agent that records it; undefined for a recording of which that is not known. */
  readonly agentId?: AgentId | undefined
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
  /** More than 0 for a worker that lost calls lately by its own doing: it is asked last. */
  readonly demerits: number
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
 * Agents have shares: of one agent's recordings a few come in their turn, its further ones behind those of other agents, so
 * that an agent with a thousand recordings delays nobody. Among workers, those that lost no call lately are asked first, and
 * of them the one with most free slots.
 */
export function planDispatch({
  waiting,
  slots,
  held,
  liveHeadStartMs,
  recordingsAhead,
}: {
  readonly waiting: readonly WaitingRecording[]
  readonly slots: readonly FreeSlots[]
  /** How many recordings of each agent have a slot already. */
  readonly held: ReadonlyMap<AgentId, number>
  readonly liveHeadStartMs: number
  readonly recordingsAhead: number
}): readonly Offer[] {
  const freeByWorker = new Map(slots.filter(({ free }) => free > 0).map((one) => [one.workerId, { ...one }]))
  const turnOf = ({ live, sinceMs }: WaitingRecording) => sinceMs + (live ? 0 : liveHeadStartMs)
  const byTurn = [...waiting].sort(
    (a, b) => turnOf(a) - turnOf(b) || (a.recordingId < b.recordingId ? -1 : 1), // ids are ULIDs: older first
  )
  const inOrder = inShares(byTurn, held, recordingsAhead)
  const offers: Offer[] = []
  for (const { recordingId, cooling } of inOrder) {
    if (freeByWorker.size === 0) break
    let best: { readonly workerId: WorkerId; free: number; readonly demerits: number } | undefined
    for (const worker of freeByWorker.values())
      if (!cooling.has(worker.workerId) && (!best || isBetter(worker, best))) best = worker
    if (!best) continue
    best.free -= 1
    if (best.free === 0) freeByWorker.delete(best.workerId)
    offers.push({ recordingId, workerId: best.workerId })
  }
  return offers
}

const isBetter = (one: FreeSlots, other: FreeSlots) =>
  one.demerits === other.demerits ? one.free > other.free : one.demerits < other.demerits

/** Returns the recordings in rounds of `ahead` per agent, in their turn within each round. */
function inShares(
  byTurn: readonly WaitingRecording[],
  held: ReadonlyMap<AgentId, number>,
  ahead: number,
): readonly WaitingRecording[] {
  const counts = new Map(held)
  const rounds: WaitingRecording[][] = []
  for (const recording of byTurn) {
    const { agentId } = recording
    const count = agentId === undefined ? 0 : (counts.get(agentId) ?? 0)
    if (agentId !== undefined) counts.set(agentId, count + 1)
    const round = Math.floor(count / ahead)
    const group = rounds[round]
    if (group) group.push(recording)
    else rounds[round] = [recording]
  }
  return rounds.flat() // an empty round is none
}

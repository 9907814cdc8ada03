import { DAY_MS, type AgentId, type BoardCall, type CallId, type Clock, type Draft, type DraftId } from '@3cx-ninja/protocol' // prettier-ignore
import { draftAsSent, draftRecord, type DraftRecord } from './draftRecord.ts'
import type { NewWrite } from './outbox/rows.ts'

export interface DraftStore {
  /** The draft and the writes it decided on, together or not at all. */
  save(record: DraftRecord, writes: readonly NewWrite[]): Promise<void>
  open(): Promise<readonly unknown[]>
}

export type DraftListener = (draft: Draft, agentId: AgentId | null, call: BoardCall) => void

export interface DraftShelf {
  of(callId: CallId): DraftRecord | undefined
  get(draftId: DraftId): DraftRecord | undefined
  all(): readonly DraftRecord[]
  /** The call's draft was decided so long ago that only this is remembered: it gets no second one. */
  isOver(callId: CallId): boolean
  /** Stores it as the next revision, then tells. Nothing is told that is not stored. */
  keep(record: DraftRecord, writes?: readonly NewWrite[]): Promise<DraftRecord>
  /** One change of a call's draft after the other. */
  inTurn<Value>(callId: CallId, act: () => Promise<Value>): Promise<Value>
  onChange(listener: DraftListener): () => void
  idle(): Promise<void>
}

/** Decided drafts stay in memory this long: for agents that come back, and for text that comes late. */
const KEEP_DECIDED_MS = DAY_MS
/** So much longer it is remembered that the call had one: as long as the call board holds a call. Then the database tells. */
const KEEP_OVER_MS = 8 * DAY_MS

/** All drafts that may still change, each stored before it is told. */
export async function openDraftShelf({
  store,
  clock,
  onUnreadable,
  onForgotten = () => undefined,
}: {
  store: DraftStore
  clock: Clock
  onUnreadable: (error: unknown) => void
  /** It is not in memory any more. */
  onForgotten?: (record: DraftRecord) => void
}): Promise<DraftShelf> {
  const records = new Map<DraftId, DraftRecord>()
  const byCall = new Map<CallId, DraftId>()
  const overMs = new Map<CallId, number>()
  const turns = new Map<CallId, Promise<unknown>>()
  const listeners = new Set<DraftListener>()
  let sweptMs = clock.nowMs()

  const take = (record: DraftRecord) => {
    records.set(record.draft.draftId, record)
    byCall.set(record.draft.callId, record.draft.draftId)
  }
  const forgetDecided = () => {
    const nowMs = clock.nowMs()
    if (nowMs - sweptMs < KEEP_DECIDED_MS / 24) return
    sweptMs = nowMs
    for (const [draftId, record] of records) {
      const { draft, place } = record
      const decided = place.state.at === 'filed' || place.state.at === 'discarded'
      if (!decided || nowMs - place.sinceMs <= KEEP_DECIDED_MS) continue
      records.delete(draftId)
      byCall.delete(draft.callId)
      overMs.set(draft.callId, nowMs)
      onForgotten(record)
    }
    for (const [callId, sinceMs] of overMs) if (nowMs - sinceMs > KEEP_OVER_MS) overMs.delete(callId)
  }

  for (const value of await store.open()) {
    const parsed = draftRecord.safeParse(value)
    if (parsed.success) take(parsed.data)
    else onUnreadable(parsed.error)
  }
  return {
    of(callId) {
      const draftId = byCall.get(callId)
      return draftId && records.get(draftId)
    },
    get: (draftId) => records.get(draftId),
    all: () => [...records.values()],
    isOver: (callId) => overMs.has(callId),
    async keep(record, writes = []) {
      const { draft, place } = record
      const next: DraftRecord = {
        ...record,
        draft: { ...draft, revision: draft.revision + 1, state: place.state },
      }
      await store.save(next, writes)
      take(next)
      forgetDecided()
      for (const listener of listeners) listener(draftAsSent(next, clock.nowMs()), next.agentId, next.call)
      return next
    },
    inTurn(callId, act) {
      const turn = (turns.get(callId) ?? Promise.resolve()).catch(() => undefined).then(act)
      turns.set(callId, turn)
      const leave = () => {
        if (turns.get(callId) === turn) turns.delete(callId)
      }
      turn.then(leave, leave)
      return turn
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async idle() {
      while (turns.size > 0) await Promise.allSettled([...turns.values()])
    },
  }
}

import { DAY_MS, type AgentId, type BoardCall, type CallId, type Clock, type Draft, type DraftId } from '@3cx-ninja/protocol' // prettier-ignore
import { draftAsSent, draftRecord, type DraftRecord } from './draftRecord.ts'
import type { NewWrite } from './outbox/rows.ts'

export interface DraftStore {
  /** The draft and the writes it decided on, together or not at all. */
  save(record: DraftRecord, writes: readonly NewWrite[]): Promise<void>
  open(): Promise<readonly unknown[]>
  /** The draft of this call, however long ago it was decided; undefined: it has none, or retention forgot it. */
  ofCall(callId: CallId): Promise<unknown>
}

export type DraftListener = (draft: Draft, agentId: AgentId | null, call: BoardCall) => void

export interface DraftShelf {
  of(callId: CallId): DraftRecord | undefined
  get(draftId: DraftId): DraftRecord | undefined
  all(): readonly DraftRecord[]
  /** Also one that was decided long ago, which only the database remembers: its late text and facts become comments. Ask in the call's turn. */
  find(callId: CallId): Promise<DraftRecord | undefined>
  /** Stores it as the next revision, then tells. Nothing is told that is not stored; what was decided long ago no screen shows. */
  keep(record: DraftRecord, writes?: readonly NewWrite[]): Promise<DraftRecord>
  /** One change of a call's draft after the other. */
  inTurn<Value>(callId: CallId, act: () => Promise<Value>): Promise<Value>
  onChange(listener: DraftListener): () => void
  idle(): Promise<void>
}

/** Decided drafts stay in memory this long, for agents that come back. Then the database tells of them. */
const KEEP_DECIDED_MS = DAY_MS

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
  const turns = new Map<CallId, Promise<unknown>>()
  const listeners = new Set<DraftListener>()
  let sweptMs = clock.nowMs()

  const take = (record: DraftRecord) => {
    records.set(record.draft.draftId, record)
    byCall.set(record.draft.callId, record.draft.draftId)
  }
  const isLongOver = ({ place: { state, sinceMs } }: DraftRecord) =>
    (state.at === 'filed' || state.at === 'discarded') && clock.nowMs() - sinceMs > KEEP_DECIDED_MS
  const forget = (record: DraftRecord) => {
    records.delete(record.draft.draftId)
    byCall.delete(record.draft.callId)
    onForgotten(record)
  }
  const forgetDecided = () => {
    const nowMs = clock.nowMs()
    if (nowMs - sweptMs < KEEP_DECIDED_MS / 24) return
    sweptMs = nowMs
    for (const record of records.values()) if (isLongOver(record)) forget(record)
  }

  for (const value of await store.open()) {
    const parsed = draftRecord.safeParse(value)
    if (parsed.success) take(parsed.data)
    else onUnreadable(parsed.error)
  }
  const of = (callId: CallId) => {
    const draftId = byCall.get(callId)
    return draftId && records.get(draftId)
  }
  return {
    of,
    async find(callId) {
      const held = of(callId)
      if (held) return held
      const value = await store.ofCall(callId)
      if (value === undefined) return undefined
      const parsed = draftRecord.safeParse(value)
      if (!parsed.success) onUnreadable(parsed.error)
      return parsed.data
    },
    get: (draftId) => records.get(draftId),
    all: () => [...records.values()],
    async keep(record, writes = []) {
      const { draft, place } = record
      const next: DraftRecord = {
        ...record,
        draft: { ...draft, revision: draft.revision + 1, state: place.state },
      }
      await store.save(next, writes)
      if (isLongOver(next)) {
        forget(next)
        return next
      }
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

import { createKeyedMutex } from '@3cx-ninja/node-kit/keyedMutex.ts'
import type { AgentId, BoardCall, CallId, Clock, Draft, DraftId } from '@3cx-ninja/protocol'
import { createDraftIndex, type DraftIndex } from './draftIndex.ts'
import { draftAsSent, draftRecord, type DraftRecord } from './draftRecord.ts'
import type { NewWrite } from './outbox/rows.ts'
import { DECIDED_DRAFT_MS } from './tuning.ts'

// Every draft that may still change, in memory and in the database. A draft enters the cache at its first save, or at a
// start; it leaves it a day after it was decided (evicted), and is found in the database after that. Knows no states
// beyond that one: draftMachine.ts decides them.

export interface DraftStore {
  /** Stores the draft and the writes that it decided on, together or not at all. */
  save(record: DraftRecord, writes: readonly NewWrite[]): Promise<void>
  open(): Promise<readonly unknown[]>
  /** Resolves with the draft of this call, however long ago it was decided; undefined: none, or retention deleted it. */
  ofCall(callId: CallId): Promise<unknown>
}

export type DraftListener = (draft: Draft, agentId: AgentId | null, call: BoardCall) => void

export interface DraftCache {
  of(callId: CallId): DraftRecord | undefined
  get(draftId: DraftId): DraftRecord | undefined
  all(): readonly DraftRecord[]
  /** The cached drafts by agent and state; kept in step with every save and eviction. */
  readonly index: Omit<DraftIndex, 'put' | 'remove'>
  /** Resolves also with an evicted draft: its late text and facts become comments. Call it inside `serially`. */
  find(callId: CallId): Promise<DraftRecord | undefined>
  /** Persists the record as the next revision, then notifies; a draft decided more than a day ago is not broadcast. Rejects when the store does. */
  save(record: DraftRecord, writes?: readonly NewWrite[]): Promise<DraftRecord>
  /** Runs the changes of one call's draft one after the other. Resolves or rejects with the outcome of `act`. */
  serially<Value>(callId: CallId, act: () => Promise<Value>): Promise<Value>
  onChange(listener: DraftListener): () => void
  /** Resolves once no change is queued or running, also of those queued meanwhile. */
  idle(): Promise<void>
}

export interface DraftCacheNeeds {
  readonly store: DraftStore
  readonly clock: Clock
  readonly onUnreadable: (error: unknown) => void
  readonly onEvicted?: (record: DraftRecord) => void
}

interface CacheState {
  readonly needs: DraftCacheNeeds
  readonly records: Map<DraftId, DraftRecord>
  readonly byCall: Map<CallId, DraftId>
  readonly index: DraftIndex
  readonly listeners: Set<DraftListener>
  sweptMs: number
}

/** Opens the cache with every draft that is open or was decided in the last day. Rejects when the store cannot be read. */
export async function openDraftCache(needs: DraftCacheNeeds): Promise<DraftCache> {
  const state: CacheState = {
    needs,
    records: new Map(),
    byCall: new Map(),
    index: createDraftIndex(),
    listeners: new Set(),
    sweptMs: needs.clock.nowMs(),
  }
  const mutex = createKeyedMutex<CallId>()
  let pending = 0
  for (const value of await needs.store.open()) {
    const record = parseRecord(state, value)
    if (record) add(state, record)
  }
  return {
    of: (callId) => cached(state, callId),
    get: (draftId) => state.records.get(draftId),
    all: () => [...state.records.values()],
    index: state.index,
    async find(callId) {
      const record = cached(state, callId)
      if (record) return record
      const value = await needs.store.ofCall(callId)
      return value === undefined ? undefined : parseRecord(state, value)
    },
    save: (record, writes = []) => save(state, record, writes),
    async serially(callId, act) {
      pending += 1
      try {
        return await mutex.run(callId, act)
      } finally {
        pending -= 1
      }
    },
    onChange(listener) {
      state.listeners.add(listener)
      return () => void state.listeners.delete(listener)
    },
    async idle() {
      while (pending > 0) await mutex.idle()
    },
  }
}

function parseRecord({ needs }: CacheState, value: unknown): DraftRecord | undefined {
  const parsed = draftRecord.safeParse(value)
  if (!parsed.success) needs.onUnreadable(parsed.error)
  return parsed.data
}

function cached({ byCall, records }: CacheState, callId: CallId): DraftRecord | undefined {
  const draftId = byCall.get(callId)
  return draftId && records.get(draftId)
}

function add({ records, byCall, index }: CacheState, record: DraftRecord): void {
  index.put(record)
  records.set(record.draft.draftId, record)
  byCall.set(record.draft.callId, record.draft.draftId)
}

async function save(
  state: CacheState,
  record: DraftRecord,
  writes: readonly NewWrite[],
): Promise<DraftRecord> {
  const { draft, lifecycle } = record
  const next: DraftRecord = {
    ...record,
    draft: { ...draft, revision: draft.revision + 1, state: lifecycle.state },
  }
  await state.needs.store.save(next, writes)
  if (isExpired(state, next)) {
    evict(state, next)
    return next
  }
  add(state, next)
  sweep(state)
  const nowMs = state.needs.clock.nowMs()
  for (const listener of state.listeners) listener(draftAsSent(next, nowMs), next.agentId, next.call)
  return next
}

function isExpired({ needs }: CacheState, { lifecycle: { state, sinceMs } }: DraftRecord): boolean {
  const isDecided = state.at === 'filed' || state.at === 'discarded'
  return isDecided && needs.clock.nowMs() - sinceMs > DECIDED_DRAFT_MS
}

function evict({ needs, records, byCall, index }: CacheState, record: DraftRecord): void {
  index.remove(record.draft.draftId)
  records.delete(record.draft.draftId)
  byCall.delete(record.draft.callId)
  needs.onEvicted?.(record)
}

function sweep(state: CacheState): void {
  const nowMs = state.needs.clock.nowMs()
  if (nowMs - state.sweptMs < DECIDED_DRAFT_MS / 24) return
  state.sweptMs = nowMs
  for (const record of state.records.values()) if (isExpired(state, record)) evict(state, record)
}

import { createSerialQueue, type SerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import { stepOutbox, type OutboxEvent } from './outboxMachine.ts'
import type { FilingOutcome, OutboxNeeds } from './ports.ts'
import { outboxRow, type OutboxEntry } from './rows.ts'
import { BLOCKED_RETRY_MS } from './tuning.ts'

// The rows that are not done, in memory and in the store. Knows no requests: outboxRound.ts sends them.

/** Everything that the outbox holds in memory; each function of this folder acts on it. */
export interface OutboxState {
  readonly needs: OutboxNeeds
  readonly listeners: Set<(outcome: FilingOutcome) => void>
  readonly open: Map<number, OutboxEntry>
  /** Row of each draft's ticket, while it is open: an outage leaves thousands, and every comment asks for its ticket. */
  readonly ticketRows: Map<string, number>
  /** Rows after this one are new; the others are loaded, and reading all their transcripts again for each would be long. */
  newestRowId: number
  /** Rows that this process has not changed yet: their state is another process's last word. */
  readonly inherited: Set<number>
  /** Rows that are blocked, or failed for no reason of their own (store, bug): not tried before this time. */
  readonly pausedUntilMs: Map<number, number>
  /** Changes by people, one after the other. */
  readonly repairs: SerialQueue
  running: Promise<void> | undefined
  isRunWanted: boolean
  cancelNextRound: () => void
  /** No round starts any more. */
  isStopped: boolean
  /** The store is gone: outcomes are not stored any more. */
  isClosed: boolean
}

/** Returns the state of an outbox that has loaded no row yet. */
export function createOutboxState(needs: OutboxNeeds): OutboxState {
  return {
    needs,
    listeners: new Set(),
    open: new Map(),
    ticketRows: new Map(),
    newestRowId: 0,
    inherited: new Set(),
    pausedUntilMs: new Map(),
    repairs: createSerialQueue(),
    running: undefined,
    isRunWanted: false,
    cancelNextRound: () => undefined,
    isStopped: false,
    isClosed: false,
  }
}

/** Loads the rows that were stored since the last call. Rejects when the store does; logs a row it cannot read. */
export async function loadRows(state: OutboxState): Promise<void> {
  const { needs, inherited } = state
  for (const { rowId, ...value } of await needs.store.open(state.newestRowId)) {
    state.newestRowId = Math.max(state.newestRowId, rowId)
    const parsed = outboxRow.safeParse({ rowId, ...value })
    if (parsed.success) {
      hold(state, parsed.data)
      inherited.add(rowId)
    } else {
      const remedy = 'This write stays stored but is not sent: it was made by another version of the hub.'
      const detail = parsed.error.message.slice(0, 400)
      needs.onEvent('error', 'outbox.unreadable', { rowId, detail, remedy })
    }
  }
}

/** Stores the entry's state after this event and resolves with the new entry. Rejects when the store does. */
export async function applyToRow(
  state: OutboxState,
  entry: OutboxEntry,
  event: OutboxEvent,
): Promise<OutboxEntry> {
  const next = stepOutbox(entry.state, event, contextOf(state))
  // Its text may have been erased while a request was under way.
  const write = state.open.get(entry.rowId)?.write ?? entry.write
  return next === entry.state ? entry : saveRow(state, entry, { ...entry, write, state: next })
}

/** Stores the entry, then reports what became of its ticket, if that is new. Rejects when the store does. */
export async function saveRow(
  state: OutboxState,
  previous: OutboxEntry,
  next: OutboxEntry,
): Promise<OutboxEntry> {
  const { needs, open, ticketRows, pausedUntilMs } = state
  await needs.store.save(next)
  if (next.state.at !== 'done') hold(state, next)
  else if (open.delete(next.rowId) && next.write.kind === 'ticket') ticketRows.delete(next.draftId)
  if (next.state.at === 'blocked') pausedUntilMs.set(next.rowId, needs.clock.nowMs() + BLOCKED_RETRY_MS)
  else if (previous.state.at === 'blocked') pausedUntilMs.delete(next.rowId)
  const outcome = next.write.kind === 'ticket' && outcomeOfRow(state, next)
  if (outcome && !outcomeOfRow(state, previous)) report(state, { callId: next.callId, event: outcome })
  return next
}

export function contextOf({ needs: { clock, random, rules } }: OutboxState) {
  return { nowMs: clock.nowMs(), random, rules }
}

export function report({ listeners }: OutboxState, outcome: FilingOutcome): void {
  for (const listener of listeners) listener(outcome)
}

export function ticketRowOf({ open, ticketRows }: OutboxState, draftId: string): OutboxEntry | undefined {
  return open.get(ticketRows.get(draftId) ?? 0)
}

export function filed({ needs }: OutboxState, ticketId: string): FilingOutcome['event'] {
  const ticketUrl = needs.tickets.ticketUrl(ticketId)
  return { kind: 'filed', ticketId, ...(ticketUrl ? { ticketUrl } : {}) }
}

/** Returns what the draft learns of its ticket's row; undefined while nothing is decided. */
export function outcomeOfRow(
  outbox: OutboxState,
  { state }: OutboxEntry,
): FilingOutcome['event'] | undefined {
  if (state.at === 'blocked') return { kind: 'blocked', reason: state.reason, detail: state.detail }
  if (state.at === 'checking') return filed(outbox, state.ticketId)
  return state.at === 'done' && state.ticketId !== null ? filed(outbox, state.ticketId) : undefined
}

function hold({ open, ticketRows }: OutboxState, entry: OutboxEntry): void {
  open.set(entry.rowId, entry)
  if (entry.write.kind === 'ticket') ticketRows.set(entry.draftId, entry.rowId)
}

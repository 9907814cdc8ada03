import { abortableSleep } from '@3cx-ninja/node-kit/abortableSleep.ts'
import { correctTicket, eraseRows, unblockRows, withdrawTicket } from './outboxRepairs.ts'
import { runRound } from './outboxRound.ts'
import {
  createOutboxState,
  filed,
  loadRows,
  outcomeOfRow,
  ticketRowOf,
  type OutboxState,
} from './outboxRows.ts'
import type { BlockedWrites, Outbox, OutboxNeeds } from './ports.ts'
import { STOP_MS } from './tuning.ts'

// The outbox: carries out the writes, each draft's in order, each exactly once. Whatever dies, the stored state of a row
// names its next step. States of a row: see outboxMachine.ts. The outbox itself is open, stopped (no new round; the
// request under way may end) or closed (outcomes are not stored any more). Knows no helpdesk product: that is a port.

/** Opens the outbox with every row that is not done, and starts the first round. Rejects when the store cannot be read. */
export async function openOutbox(needs: OutboxNeeds): Promise<Outbox> {
  const state = createOutboxState(needs)
  await loadRows(state)
  state.cancelNextRound = needs.clock.after(0, () => runRound(state))
  return {
    wake: () => runRound(state),
    onOutcome(listener) {
      state.listeners.add(listener)
      return () => void state.listeners.delete(listener)
    },
    async outcomeOf(draftId) {
      const row = ticketRowOf(state, draftId)
      if (row) return outcomeOfRow(state, row)
      const ticketId = await needs.store.ticketOf(draftId)
      return ticketId === undefined ? undefined : filed(state, ticketId)
    },
    unblock: () => state.repairs.run(() => unblockRows(state)),
    correct: (draftId, body, then) => state.repairs.run(() => correctTicket(state, draftId, { body, then })),
    withdraw: (draftId) => state.repairs.run(() => withdrawTicket(state, draftId)),
    erase: (callId, note, subject) => state.repairs.run(() => eraseRows(state, { callId, note, subject })),
    waiting: () => state.open.size,
    blocked: () => blockedOf(state),
    stop: () => stop(state),
  }
}

function blockedOf({ open }: OutboxState): readonly BlockedWrites[] {
  const reasons = new Map<string, BlockedWrites>()
  for (const { state } of open.values()) {
    if (state.at !== 'blocked') continue
    const { reason, detail } = state
    const other = reasons.get(detail)
    reasons.set(detail, { reason: other?.reason ?? reason, detail, count: (other?.count ?? 0) + 1 })
  }
  return [...reasons.values()]
}

async function stop(state: OutboxState): Promise<void> {
  state.isStopped = true
  state.cancelNextRound()
  const isOver = new AbortController()
  await Promise.race([state.running, abortableSleep(state.needs.clock, STOP_MS, isOver.signal)])
  isOver.abort()
  state.isClosed = true
}

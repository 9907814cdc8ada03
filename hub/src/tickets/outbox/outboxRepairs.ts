import type { TicketBody } from '../../helpdesk/writes.ts'
import { runRound } from './outboxRound.ts'
import { applyToRow, contextOf, report, saveRow, ticketRowOf, type OutboxState } from './outboxRows.ts'
import { stepOutbox } from './outboxMachine.ts'

// Changes by people. Each runs in `repairs`, one after the other, and only blocked rows may be changed: a round never has
// one of those under way.

/** Tries every blocked row again. Rejects when the store does. */
export async function unblockRows(state: OutboxState): Promise<void> {
  for (const { rowId } of [...state.open.values()]) {
    const entry = state.open.get(rowId)
    if (entry?.state.at !== 'blocked') continue
    await applyToRow(state, entry, { kind: 'unblock' })
    if (entry.write.kind === 'ticket') report(state, { callId: entry.callId, event: { kind: 'unblocked' } })
  }
  runRound(state)
}

/** Replaces a blocked ticket; resolves with false when it is not blocked. Rejects when the store does. */
export async function correctTicket(
  outbox: OutboxState,
  draftId: string,
  { body, then }: { readonly body: TicketBody; readonly then: 'wait' | 'retry' },
): Promise<boolean> {
  const entry = ticketRowOf(outbox, draftId)
  if (entry?.state.at !== 'blocked') return false
  const state =
    then === 'wait' ? entry.state : stepOutbox(entry.state, { kind: 'unblock' }, contextOf(outbox))
  await saveRow(outbox, entry, { ...entry, write: body, state })
  if (then === 'retry') runRound(outbox)
  return true
}

/** Gives a blocked ticket up, and its comments; resolves with false when it may have been stored. Rejects when the store does. */
export async function withdrawTicket(outbox: OutboxState, draftId: string): Promise<boolean> {
  const entry = ticketRowOf(outbox, draftId)
  // No open row and no ticket: withdrawn earlier by a hub that died before the draft was stored.
  if (!entry) return (await outbox.needs.store.ticketOf(draftId)) === undefined
  if (entry.state.at !== 'blocked' || entry.state.unconfirmedSinceMs !== null) return false
  for (const row of [...outbox.open.values()].filter((one) => one.draftId === draftId && one !== entry))
    await saveRow(outbox, row, { ...row, state: { at: 'done', ticketId: null } })
  await applyToRow(outbox, entry, { kind: 'withdraw' })
  return true
}

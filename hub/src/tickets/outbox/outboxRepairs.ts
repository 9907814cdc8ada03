import type { CallId } from '@3cx-ninja/protocol'
import type { TicketBody } from '../../helpdesk/writes.ts'
import { runRound } from './outboxRound.ts'
import { applyToRow, contextOf, report, saveRow, ticketRowOf, type OutboxState } from './outboxRows.ts'
import { stepOutbox } from './outboxMachine.ts'

// Changes by people. Each runs in `repairs`, one after the other. Only blocked rows may be corrected or withdrawn: a round never
// has one of those under way. An erasure changes any row: a request under way stores its outcome with the new text.

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

/** Replaces the text of the call's open rows, and stores them. Rejects when the store does. */
export async function eraseRows(
  outbox: OutboxState,
  { callId, note, subject }: { readonly callId: CallId; readonly note: string; readonly subject: string },
): Promise<void> {
  for (const { rowId } of [...outbox.open.values()].filter((one) => one.callId === callId)) {
    const entry = outbox.open.get(rowId)
    if (!entry) continue
    const { write } = entry
    const text = `${note}\n\n${write.marker}`
    const erased =
      write.kind === 'ticket'
        ? { ...write, subject, description: text }
        : { ...write, body: text, ...(write.file === undefined ? {} : { file: `${note}\n` }) }
    outbox.open.set(rowId, { ...entry, write: erased }) // at once: a round may store the row while this one is being stored
    await outbox.needs.store.save({ ...entry, write: erased })
  }
}

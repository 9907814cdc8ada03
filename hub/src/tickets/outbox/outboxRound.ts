import { blockReasonOf, type SearchOutcome, type WriteOutcome } from '../../helpdesk/outcomes.ts'
import { applyToRow, loadRows, ticketRowOf, type OutboxState } from './outboxRows.ts'
import type { OutboxEntry } from './rows.ts'
import { LEAST_PAUSE_MS, ROUND_MS } from './tuning.ts'

// One round loads new rows and carries out every row that is due, in the order of their ids. At most one round runs; a
// wake during it asks for another one right after.

/** Starts a round now, or right after the one that runs. Never throws. */
export function runRound(state: OutboxState): void {
  if (state.isStopped) return
  if (state.running) {
    state.isRunWanted = true
    return
  }
  state.cancelNextRound()
  state.isRunWanted = false
  let restMs = 0
  state.running = round(state)
    .catch((error: unknown) => {
      restMs = ROUND_MS
      state.needs.onEvent('error', 'outbox.failed', { error: String(error) })
    })
    .finally(() => {
      state.running = undefined
      if (!state.isStopped) scheduleRound(state, restMs)
    })
}

function scheduleRound(state: OutboxState, restMs: number): void {
  const { clock } = state.needs
  let nextMs = Infinity
  for (const entry of state.open.values()) nextMs = Math.min(nextMs, dueAtMs(state, entry) - clock.nowMs())
  const pauseMs = state.isRunWanted ? 0 : Math.max(LEAST_PAUSE_MS, Math.min(ROUND_MS, nextMs))
  state.cancelNextRound = clock.after(Math.max(restMs, pauseMs), () => runRound(state))
}

async function round(state: OutboxState): Promise<void> {
  const { needs, open, pausedUntilMs } = state
  await loadRows(state)
  for (const rowId of [...open.keys()].sort((a, b) => a - b)) {
    const entry = open.get(rowId)
    if (state.isStopped || !entry || dueAtMs(state, entry) > needs.clock.nowMs()) continue
    try {
      await carryOut(state, entry)
      if ((pausedUntilMs.get(rowId) ?? 0) <= needs.clock.nowMs()) pausedUntilMs.delete(rowId)
    } catch (error) {
      if (state.isClosed) return
      pausedUntilMs.set(rowId, needs.clock.nowMs() + ROUND_MS)
      needs.onEvent('error', 'outbox.failed', { callId: entry.callId, error: String(error) })
    }
  }
}

function dueAtMs(outbox: OutboxState, { rowId, draftId, state, write: body }: OutboxEntry): number {
  const pausedMs = outbox.pausedUntilMs.get(rowId) ?? 0
  if (outbox.inherited.has(rowId)) return pausedMs
  if (state.at === 'done') return Infinity
  // sending: the outcome could not be stored; blocked: another try.
  if (state.at === 'sending' || state.at === 'blocked') return pausedMs
  // A comment waits for its ticket, and is not sent or searched until then.
  const ticket = body.kind === 'comment' ? ticketRowOf(outbox, draftId) : undefined
  return ticket && ticket.state.at !== 'checking' ? Infinity : Math.max(state.dueAtMs, pausedMs)
}

async function carryOut(state: OutboxState, row: OutboxEntry): Promise<void> {
  const { needs, inherited, pausedUntilMs } = state
  const isStale = inherited.has(row.rowId) || row.state.at === 'sending' || row.state.at === 'blocked'
  const entry = isStale ? await applyToRow(state, row, { kind: 'restarted' }) : row
  inherited.delete(row.rowId)
  if (dueAtMs(state, entry) > needs.clock.nowMs()) return
  const isComment = entry.write.kind === 'comment'
  const ticketId = isComment ? await needs.store.ticketOf(entry.draftId) : undefined
  if (isComment && ticketId === undefined)
    return void pausedUntilMs.set(row.rowId, needs.clock.nowMs() + ROUND_MS)
  if (entry.state.at === 'waiting') await send(state, entry, ticketId)
  else await search(state, entry, ticketId)
  if (!isComment) state.isRunWanted = true // the comment of this ticket may go now
}

async function send(state: OutboxState, entry: OutboxEntry, ticketId: string | undefined): Promise<void> {
  const { callId, write: body } = entry
  const sending = await applyToRow(state, entry, { kind: 'send' })
  state.needs.onEvent('info', 'outbox.sending', { callId, kind: body.kind })
  const outcome = await write(state, sending, ticketId)
  if (state.isClosed) return // the store is gone: the next start finds the row `sending` and searches for it
  logOutcome(state, entry, outcome)
  await applyToRow(state, sending, { kind: 'outcome', outcome })
}

async function write(
  { needs: { tickets } }: OutboxState,
  { write: body }: OutboxEntry,
  ticketId: string | undefined,
): Promise<WriteOutcome> {
  if (body.kind === 'ticket') return tickets.createTicket(body)
  if (ticketId === undefined) return { kind: 'unreachable', detail: 'its ticket is not filed yet' }
  return tickets.addComment(ticketId, body)
}

const EVENTS: Readonly<Record<WriteOutcome['kind'], string>> = {
  created: 'outbox.created',
  duplicate: 'outbox.created-earlier',
  unknown: 'outbox.unknown',
  throttled: 'outbox.throttled',
  unreachable: 'outbox.unreachable',
  rejected: 'outbox.rejected',
  authRequired: 'outbox.auth-required',
}

function logOutcome(
  { needs }: OutboxState,
  { callId, write: { kind } }: OutboxEntry,
  outcome: WriteOutcome,
): void {
  const event = EVENTS[outcome.kind]
  if (outcome.kind === 'created' || outcome.kind === 'duplicate')
    return needs.onEvent('info', event, { callId, kind, ticketId: outcome.ticketId })
  const level = outcome.kind === 'rejected' || outcome.kind === 'authRequired' ? 'error' : 'warn'
  needs.onEvent(level, event, { callId, kind, detail: outcome.detail })
}

async function search(state: OutboxState, entry: OutboxEntry, ticketId: string | undefined): Promise<void> {
  const { needs } = state
  const { write: body, callId } = entry
  const outcome = await searchMarker(state, entry, ticketId)
  if (!outcome || state.isClosed) return
  switch (outcome.kind) {
    case 'rejected':
    case 'authRequired': {
      const { detail } = outcome
      needs.onEvent('error', 'outbox.search-refused', { callId, detail })
      await applyToRow(state, entry, { kind: 'search-refused', reason: blockReasonOf(outcome), detail })
      return
    }
    case 'unavailable':
      needs.onEvent('warn', 'outbox.search-failed', { callId, detail: outcome.detail })
      await applyToRow(state, entry, { kind: 'search-failed' })
      return
    case 'found': {
      const copies = outcome.ids
      const remedy = 'Merge or close the later one in the helpdesk.'
      if (copies.length > 1)
        needs.onEvent('error', 'outbox.duplicate', { callId, kind: body.kind, copies, remedy })
      const found = body.kind === 'ticket' || copies.length === 0 ? copies[0] : ticketId
      await applyToRow(state, entry, { kind: 'searched', found })
    }
  }
}

async function searchMarker(
  { needs: { tickets } }: OutboxState,
  { state, write: body }: OutboxEntry,
  ticketId: string | undefined,
): Promise<SearchOutcome | undefined> {
  if (state.at !== 'settling' && state.at !== 'checking') return undefined
  if (body.kind === 'ticket') return tickets.findTickets(body.marker, state.unconfirmedSinceMs)
  if (ticketId === undefined) return { kind: 'found', ids: [] }
  return tickets.findComments(ticketId, body.marker)
}

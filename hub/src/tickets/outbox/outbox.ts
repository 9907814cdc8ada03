import type { BlockReason } from '@3cx-ninja/protocol'
import { stepOutbox, type LookOutcome, type OutboxEvent, type WriteOutcome } from './outboxMachine.ts'
import type { FilingOutcome, Outbox, OutboxNeeds } from './ports.ts'
import { outboxRow, type OutboxEntry } from './rows.ts'
import { BLOCKED_RETRY_MS, LEAST_PAUSE_MS, LOOK_MS, STOP_MS } from './tuning.ts'

/** Carries out the writes, each draft's in order, each exactly once. Whatever dies, the stored state says what to do next. */
export async function openOutbox({
  store,
  system,
  clock,
  random,
  rules,
  onEvent,
}: OutboxNeeds): Promise<Outbox> {
  const listeners = new Set<(outcome: FilingOutcome) => void>()
  const open = new Map<number, OutboxEntry>()
  /** Row of each draft's ticket, while it is open: an outage leaves thousands, and every comment asks for its ticket. */
  const ticketRows = new Map<string, number>()
  /** Rows beyond this one are new; those before are known, and reading all their transcripts again for each would be long. */
  let newestRowId = 0
  /** Rows that this process has not touched yet: their state is another process's last word. */
  const inherited = new Set<number>()
  /** Rows that are blocked, or failed for no reason of their own (store, bug): not tried before then. */
  const pausedUntilMs = new Map<number, number>()
  let running: Promise<void> | undefined
  let again = false
  let stopped = false
  let closed = false
  let cancelLook: () => void = () => undefined
  let people: Promise<unknown> = Promise.resolve()

  const take = (entry: OutboxEntry) => {
    open.set(entry.rowId, entry)
    if (entry.write.kind === 'ticket') ticketRows.set(entry.draftId, entry.rowId)
  }
  const load = async () => {
    for (const { rowId, ...value } of await store.open(newestRowId)) {
      newestRowId = Math.max(newestRowId, rowId)
      const parsed = outboxRow.safeParse({ rowId, ...value })
      if (parsed.success) {
        take(parsed.data)
        inherited.add(rowId)
      } else {
        const remedy = 'This write stays stored but is not sent: it was made by another version of the hub.'
        onEvent('error', 'outbox.unreadable', { rowId, detail: parsed.error.message.slice(0, 400), remedy })
      }
    }
  }

  const apply = async (entry: OutboxEntry, event: OutboxEvent): Promise<OutboxEntry> => {
    const state = stepOutbox(entry.state, event, { nowMs: clock.nowMs(), random, rules })
    if (state === entry.state) return entry
    return put(entry, { ...entry, state })
  }
  const put = async (before: OutboxEntry, next: OutboxEntry): Promise<OutboxEntry> => {
    await store.save(next)
    if (next.state.at !== 'done') take(next)
    else if (open.delete(next.rowId) && next.write.kind === 'ticket') ticketRows.delete(next.draftId)
    if (next.state.at === 'blocked') pausedUntilMs.set(next.rowId, clock.nowMs() + BLOCKED_RETRY_MS)
    else if (before.state.at === 'blocked') pausedUntilMs.delete(next.rowId)
    const outcome = next.write.kind === 'ticket' && outcomeOfEntry(next)
    if (outcome && !outcomeOfEntry(before)) tell({ callId: next.callId, event: outcome })
    return next
  }
  const tell = (outcome: FilingOutcome) => {
    for (const listener of listeners) listener(outcome)
  }
  const filed = (ticketId: string): FilingOutcome['event'] => {
    const ticketUrl = system.ticketUrl(ticketId)
    return { kind: 'filed', ticketId, ...(ticketUrl ? { ticketUrl } : {}) }
  }
  const outcomeOfEntry = ({ state }: OutboxEntry): FilingOutcome['event'] | undefined => {
    if (state.at === 'blocked') return { kind: 'blocked', reason: state.reason, detail: state.detail }
    if (state.at === 'checking') return filed(state.ticketId)
    return state.at === 'done' && state.ticketId !== null ? filed(state.ticketId) : undefined
  }
  const ticketRowOf = (draftId: string) => open.get(ticketRows.get(draftId) ?? 0)

  const send = async (entry: OutboxEntry, ticketId: string | undefined): Promise<void> => {
    const sending = await apply(entry, { kind: 'send' })
    onEvent('info', 'outbox.sending', { callId: entry.callId, kind: entry.write.kind })
    const outcome = await perform(sending, ticketId)
    if (closed) return // the store is gone: the next start finds it `sending` and looks for it
    tellOutcome(entry, outcome)
    await apply(sending, { kind: 'outcome', outcome })
  }
  const perform = async (
    { write: body }: OutboxEntry,
    ticketId: string | undefined,
  ): Promise<WriteOutcome> => {
    if (body.kind === 'ticket') return system.createTicket(body)
    if (ticketId === undefined) return { is: 'not-sent', detail: 'its ticket is not filed yet' }
    return system.addComment(ticketId, body)
  }
  const tellOutcome = ({ callId, write: { kind } }: OutboxEntry, outcome: WriteOutcome) => {
    if (outcome.is === 'stored')
      return onEvent('info', 'outbox.stored', { callId, kind, ticketId: outcome.ticketId })
    const level = outcome.is === 'refused' ? 'error' : 'warn'
    onEvent(level, `outbox.${outcome.is}`, { callId, kind, detail: outcome.detail })
  }

  const look = async (entry: OutboxEntry, ticketId: string | undefined): Promise<void> => {
    const { state, write: body, callId } = entry
    if (state.at !== 'settling' && state.at !== 'checking') return
    const outcome: LookOutcome =
      body.kind === 'ticket'
        ? await system.findTickets(body.marker, state.doubtSinceMs)
        : ticketId === undefined
          ? { is: 'found', ids: [] }
          : await system.findComments(ticketId, body.marker)
    if (closed) return
    if (outcome.is === 'refused') {
      onEvent('error', 'outbox.look-refused', { callId, detail: outcome.detail })
      const { reason, detail } = outcome
      return void (await apply(entry, { kind: 'look-refused', reason, detail }))
    }
    if (outcome.is === 'not-now') {
      onEvent('warn', 'outbox.look-failed', { callId, detail: outcome.detail })
      return void (await apply(entry, { kind: 'look-failed' }))
    }
    const copies = outcome.ids
    const remedy = 'Merge or close the later one in NinjaOne.'
    if (copies.length > 1) onEvent('error', 'outbox.duplicate', { callId, kind: body.kind, copies, remedy })
    const found = body.kind === 'ticket' || copies.length === 0 ? copies[0] : ticketId
    await apply(entry, { kind: 'looked', found })
  }

  const dueAt = ({ rowId, draftId, state, write: body }: OutboxEntry): number => {
    const pausedMs = pausedUntilMs.get(rowId) ?? 0
    if (inherited.has(rowId)) return pausedMs
    if (state.at === 'done') return Infinity
    if (state.at === 'sending' || state.at === 'blocked') return pausedMs // its outcome could not be stored, or: try again
    // A comment waits for its ticket, and is not looked at until then.
    const ticket = body.kind === 'comment' ? ticketRowOf(draftId) : undefined
    return ticket && ticket.state.at !== 'checking' ? Infinity : Math.max(state.dueAtMs, pausedMs)
  }
  const carryOut = async (row: OutboxEntry): Promise<void> => {
    const isStale = inherited.has(row.rowId) || row.state.at === 'sending' || row.state.at === 'blocked'
    const entry = isStale ? await apply(row, { kind: 'restarted' }) : row
    inherited.delete(row.rowId)
    if (dueAt(entry) > clock.nowMs()) return
    const ticketId = entry.write.kind === 'comment' ? await store.ticketOf(entry.draftId) : undefined
    if (entry.write.kind === 'comment' && ticketId === undefined)
      return void pausedUntilMs.set(row.rowId, clock.nowMs() + LOOK_MS)
    if (entry.state.at === 'waiting') await send(entry, ticketId)
    else await look(entry, ticketId)
    if (entry.write.kind === 'ticket') again = true // its comment may go now
  }
  const round = async () => {
    await load()
    for (const rowId of [...open.keys()].sort((a, b) => a - b)) {
      const entry = open.get(rowId)
      if (stopped || !entry || dueAt(entry) > clock.nowMs()) continue
      try {
        await carryOut(entry)
        if ((pausedUntilMs.get(rowId) ?? 0) <= clock.nowMs()) pausedUntilMs.delete(rowId)
      } catch (error) {
        if (closed) return
        pausedUntilMs.set(rowId, clock.nowMs() + LOOK_MS)
        onEvent('error', 'outbox.failed', { callId: entry.callId, error: String(error) })
      }
    }
  }
  const run = () => {
    if (stopped) return
    if (running) {
      again = true
      return
    }
    cancelLook()
    again = false
    let restMs = 0
    running = round()
      .catch((error: unknown) => {
        restMs = LOOK_MS
        onEvent('error', 'outbox.failed', { error: String(error) })
      })
      .finally(() => {
        running = undefined
        if (stopped) return
        let nextMs = Infinity
        for (const entry of open.values()) nextMs = Math.min(nextMs, dueAt(entry) - clock.nowMs())
        const pauseMs = again ? 0 : Math.max(LEAST_PAUSE_MS, Math.min(LOOK_MS, nextMs))
        cancelLook = clock.after(Math.max(restMs, pauseMs), run)
      })
  }

  /** What people change comes one after the other, and only to rows that no round touches: blocked ones. */
  const byPerson = <Value>(act: () => Promise<Value>): Promise<Value> => {
    const result = people.then(act)
    people = result.catch(() => undefined)
    return result
  }

  await load()
  cancelLook = clock.after(0, run)

  return {
    wake: run,
    onOutcome(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async outcomeOf(draftId) {
      const row = ticketRowOf(draftId)
      if (row) return outcomeOfEntry(row)
      const ticketId = await store.ticketOf(draftId)
      return ticketId === undefined ? undefined : filed(ticketId)
    },
    unblock: () =>
      byPerson(async () => {
        for (const { rowId } of [...open.values()]) {
          const entry = open.get(rowId)
          if (entry?.state.at !== 'blocked') continue
          await apply(entry, { kind: 'unblock' })
          if (entry.write.kind === 'ticket') tell({ callId: entry.callId, event: { kind: 'unblocked' } })
        }
        run()
      }),
    correct: (draftId, body, then) =>
      byPerson(async () => {
        const entry = ticketRowOf(draftId)
        if (entry?.state.at !== 'blocked') return false
        const around = { nowMs: clock.nowMs(), random, rules }
        const state = then === 'wait' ? entry.state : stepOutbox(entry.state, { kind: 'unblock' }, around)
        await put(entry, { ...entry, write: body, state })
        if (then === 'go-on') run()
        return true
      }),
    withdraw: (draftId) =>
      byPerson(async () => {
        const entry = ticketRowOf(draftId)
        if (!entry) return (await store.ticketOf(draftId)) === undefined // done before, and the hub died then
        if (entry.state.at !== 'blocked' || entry.state.doubtSinceMs !== null) return false
        for (const row of [...open.values()].filter((one) => one.draftId === draftId && one !== entry))
          await put(row, { ...row, state: { at: 'done', ticketId: null } })
        await apply(entry, { kind: 'withdraw' })
        return true
      }),
    waiting: () => open.size,
    blocked() {
      const reasons = new Map<string, { reason: BlockReason; detail: string; count: number }>()
      for (const { state } of open.values()) {
        if (state.at !== 'blocked') continue
        const { reason, detail } = state
        reasons.set(detail, {
          reason,
          detail,
          ...reasons.get(detail),
          count: (reasons.get(detail)?.count ?? 0) + 1,
        })
      }
      return [...reasons.values()]
    },
    async stop() {
      stopped = true
      cancelLook()
      let cancelWait: () => void = () => undefined
      const longEnough = new Promise<void>((end) => (cancelWait = clock.after(STOP_MS, end)))
      await Promise.race([running, longEnough])
      cancelWait()
      closed = true
    },
  }
}

import { z } from 'zod'
import {
  callId as callIdSchema,
  draftId as draftIdSchema,
  priority,
  type CallId,
  type Clock,
  type Random,
} from '@3cx-ninja/protocol'
import type { DraftEvent } from '../draftMachine.ts'
import {
  outboxState,
  stepOutbox,
  type OutboxEvent,
  type OutboxRules,
  type OutboxState,
  type WriteOutcome,
} from './outboxMachine.ts'

/** A ticket to create. `marker` finds it again: a tag, and the last line of the description. */
export const ticketBody = z.object({
  kind: z.literal('ticket'),
  marker: z.string(),
  subject: z.string().max(200),
  description: z.string(),
  priority,
  organizationId: z.int().nullable(),
  requesterUid: z.string().nullable(),
})
/** A private comment on the draft's ticket, with the transcript as a file. `marker` stands in its last line. */
export const commentBody = z.object({
  kind: z.literal('comment'),
  marker: z.string(),
  body: z.string(),
  fileName: z.string(),
  file: z.string(),
})
export const write = z.discriminatedUnion('kind', [ticketBody, commentBody])
export type TicketBody = z.infer<typeof ticketBody>
export type CommentBody = z.infer<typeof commentBody>

/** A write as it enters the outbox. */
export interface NewWrite {
  readonly draftId: string
  readonly callId: string
  readonly kind: 'ticket' | 'comment'
  readonly write: TicketBody | CommentBody
  readonly state: OutboxState
}
export const outboxRow = z.object({
  rowId: z.int(),
  draftId: draftIdSchema,
  callId: callIdSchema,
  write,
  state: outboxState,
})
export type OutboxEntry = z.infer<typeof outboxRow>

export interface OutboxStore {
  open(): Promise<readonly unknown[]>
  save(entry: OutboxEntry): Promise<void>
  /** Ticket that this draft's first row became; undefined while it did not. */
  ticketOf(draftId: string): Promise<number | undefined>
}

/** The ticket system behind the outbox: NinjaOne. */
export interface TicketSystem {
  createTicket(body: TicketBody): Promise<WriteOutcome>
  addComment(ticketId: number, body: CommentBody): Promise<WriteOutcome>
  /** Tickets that bear the marker, created since then; 'failed' when nobody can tell. */
  findTickets(marker: string, sinceMs: number): Promise<readonly number[] | 'failed'>
  countComments(ticketId: number, marker: string): Promise<number | 'failed'>
  ticketUrl(ticketId: number): string | undefined
}

export interface Outbox {
  /** New rows were stored. */
  wake(): void
  onOutcome(listener: (outcome: { readonly callId: CallId; readonly event: DraftEvent }) => void): () => void
  /** A person repaired what blocked (signed in, corrected the mapping): blocked rows go on. */
  unblock(): Promise<void>
  waiting(): number
  stop(): Promise<void>
}

export interface OutboxNeeds {
  readonly store: OutboxStore
  readonly system: TicketSystem
  readonly clock: Clock
  readonly random: Random
  readonly rules: OutboxRules
  readonly onEvent: (level: 'info' | 'warn' | 'error', event: string, fields: object) => void
}

/** Rows are looked at this often even when nothing wakes the outbox. */
const LOOK_MS = 15_000

/** Carries out the writes, each draft's in order, each exactly once. Whatever dies, the stored state says what to do next. */
export async function openOutbox({
  store,
  system,
  clock,
  random,
  rules,
  onEvent,
}: OutboxNeeds): Promise<Outbox> {
  const listeners = new Set<(outcome: { callId: CallId; event: DraftEvent }) => void>()
  const open = new Map<number, OutboxEntry>()
  let running: Promise<void> | undefined
  let again = false
  let stopped = false
  let cancelLook: () => void = () => undefined

  const tell = (callId: CallId, event: DraftEvent) => {
    for (const listener of listeners) listener({ callId, event })
  }
  const apply = async (entry: OutboxEntry, event: OutboxEvent): Promise<OutboxEntry> => {
    const state = stepOutbox(entry.state, event, { nowMs: clock.nowMs(), random, rules })
    const next = { ...entry, state }
    await store.save(next)
    if (state.at === 'done') open.delete(entry.rowId)
    else open.set(entry.rowId, next)
    if (entry.write.kind === 'ticket') announce(entry, state)
    return next
  }
  const announce = ({ callId, state: before }: OutboxEntry, state: OutboxState) => {
    if ((state.at === 'done' && before.at !== 'checking') || state.at === 'checking') {
      const ticketUrl = system.ticketUrl(state.ticketId)
      tell(callId, { kind: 'filed', ticketId: state.ticketId, ...(ticketUrl ? { ticketUrl } : {}) })
    } else if (state.at === 'blocked')
      tell(callId, { kind: 'blocked', reason: state.reason, detail: state.detail })
  }

  const send = async (entry: OutboxEntry, ticketId: number | undefined): Promise<void> => {
    const sending = await apply(entry, { kind: 'send' })
    const outcome = await perform(sending, ticketId)
    if (outcome.is !== 'stored')
      onEvent(outcome.is === 'refused' ? 'error' : 'warn', `outbox.${outcome.is}`, {
        callId: entry.callId,
        kind: entry.write.kind,
        detail: outcome.detail,
      })
    else
      onEvent('info', 'outbox.stored', {
        callId: entry.callId,
        kind: entry.write.kind,
        ticketId: outcome.ticketId,
      })
    await apply(sending, { kind: 'outcome', outcome })
  }
  const perform = async (
    { write: body }: OutboxEntry,
    ticketId: number | undefined,
  ): Promise<WriteOutcome> => {
    if (body.kind === 'ticket') return system.createTicket(body)
    return ticketId === undefined
      ? { is: 'not-sent', detail: 'its ticket is not filed yet' }
      : system.addComment(ticketId, body)
  }

  const look = async (entry: OutboxEntry, ticketId: number | undefined): Promise<void> => {
    const { state, write: body } = entry
    if (state.at !== 'settling' && state.at !== 'checking') return
    const copies = await lookUp(body, state.doubtSinceMs, ticketId)
    if (copies === 'failed') {
      onEvent('warn', 'outbox.look-failed', { callId: entry.callId })
      return void (await apply(entry, { kind: 'look-failed' }))
    }
    if (copies.length > 1)
      onEvent('error', 'outbox.duplicate', {
        callId: entry.callId,
        kind: body.kind,
        copies,
        remedy: 'Merge or close the later one in NinjaOne.',
      })
    await apply(entry, { kind: 'looked', found: copies[0], copies: copies.length })
  }
  const lookUp = async (
    body: TicketBody | CommentBody,
    sinceMs: number,
    ticketId: number | undefined,
  ): Promise<readonly number[] | 'failed'> => {
    if (body.kind === 'ticket') return system.findTickets(body.marker, sinceMs)
    if (ticketId === undefined) return []
    const count = await system.countComments(ticketId, body.marker)
    return count === 'failed' ? 'failed' : Array.from({ length: count }, () => ticketId)
  }

  const dueAt = ({ state }: OutboxEntry) =>
    state.at === 'waiting' || state.at === 'settling' || state.at === 'checking' ? state.dueAtMs : Infinity
  const round = async () => {
    for (const value of await store.open()) {
      const parsed = outboxRow.safeParse(value)
      if (!parsed.success) onEvent('error', 'outbox.unreadable', { detail: parsed.error.message })
      else if (!open.has(parsed.data.rowId)) open.set(parsed.data.rowId, parsed.data)
    }
    const inOrder = [...open.values()].sort((a, b) => a.rowId - b.rowId)
    for (const entry of inOrder) {
      if (stopped || dueAt(entry) > clock.nowMs()) continue
      const ticketId = entry.write.kind === 'comment' ? await store.ticketOf(entry.draftId) : undefined
      if (entry.write.kind === 'comment' && ticketId === undefined) continue
      if (entry.state.at === 'waiting') await send(entry, ticketId)
      else await look(entry, ticketId)
      if (entry.write.kind === 'ticket') again = true // its comment may go now
    }
  }
  const run = () => {
    if (running) {
      again = true
      return
    }
    cancelLook()
    again = false
    running = round()
      .catch((error: unknown) => onEvent('error', 'outbox.failed', { error: String(error) }))
      .finally(() => {
        running = undefined
        if (stopped) return
        const nextMs = Math.min(...[...open.values()].map(dueAt)) - clock.nowMs()
        cancelLook = clock.after(again ? 0 : Math.max(50, Math.min(LOOK_MS, nextMs)), run)
      })
  }

  for (const value of await store.open()) {
    const parsed = outboxRow.safeParse(value)
    if (parsed.success) {
      open.set(parsed.data.rowId, parsed.data)
      await apply(parsed.data, { kind: 'restarted' })
    }
  }
  cancelLook = clock.after(0, run)

  return {
    wake: run,
    onOutcome(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async unblock() {
      for (const entry of [...open.values()]) {
        if (entry.state.at !== 'blocked') continue
        await apply(entry, { kind: 'unblock' })
        if (entry.write.kind === 'ticket') tell(entry.callId, { kind: 'unblocked' })
      }
      run()
    },
    waiting: () => open.size,
    async stop() {
      stopped = true
      cancelLook()
      await running
    },
  }
}

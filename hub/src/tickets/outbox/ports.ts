import type { BlockReason, CallId, Clock, Random } from '@3cx-ninja/protocol'
import type { DraftEvent } from '../draftMachine.ts'
import type { LookOutcome, OutboxRules, WriteOutcome } from './outboxMachine.ts'
import type { CommentBody, OutboxEntry, TicketBody } from './rows.ts'

export interface OutboxStore {
  /** Rows that are not done, of those behind this one, in the order in which they were stored. */
  open(afterRowId: number): Promise<readonly { readonly rowId: number }[]>
  save(entry: OutboxEntry): Promise<void>
  /** Ticket that this draft's first row became; undefined while it did not. */
  ticketOf(draftId: string): Promise<string | undefined>
}

/** The ticket system behind the outbox: NinjaOne. Its promises do not reject for anything that the network can do. */
export interface TicketSystem {
  createTicket(body: TicketBody): Promise<WriteOutcome>
  addComment(ticketId: string, body: CommentBody): Promise<WriteOutcome>
  /** Tickets that bear the marker, created since then. */
  findTickets(marker: string, sinceMs: number): Promise<LookOutcome>
  /** Comments of the ticket that bear the marker. */
  findComments(ticketId: string, marker: string): Promise<LookOutcome>
  ticketUrl(ticketId: string): string | undefined
}

export interface FilingOutcome {
  readonly callId: CallId
  readonly event: Extract<DraftEvent, { kind: 'filed' | 'blocked' | 'unblocked' }>
}

export interface Outbox {
  /** New rows were stored. */
  wake(): void
  onOutcome(listener: (outcome: FilingOutcome) => void): () => void
  /** What became of a draft's ticket so far: for a draft that missed it, because the hub died in between. */
  outcomeOf(draftId: string): Promise<FilingOutcome['event'] | undefined>
  /** A person repaired what blocked (signed in, corrected the mapping): blocked rows go on. */
  unblock(): Promise<void>
  /** A blocked ticket as its technician corrected it, waiting on or tried at once. false: it is not blocked. */
  correct(draftId: string, body: TicketBody, then: 'wait' | 'go-on'): Promise<boolean>
  /** A blocked ticket is given up, with the comments behind it. false: it is not blocked, or may have been stored. */
  withdraw(draftId: string): Promise<boolean>
  waiting(): number
  /** Why writes wait for a person now, each distinct sentence once. */
  blocked(): readonly { readonly reason: BlockReason; readonly detail: string; readonly count: number }[]
  /** Waits a moment for the request under way; what came of a longer one is looked for at the next start. */
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

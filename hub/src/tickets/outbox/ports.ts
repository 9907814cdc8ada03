import type { BlockReason, CallId, Clock, Random } from '@3cx-ninja/protocol'
import type { HelpdeskTickets } from '../../helpdesk/helpdesk.ts'
import type { TicketBody } from '../../helpdesk/writes.ts'
import type { DraftEvent } from '../draftMachine.ts'
import type { OutboxRules } from './outboxMachine.ts'
import type { OutboxEntry } from './rows.ts'

/** The durable rows of the outbox. Its methods reject when the database does; a row is tried again then. */
export interface OutboxStore {
  /** Resolves with the rows that are not done and come after this one, in the order in which they were stored. */
  open(afterRowId: number): Promise<readonly { readonly rowId: number }[]>
  /** Resolves once the row's write and state are durable. Rejects when the database does. */
  save(entry: OutboxEntry): Promise<void>
  /** Resolves with the ticket that this draft's first row became; undefined until it did. */
  ticketOf(draftId: string): Promise<string | undefined>
}

/** What became of the ticket of one call, for its draft. */
export interface FilingOutcome {
  readonly callId: CallId
  readonly event: Extract<DraftEvent, { kind: 'filed' | 'blocked' | 'unblocked' }>
}

/** Writes that wait for the helpdesk. Each draft's writes go out in order, each exactly once. */
export interface Outbox {
  /** Starts a round, or asks for one after the running round: new rows were stored. */
  wake(): void
  /** Calls the listener for each outcome until the returned function is called. */
  onOutcome(listener: (outcome: FilingOutcome) => void): () => void
  /** Resolves with what became of a draft's ticket so far: for a draft that missed it because the hub died in between. */
  outcomeOf(draftId: string): Promise<FilingOutcome['event'] | undefined>
  /** Tries every blocked row again: a person signed in or corrected a mapping. Rejects when the store does. */
  unblock(): Promise<void>
  /** Replaces a blocked ticket by its correction, which waits or is tried at once. Resolves with false when it is not blocked. */
  correct(draftId: string, body: TicketBody, then: 'wait' | 'retry'): Promise<boolean>
  /** Gives a blocked ticket up, with the comments after it. Resolves with false when it is not blocked, or may have been stored. */
  withdraw(draftId: string): Promise<boolean>
  /**
   * Replaces the text of this call's open writes; each is filed without it, once. One that is under way keeps its outcome.
   * Rejects when the store does.
   */
  erase(callId: CallId, note: string, subject: string): Promise<void>
  /** Returns the number of writes that are not done. */
  waiting(): number
  /** Returns why writes wait for a person now, each distinct sentence once. */
  blocked(): readonly BlockedWrites[]
  /** Resolves once the request under way has ended, or after 3 s; the outcome of a longer one is searched at the next start. */
  stop(): Promise<void>
}

/** Blocked writes with one reason: `detail` is a sentence for administrators. */
export interface BlockedWrites {
  readonly reason: BlockReason
  readonly detail: string
  readonly count: number
}

/** Everything that the outbox needs: its store, the helpdesk's tickets, clock, random, rules and events. */
export interface OutboxNeeds {
  readonly store: OutboxStore
  readonly tickets: HelpdeskTickets
  readonly clock: Clock
  readonly random: Random
  readonly rules: OutboxRules
  /** Writes one line to the log; `error` means that a person must act. */
  readonly onEvent: (level: 'info' | 'warn' | 'error', event: string, fields: object) => void
}

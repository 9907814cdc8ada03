import type { BlockReason, CallId, Clock, Random } from '@3cx-ninja/protocol'
import type { HelpdeskTickets } from '../../helpdesk/helpdesk.ts'
import type { TicketBody } from '../../helpdesk/writes.ts'
import type { DraftEvent } from '../draftMachine.ts'
import type { OutboxRules } from './outboxMachine.ts'
import type { OutboxEntry } from './rows.ts'

export interface OutboxStore {
  /** Resolves with the rows that are not done and come after this one, in the order in which they were stored. */
  open(afterRowId: number): Promise<readonly { readonly rowId: number }[]>
  save(entry: OutboxEntry): Promise<void>
  /** Resolves with the ticket that this draft's first row became; undefined until it did. */
  ticketOf(draftId: string): Promise<string | undefined>
}

export interface FilingOutcome {
  readonly callId: CallId
  readonly event: Extract<DraftEvent, { kind: 'filed' | 'blocked' | 'unblocked' }>
}

export interface Outbox {
  /** Starts a round: new rows were stored. */
  wake(): void
  onOutcome(listener: (outcome: FilingOutcome) => void): () => void
  /** Resolves with what became of a draft's ticket so far: for a draft that missed it because the hub died in between. */
  outcomeOf(draftId: string): Promise<FilingOutcome['event'] | undefined>
  /** Tries every blocked row again: a person signed in or corrected a mapping. Rejects when the store does. */
  unblock(): Promise<void>
  /** Replaces a blocked ticket by its correction, which waits or is tried at once. Resolves with false when it is not blocked. */
  correct(draftId: string, body: TicketBody, then: 'wait' | 'retry'): Promise<boolean>
  /** Gives a blocked ticket up, with the comments after it. Resolves with false when it is not blocked, or may have been stored. */
  withdraw(draftId: string): Promise<boolean>
  waiting(): number
  /** Returns why writes wait for a person now, each distinct sentence once. */
  blocked(): readonly BlockedWrites[]
  /** Resolves once the request under way has ended, or after 3 s; the outcome of a longer one is searched at the next start. */
  stop(): Promise<void>
}

export interface BlockedWrites {
  readonly reason: BlockReason
  readonly detail: string
  readonly count: number
}

export interface OutboxNeeds {
  readonly store: OutboxStore
  readonly tickets: HelpdeskTickets
  readonly clock: Clock
  readonly random: Random
  readonly rules: OutboxRules
  readonly onEvent: (level: 'info' | 'warn' | 'error', event: string, fields: object) => void
}

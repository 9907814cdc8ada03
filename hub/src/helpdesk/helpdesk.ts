import type { CallerIdentity } from '@3cx-ninja/protocol'
import type { SearchOutcome, WriteOutcome } from './outcomes.ts'
import type { CommentBody, TicketBody } from './writes.ts'

// The helpdesk port: the system that holds the tickets. Knows no product: NinjaOne's adapter stands in hub/src/ninjaone/,
// start/openHelpdesk.ts chooses one by the setting `helpdesk.kind`, and docs/how-to.md lists what a second one touches.

/** not-configured: the settings name no account; signed-out: a person must sign in; signed-in: tickets can be filed. */
export type HelpdeskState = 'not-configured' | 'signed-out' | 'signed-in'

/** Writes and searches for the outbox. No method rejects for anything that the network or the helpdesk can do. */
export interface HelpdeskTickets {
  /** Sends one ticket, once. Resolves with what is certain of it; never repeats the request after an unknown outcome. */
  createTicket(ticket: TicketBody): Promise<WriteOutcome>
  /** Sends one private comment, once. `created` and `duplicate` carry the id of the ticket, not of the comment. */
  addComment(ticketId: string, comment: CommentBody): Promise<WriteOutcome>
  /** Resolves with every ticket that carries the marker and was created at or after `sinceMs` (wall clock). */
  findTickets(marker: string, sinceMs: number): Promise<SearchOutcome>
  /** Resolves with every comment of this ticket that carries the marker. */
  findComments(ticketId: string, marker: string): Promise<SearchOutcome>
  /** Returns the address of the ticket in the helpdesk's own pages; undefined where the helpdesk has none. */
  ticketUrl(ticketId: string): string | undefined
}

/** A company in the helpdesk, by the helpdesk's own id. */
export interface Organization {
  readonly id: string
  readonly name: string
}
/** A person in the helpdesk who can be the requester of a ticket. */
export interface Contact {
  readonly id: string
  readonly name: string
  /** undefined: the helpdesk names no organization of this contact. */
  readonly organizationId: string | undefined
}

/** Contacts and organizations as the helpdesk last gave them; they stay available while the helpdesk is away. */
export interface Directory {
  /** Returns who has this number; undefined without a public number, or before the contacts were ever loaded. */
  identify(number: string | undefined): CallerIdentity | undefined
  contacts(): readonly Contact[]
  organizations(): readonly Organization[]
  /** Loads everything again; keeps the last lists when the helpdesk does not give them. Rejects only when they cannot be stored. */
  refresh(): Promise<void>
}

/** The sign-in of a person in the browser (OAuth authorization code). */
export interface SignIn {
  /** Returns the helpdesk's page that asks the person; `state` comes back with the code. */
  url(redirectUri: string, state: string): string
  /** Exchanges the code of a finished sign-in and stores the result. Rejects with a sentence for the administrator. */
  finish(code: string, redirectUri: string): Promise<void>
}

/** What this helpdesk can do, so that no other part asks which product it is. */
export interface HelpdeskCapabilities {
  /** A comment may carry a text file; without files the comment's text is all there is. */
  readonly commentFiles: boolean
  /** Longest text of a comment, in UTF-16 units: a longer transcript is truncated there. */
  readonly maxCommentChars: number
}

/** The outcome of a test with real requests; `ok` only when every step succeeded. */
export interface TestReport {
  readonly ok: boolean
  /** `step`: what was asked; the admin page has a word for each (`helpdesk.test.<step>`). `detail`: what was answered. */
  readonly steps: readonly { readonly step: string; readonly ok: boolean; readonly detail: string }[]
}

/** One helpdesk with one account. Opened at the hub's start, stopped with it. */
export interface Helpdesk {
  /** As in the setting `helpdesk.kind`. */
  readonly kind: string
  /** As people know the product: 'NinjaOne'. */
  readonly name: string
  /** Address of the instance as shown to administrators; null while none is set. */
  readonly host: string | null
  readonly capabilities: HelpdeskCapabilities
  /** Organization of tickets whose caller the helpdesk does not know; null: such a ticket is blocked until one is chosen. */
  readonly organizationForUnknown: string | null
  readonly tickets: HelpdeskTickets
  readonly directory: Directory
  /** undefined: no person signs in (an API token in the settings, or no account). */
  readonly signIn: SignIn | undefined
  /** Resolves with what filing needs next. Reads stored state and sends no request. */
  state(): Promise<HelpdeskState>
  /** What an administrator does about `not-configured`: which settings to fill in. */
  readonly setUp: string
  /** Sends real requests that write nothing, and resolves with what each answered. */
  test(): Promise<TestReport>
  stop(): void
}

/** Values that an adapter keeps in the hub's database (a rotated token, the list of contacts), by name. */
export interface HelpdeskStore {
  read(name: string): Promise<string | undefined>
  /** Resolves once the value is durable; undefined removes it. */
  save(name: string, value: string | undefined): Promise<void>
}

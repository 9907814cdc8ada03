import type { BlockReason } from '@3cx-ninja/protocol'

/** The helpdesk refuses the content: `mapping` a setting names something that does not exist, `permission` a right is missing. */
export interface Rejected {
  readonly kind: 'rejected'
  readonly reason: Exclude<BlockReason, 'sign-in'>
  readonly detail: string
}
/** Nobody is signed in, or the helpdesk wants a person where the hub has no user. */
export interface AuthRequired {
  readonly kind: 'authRequired'
  readonly detail: string
}

/** What came of one write. Each `detail` is a sentence for administrators, without a secret. */
export type WriteOutcome =
  | { readonly kind: 'created'; readonly ticketId: string }
  /** The helpdesk already holds a write with this marker and says so: nothing was written a second time. */
  | { readonly kind: 'duplicate'; readonly ticketId: string }
  /** Timeout, cut connection, 5xx, a page instead of JSON: the write may have arrived, so its marker is searched first. */
  | { readonly kind: 'unknown'; readonly detail: string }
  /** The write certainly did not arrive: the helpdesk allows no more requests now. */
  | { readonly kind: 'throttled'; readonly retryAfterMs?: number; readonly detail: string }
  /** The write certainly did not arrive: no connection was made, or no token could be had. */
  | { readonly kind: 'unreachable'; readonly retryAfterMs?: number; readonly detail: string }
  | Rejected
  | AuthRequired

/** What came of the search for a marker. */
export type SearchOutcome =
  /** Ids of everything that carries the marker, the oldest first. */
  | { readonly kind: 'found'; readonly ids: readonly string[] }
  /** The search gave no certain answer: never a reason to send the write again. */
  | { readonly kind: 'unavailable'; readonly detail: string }
  | Rejected
  | AuthRequired

/** Returns why a person must act, in the protocol's words. */
export function blockReasonOf(outcome: Rejected | AuthRequired): BlockReason {
  return outcome.kind === 'authRequired' ? 'sign-in' : outcome.reason
}

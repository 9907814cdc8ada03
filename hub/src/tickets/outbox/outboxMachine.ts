import { z } from 'zod'
import {
  blockReason,
  helpdeskId,
  nextDelayMs,
  wallClockMs,
  type BackoffTuning,
  type BlockReason,
  type Random,
} from '@3cx-ninja/protocol'
import { blockReasonOf, type WriteOutcome } from '../../helpdesk/outcomes.ts'

const attempts = z.int().min(0)
/** 0: due at once. */
const dueAtMs = z.union([z.literal(0), wallClockMs])
/** Searches in a row that gave no certain answer. */
const searches = attempts.default(0)

/**
 * Where one write to the helpdesk stands. waiting → sending → done, when all goes well. `sending` is stored before the
 * request leaves: found at a start, its outcome is unknown. settling is left by a search for the marker (to waiting or
 * done), checking by a last search, blocked by a person or by time; done is final. `unconfirmedSinceMs`: since when a
 * stored write may exist that no answer confirmed; while it is set, the marker is searched just before each send.
 */
export const outboxState = z.discriminatedUnion('at', [
  z.object({
    at: z.literal('waiting'),
    dueAtMs,
    attempts,
    unconfirmedSinceMs: wallClockMs.nullable(),
  }),
  z.object({
    at: z.literal('sending'),
    sinceMs: wallClockMs,
    attempts,
    unconfirmedSinceMs: wallClockMs.nullable(),
  }),
  /** The write may have arrived: wait, then search for the marker. */
  z.object({
    at: z.literal('settling'),
    dueAtMs,
    attempts,
    unconfirmedSinceMs: wallClockMs,
    searches,
  }),
  /** The write arrived and was sent more than once: search a last time whether a second one appeared. */
  z.object({
    at: z.literal('checking'),
    dueAtMs,
    ticketId: helpdeskId,
    unconfirmedSinceMs: wallClockMs,
    searches,
  }),
  /** Final. `null`: withdrawn before anything was stored. */
  z.object({ at: z.literal('done'), ticketId: helpdeskId.nullable() }),
  z.object({
    at: z.literal('blocked'),
    reason: blockReason,
    detail: z.string(),
    attempts,
    unconfirmedSinceMs: wallClockMs.nullable(),
  }),
])
export type OutboxState = z.infer<typeof outboxState>

export type OutboxEvent =
  | { readonly kind: 'send' }
  | { readonly kind: 'outcome'; readonly outcome: WriteOutcome }
  /** `found`: id of the oldest ticket with the marker; undefined: none has it. */
  | { readonly kind: 'searched'; readonly found: string | undefined }
  | { readonly kind: 'search-failed' }
  | { readonly kind: 'search-refused'; readonly reason: BlockReason; readonly detail: string }
  /** Loaded by a process that did not send it: the earlier one died, or could not store the outcome. */
  | { readonly kind: 'restarted' }
  | { readonly kind: 'unblock' }
  /** The technician gave the ticket up. Only a write that was certainly never stored can be withdrawn. */
  | { readonly kind: 'withdraw' }

export interface OutboxRules {
  readonly settleMs: number
  readonly retry: BackoffTuning
}

export interface OutboxContext {
  readonly nowMs: number
  readonly random: Random
  readonly rules: OutboxRules
}

/** Returns the state after one event. Pure. A write whose outcome is unknown is searched before it is sent again. */
export function stepOutbox(state: OutboxState, event: OutboxEvent, context: OutboxContext): OutboxState {
  const { nowMs } = context
  switch (event.kind) {
    case 'send':
      return state.at === 'waiting'
        ? {
            at: 'sending',
            sinceMs: nowMs,
            attempts: state.attempts + 1,
            unconfirmedSinceMs: state.unconfirmedSinceMs,
          }
        : state
    case 'restarted':
      if (state.at === 'sending') return unconfirmed(state, state.sinceMs, context)
      // The cause of the block may be gone: settings take effect at a start.
      if (state.at === 'blocked') return tryAgain({ ...state, attempts: 0 }, nowMs)
      return state.at === 'waiting' && state.unconfirmedSinceMs !== null
        ? tryAgain(state, state.dueAtMs)
        : state
    case 'outcome':
      return state.at === 'sending' ? sent(state, event.outcome, context) : state
    case 'searched':
      if (state.at === 'checking') return { at: 'done', ticketId: state.ticketId }
      if (state.at !== 'settling') return state
      if (event.found !== undefined) return { at: 'done', ticketId: event.found }
      return {
        at: 'waiting',
        dueAtMs: nowMs,
        attempts: state.attempts,
        unconfirmedSinceMs: state.unconfirmedSinceMs,
      }
    case 'search-failed': {
      if (state.at !== 'settling' && state.at !== 'checking') return state
      const delayMs = nextDelayMs(
        { attempt: state.searches + 2, random: context.random },
        context.rules.retry,
      )
      return { ...state, dueAtMs: nowMs + delayMs, searches: state.searches + 1 }
    }
    case 'search-refused': {
      if (state.at === 'checking') return { at: 'done', ticketId: state.ticketId }
      if (state.at !== 'settling') return state
      const { reason, detail } = event
      return {
        at: 'blocked',
        reason,
        detail,
        attempts: state.attempts,
        unconfirmedSinceMs: state.unconfirmedSinceMs,
      }
    }
    case 'unblock':
      return state.at === 'blocked' ? tryAgain({ ...state, attempts: 0 }, nowMs) : state
    case 'withdraw':
      return state.at === 'blocked' && state.unconfirmedSinceMs === null
        ? { at: 'done', ticketId: null }
        : state
  }
}

interface Tried {
  readonly attempts: number
  readonly unconfirmedSinceMs: number | null
}

function sent(
  state: Extract<OutboxState, { at: 'sending' }>,
  outcome: WriteOutcome,
  context: OutboxContext,
): OutboxState {
  const { nowMs, random, rules } = context
  const { attempts, unconfirmedSinceMs } = state
  switch (outcome.kind) {
    case 'duplicate':
      return { at: 'done', ticketId: outcome.ticketId }
    case 'created': {
      const { ticketId } = outcome
      if (unconfirmedSinceMs === null) return { at: 'done', ticketId }
      return { at: 'checking', ticketId, dueAtMs: nowMs + rules.settleMs, unconfirmedSinceMs, searches: 0 }
    }
    case 'unknown':
      return unconfirmed(state, state.sinceMs, context)
    case 'rejected':
    case 'authRequired': {
      const reason = blockReasonOf(outcome)
      return { at: 'blocked', reason, detail: outcome.detail, attempts, unconfirmedSinceMs }
    }
    case 'throttled':
    case 'unreachable': {
      // Never sooner than our own growing delay: a `Retry-After: 0` must not become a storm.
      const delayMs = Math.max(
        outcome.retryAfterMs ?? 0,
        nextDelayMs({ attempt: attempts, random }, rules.retry),
      )
      return tryAgain(state, nowMs + Math.round(delayMs))
    }
  }
}

function tryAgain({ attempts, unconfirmedSinceMs }: Tried, dueAtMs: number): OutboxState {
  return unconfirmedSinceMs === null
    ? { at: 'waiting', dueAtMs, attempts, unconfirmedSinceMs }
    : { at: 'settling', dueAtMs, attempts, unconfirmedSinceMs, searches: 0 }
}

function unconfirmed(
  { attempts, unconfirmedSinceMs }: Tried,
  sinceMs: number,
  { nowMs, rules }: OutboxContext,
): OutboxState {
  return {
    at: 'settling',
    dueAtMs: nowMs + rules.settleMs,
    attempts,
    unconfirmedSinceMs: unconfirmedSinceMs ?? sinceMs,
    searches: 0,
  }
}

import { z } from 'zod'
import {
  blockReason,
  nextDelayMs,
  wallMs,
  type BackoffTuning,
  type BlockReason,
  type Random,
} from '@3cx-ninja/protocol'

const attempts = z.int().min(0)

/** Where one write to NinjaOne stands. `sending` is stored before the request leaves: found at a start, its outcome is unknown. */
export const outboxState = z.discriminatedUnion('at', [
  z.object({ at: z.literal('waiting'), dueAtMs: wallMs, attempts, doubtSinceMs: wallMs.nullable() }),
  z.object({ at: z.literal('sending'), sinceMs: wallMs, attempts, doubtSinceMs: wallMs.nullable() }),
  /** It may have arrived: wait, then look for the marker. `doubtSinceMs`: since when a stored one may exist. */
  z.object({ at: z.literal('settling'), dueAtMs: wallMs, attempts, doubtSinceMs: wallMs }),
  /** Arrived, but sent more than once: look a last time whether a second one appeared. */
  z.object({ at: z.literal('checking'), dueAtMs: wallMs, ticketId: z.int(), doubtSinceMs: wallMs }),
  z.object({ at: z.literal('done'), ticketId: z.int() }),
  z.object({
    at: z.literal('blocked'),
    reason: blockReason,
    detail: z.string(),
    attempts,
    doubtSinceMs: wallMs.nullable(),
  }),
])
export type OutboxState = z.infer<typeof outboxState>

/** What came of a request. */
export type WriteOutcome =
  | { readonly is: 'stored'; readonly ticketId: number }
  /** It certainly did not arrive: no connection, throttled, token refreshed in vain. */
  | { readonly is: 'not-sent'; readonly retryAfterMs?: number; readonly detail: string }
  /** Timeout, cut connection, 5xx, HTML: it may have arrived. */
  | { readonly is: 'unknown'; readonly detail: string }
  | { readonly is: 'refused'; readonly reason: BlockReason; readonly detail: string }

export type OutboxEvent =
  | { readonly kind: 'send' }
  | { readonly kind: 'outcome'; readonly outcome: WriteOutcome }
  /** ticketId: what bears the marker, the oldest first; undefined: nothing does. */
  | { readonly kind: 'looked'; readonly found: number | undefined; readonly copies: number }
  | { readonly kind: 'look-failed' }
  /** The process died while it was sending. */
  | { readonly kind: 'restarted' }
  | { readonly kind: 'unblock' }

export interface OutboxRules {
  readonly settleMs: number
  readonly retry: BackoffTuning
}

interface Around {
  readonly nowMs: number
  readonly random: Random
  readonly rules: OutboxRules
}

/** One step of a write's life. Pure; rule D9: a write whose outcome is unknown is looked for before it is sent again. */
export function stepOutbox(
  state: OutboxState,
  event: OutboxEvent,
  { nowMs, random, rules }: Around,
): OutboxState {
  switch (event.kind) {
    case 'send':
      return state.at === 'waiting'
        ? { at: 'sending', sinceMs: nowMs, attempts: state.attempts + 1, doubtSinceMs: state.doubtSinceMs }
        : state
    case 'restarted':
      return state.at === 'sending' ? settle(state, state.sinceMs, nowMs, rules) : state
    case 'outcome': {
      if (state.at !== 'sending') return state
      const { outcome } = event
      switch (outcome.is) {
        case 'stored':
          if (state.doubtSinceMs === null) return { at: 'done', ticketId: outcome.ticketId }
          return {
            at: 'checking',
            ticketId: outcome.ticketId,
            dueAtMs: nowMs + rules.settleMs,
            doubtSinceMs: state.doubtSinceMs,
          }
        case 'unknown':
          return settle(state, state.sinceMs, nowMs, rules)
        case 'refused':
          return {
            at: 'blocked',
            reason: outcome.reason,
            detail: outcome.detail,
            attempts: state.attempts,
            doubtSinceMs: state.doubtSinceMs,
          }
        case 'not-sent': {
          const delayMs =
            outcome.retryAfterMs ?? nextDelayMs({ attempt: state.attempts, random }, rules.retry)
          return {
            at: 'waiting',
            dueAtMs: nowMs + delayMs,
            attempts: state.attempts,
            doubtSinceMs: state.doubtSinceMs,
          }
        }
      }
      return state
    }
    case 'looked':
      if (state.at === 'checking') return { at: 'done', ticketId: state.ticketId }
      if (state.at !== 'settling') return state
      if (event.found !== undefined) return { at: 'done', ticketId: event.found }
      return { at: 'waiting', dueAtMs: nowMs, attempts: state.attempts, doubtSinceMs: state.doubtSinceMs }
    case 'look-failed': {
      if (state.at !== 'settling' && state.at !== 'checking') return state
      return { ...state, dueAtMs: nowMs + nextDelayMs({ attempt: 3, random }, rules.retry) }
    }
    case 'unblock':
      return state.at === 'blocked'
        ? { at: 'waiting', dueAtMs: nowMs, attempts: 0, doubtSinceMs: state.doubtSinceMs }
        : state
  }
}

function settle(
  state: { attempts: number; doubtSinceMs: number | null },
  sinceMs: number,
  nowMs: number,
  rules: OutboxRules,
): OutboxState {
  return {
    at: 'settling',
    dueAtMs: nowMs + rules.settleMs,
    attempts: state.attempts,
    doubtSinceMs: state.doubtSinceMs ?? sinceMs,
  }
}

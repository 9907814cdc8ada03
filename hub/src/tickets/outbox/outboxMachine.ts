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

const attempts = z.int().min(0)
/** How often it was looked for in vain because nobody could tell. */
const looks = attempts.default(0)

/**
 * Where one write to NinjaOne stands. `sending` is stored before the request leaves: found at a start, its outcome is
 * unknown. `doubtSinceMs`: since when a stored one may exist that nobody confirmed; while it is set, nothing is sent
 * without looking just before.
 */
export const outboxState = z.discriminatedUnion('at', [
  z.object({
    at: z.literal('waiting'),
    dueAtMs: wallClockMs,
    attempts,
    doubtSinceMs: wallClockMs.nullable(),
  }),
  z.object({
    at: z.literal('sending'),
    sinceMs: wallClockMs,
    attempts,
    doubtSinceMs: wallClockMs.nullable(),
  }),
  /** It may have arrived: wait, then look for the marker. */
  z.object({ at: z.literal('settling'), dueAtMs: wallClockMs, attempts, doubtSinceMs: wallClockMs, looks }),
  /** Arrived, but sent more than once: look a last time whether a second one appeared. */
  z.object({
    at: z.literal('checking'),
    dueAtMs: wallClockMs,
    ticketId: helpdeskId,
    doubtSinceMs: wallClockMs,
    looks,
  }),
  /** Nothing is left to do. `null`: withdrawn before anything was stored. */
  z.object({ at: z.literal('done'), ticketId: helpdeskId.nullable() }),
  z.object({
    at: z.literal('blocked'),
    reason: blockReason,
    detail: z.string(),
    attempts,
    doubtSinceMs: wallClockMs.nullable(),
  }),
])
export type OutboxState = z.infer<typeof outboxState>

/** A person must act before it can go on. */
export interface Refusal {
  readonly is: 'refused'
  readonly reason: BlockReason
  readonly detail: string
}

/** What came of a request. */
export type WriteOutcome =
  | { readonly is: 'stored'; readonly ticketId: string }
  /** It certainly did not arrive: no connection, throttled, token refreshed in vain. */
  | { readonly is: 'not-sent'; readonly retryAfterMs?: number; readonly detail: string }
  /** Timeout, cut connection, 5xx, HTML: it may have arrived. */
  | { readonly is: 'unknown'; readonly detail: string }
  | Refusal

/** What came of looking for a marker. */
export type LookOutcome =
  /** Ids of what bears the marker, the oldest first. */
  | { readonly is: 'found'; readonly ids: readonly string[] }
  /** Nobody can tell now: never a reason to send again. */
  | { readonly is: 'not-now'; readonly detail: string }
  | Refusal

export type OutboxEvent =
  | { readonly kind: 'send' }
  | { readonly kind: 'outcome'; readonly outcome: WriteOutcome }
  /** ticketId: what bears the marker, the oldest first; undefined: nothing does. */
  | { readonly kind: 'looked'; readonly found: string | undefined }
  | { readonly kind: 'look-failed' }
  | { readonly kind: 'look-refused'; readonly reason: BlockReason; readonly detail: string }
  /** Found by a process that did not send it: the one before died, or could not store what came of it. */
  | { readonly kind: 'restarted' }
  | { readonly kind: 'unblock' }
  /** Its technician gave it up. Only what was certainly never stored can be withdrawn. */
  | { readonly kind: 'withdraw' }

export interface OutboxRules {
  readonly settleMs: number
  readonly retry: BackoffTuning
}

interface Around {
  readonly nowMs: number
  readonly random: Random
  readonly rules: OutboxRules
}

/** One step of a write's life. Pure: a write whose outcome is unknown is looked for before it is sent again. */
export function stepOutbox(state: OutboxState, event: OutboxEvent, around: Around): OutboxState {
  const { nowMs } = around
  switch (event.kind) {
    case 'send':
      return state.at === 'waiting'
        ? { at: 'sending', sinceMs: nowMs, attempts: state.attempts + 1, doubtSinceMs: state.doubtSinceMs }
        : state
    case 'restarted':
      if (state.at === 'sending') return doubted(state, state.sinceMs, around)
      // What blocked it may be gone: settings count from the next start.
      if (state.at === 'blocked') return tryAgain({ ...state, attempts: 0 }, nowMs)
      return state.at === 'waiting' && state.doubtSinceMs !== null ? tryAgain(state, state.dueAtMs) : state
    case 'outcome':
      return state.at === 'sending' ? sent(state, event.outcome, around) : state
    case 'looked':
      if (state.at === 'checking') return { at: 'done', ticketId: state.ticketId }
      if (state.at !== 'settling') return state
      if (event.found !== undefined) return { at: 'done', ticketId: event.found }
      return { at: 'waiting', dueAtMs: nowMs, attempts: state.attempts, doubtSinceMs: state.doubtSinceMs }
    case 'look-failed': {
      if (state.at !== 'settling' && state.at !== 'checking') return state
      const delayMs = nextDelayMs({ attempt: state.looks + 2, random: around.random }, around.rules.retry)
      return { ...state, dueAtMs: nowMs + delayMs, looks: state.looks + 1 }
    }
    case 'look-refused': {
      if (state.at === 'checking') return { at: 'done', ticketId: state.ticketId }
      if (state.at !== 'settling') return state
      const { reason, detail } = event
      return { at: 'blocked', reason, detail, attempts: state.attempts, doubtSinceMs: state.doubtSinceMs }
    }
    case 'unblock':
      return state.at === 'blocked' ? tryAgain({ ...state, attempts: 0 }, nowMs) : state
    case 'withdraw':
      return state.at === 'blocked' && state.doubtSinceMs === null ? { at: 'done', ticketId: null } : state
  }
}

interface Tried {
  readonly attempts: number
  readonly doubtSinceMs: number | null
}

function sent(
  state: Extract<OutboxState, { at: 'sending' }>,
  outcome: WriteOutcome,
  around: Around,
): OutboxState {
  const { nowMs, random, rules } = around
  const { attempts, doubtSinceMs } = state
  switch (outcome.is) {
    case 'stored': {
      const { ticketId } = outcome
      if (doubtSinceMs === null) return { at: 'done', ticketId }
      return { at: 'checking', ticketId, dueAtMs: nowMs + rules.settleMs, doubtSinceMs, looks: 0 }
    }
    case 'unknown':
      return doubted(state, state.sinceMs, around)
    case 'refused':
      return { at: 'blocked', reason: outcome.reason, detail: outcome.detail, attempts, doubtSinceMs }
    case 'not-sent': {
      // Never sooner than our own growing delay: a `Retry-After: 0` must not become a storm.
      const delayMs = Math.max(
        outcome.retryAfterMs ?? 0,
        nextDelayMs({ attempt: attempts, random }, rules.retry),
      )
      return tryAgain(state, nowMs + Math.round(delayMs))
    }
  }
}

function tryAgain({ attempts, doubtSinceMs }: Tried, dueAtMs: number): OutboxState {
  return doubtSinceMs === null
    ? { at: 'waiting', dueAtMs, attempts, doubtSinceMs }
    : { at: 'settling', dueAtMs, attempts, doubtSinceMs, looks: 0 }
}

function doubted({ attempts, doubtSinceMs }: Tried, sinceMs: number, { nowMs, rules }: Around): OutboxState {
  return {
    at: 'settling',
    dueAtMs: nowMs + rules.settleMs,
    attempts,
    doubtSinceMs: doubtSinceMs ?? sinceMs,
    looks: 0,
  }
}

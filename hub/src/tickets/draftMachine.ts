import type { BlockReason, DiscardReason, DraftChanges, DraftDecision, DraftState } from '@3cx-ninja/protocol'

/** Settings of `tickets.*`, in ms. */
export interface DraftRules {
  readonly countdownMs: number
  readonly undoMs: number
  readonly parkAfterMs: number
  readonly onCountdownEnd: 'file' | 'hold'
  readonly fileUnattended: boolean
}

/** Everything that changes a draft. */
export type DraftEvent =
  /** The call is over and its transcript is complete, or the wait for it has ended. `seen`: the card is on a screen already. */
  | { readonly kind: 'ready'; readonly seen: boolean }
  /** The call was presumed to be over and goes on. */
  | { readonly kind: 'resumed' }
  /** An agent shows the card. */
  | { readonly kind: 'visible' }
  /** The link between hub and agent broke, or the hub restarted: no screen shows the card. */
  | { readonly kind: 'unseen' }
  | { readonly kind: 'edited'; readonly changes: DraftChanges }
  | { readonly kind: 'decided'; readonly choice: DraftDecision }
  /** The same agent has a new call. */
  | { readonly kind: 'new-call' }
  /** A transfer: the call goes on with a colleague, and so does its draft. */
  | { readonly kind: 'handed-over'; readonly note: string }
  | { readonly kind: 'tick' }
  | { readonly kind: 'filed'; readonly ticketId: string; readonly ticketUrl?: string }
  | { readonly kind: 'blocked'; readonly reason: BlockReason; readonly detail: string }
  /** A person removed the cause of the block: the outbox tries again. */
  | { readonly kind: 'unblocked' }
  /** A blocked ticket was given up, and the outbox has released its writes. */
  | { readonly kind: 'withdrawn'; readonly reason: DiscardReason; readonly note?: string | undefined }

export interface DraftLifecycle {
  readonly state: DraftState
  /** When the state was entered, wall clock: parking counts from here. */
  readonly sinceMs: number
  /** The decision is final and the writes are in the outbox: it cannot be undone. */
  readonly sent: boolean
}

export type DraftOutcome =
  | {
      readonly ok: true
      readonly lifecycle: DraftLifecycle
      /** Store the writes in the outbox now. */ readonly send: boolean
    }
  | { readonly ok: false; readonly reason: 'too-late' | 'not-now' }

/**
 * Returns the lifecycle after one event, or why it is refused. Pure; times are the hub's wall clock. Rules D2 to D5.
 * collecting → proposed → countdown → filing → filed; held and parked are left by a decision, countdown also by time,
 * blocked by `unblocked` or `withdrawn`; filed and discarded are final.
 */
export function stepDraft(
  lifecycle: DraftLifecycle,
  event: DraftEvent,
  nowMs: number,
  rules: DraftRules,
): DraftOutcome {
  const { state } = lifecycle
  const stay: DraftOutcome = { ok: true, lifecycle, send: false }
  const go = (next: DraftState): DraftOutcome => ({
    ok: true,
    lifecycle: { state: next, sinceMs: nowMs, sent: false },
    send: false,
  })
  const isDecided = state.at === 'filed' || state.at === 'discarded'

  switch (event.kind) {
    case 'ready':
      if (state.at !== 'collecting') return stay
      return rules.fileUnattended || event.seen ? go(countdown(nowMs, rules)) : go({ at: 'proposed' })
    case 'resumed':
      // An undecided draft is proposed again at the true end of the call; a decision stands.
      return ['proposed', 'countdown', 'held', 'parked'].includes(state.at) ? go({ at: 'collecting' }) : stay
    case 'visible':
      return state.at === 'proposed' ? go(countdown(nowMs, rules)) : stay
    case 'unseen':
      // An unattended draft must not be filed; a decision stands.
      return state.at === 'countdown' && !rules.fileUnattended ? go({ at: 'proposed' }) : stay
    case 'edited':
      // A blocked ticket is corrected by editing: no write of it is under way.
      if (state.at === 'blocked') return stay
      if (isDecided || lifecycle.sent) return { ok: false, reason: 'too-late' }
      // Restarts the parking timer, so a draft is not parked while being edited.
      return state.at === 'collecting' ? stay : go({ at: 'held' })
    case 'decided':
      return decide(lifecycle, event.choice, nowMs, rules)
    case 'new-call':
      return state.at === 'countdown' || state.at === 'proposed' || state.at === 'held'
        ? go({ at: 'parked' })
        : stay
    case 'handed-over':
      return ['collecting', 'proposed', 'countdown', 'held', 'parked'].includes(state.at)
        ? go(discarded({ reason: 'duplicate', note: event.note }))
        : stay
    case 'tick':
      return onTime(lifecycle, nowMs, rules)
    case 'filed': {
      const { ticketId, ticketUrl } = event
      if (state.at === 'filed') return stay
      const next: DraftState = {
        at: 'filed',
        ticketId,
        filedAtMs: nowMs,
        ...(ticketUrl ? { ticketUrl } : {}),
      }
      return { ok: true, lifecycle: { state: next, sinceMs: nowMs, sent: true }, send: false }
    }
    case 'blocked':
      if (
        isDecided ||
        (state.at === 'blocked' && state.reason === event.reason && state.detail === event.detail)
      )
        return stay
      return {
        ok: true,
        lifecycle: {
          state: { at: 'blocked', reason: event.reason, detail: event.detail.slice(0, 600) },
          sinceMs: nowMs,
          sent: true,
        },
        send: false,
      }
    case 'unblocked':
      if (state.at !== 'blocked') return stay
      return { ok: true, lifecycle: { state: filing(nowMs, 0), sinceMs: nowMs, sent: true }, send: false }
    case 'withdrawn':
      return state.at === 'blocked' ? go(discarded(event)) : { ok: false, reason: 'too-late' }
  }
}

/** Returns the wall-clock time at which `tick` changes the draft next; undefined when time changes nothing. */
export function nextDraftTickMs(
  { state, sinceMs, sent }: DraftLifecycle,
  rules: DraftRules,
): number | undefined {
  switch (state.at) {
    case 'countdown':
      return state.deadlineMs
    case 'filing':
      return sent ? undefined : state.undoUntilMs
    case 'held':
    case 'proposed':
      return sinceMs + rules.parkAfterMs
    case 'collecting':
    case 'parked':
    case 'filed':
    case 'discarded':
    case 'blocked':
      return undefined
  }
}

function decide(
  lifecycle: DraftLifecycle,
  choice: DraftDecision,
  nowMs: number,
  rules: DraftRules,
): DraftOutcome {
  const { state } = lifecycle
  if (state.at === 'filed' || state.at === 'discarded' || lifecycle.sent)
    return { ok: false, reason: 'too-late' }
  const go = (next: DraftState): DraftOutcome => ({
    ok: true,
    lifecycle: { state: next, sinceMs: nowMs, sent: false },
    send: false,
  })
  switch (choice.kind) {
    case 'file':
      if (state.at === 'collecting') return { ok: false, reason: 'not-now' }
      return state.at === 'filing' ? { ok: true, lifecycle, send: false } : go(filing(nowMs, rules.undoMs))
    case 'hold':
      return state.at === 'collecting' ? { ok: false, reason: 'not-now' } : go({ at: 'held' })
    case 'resume':
      return state.at === 'held' || state.at === 'parked' || state.at === 'proposed'
        ? go(countdown(nowMs, rules))
        : { ok: false, reason: 'not-now' }
    case 'undo':
      return state.at === 'filing' ? go({ at: 'held' }) : { ok: false, reason: 'not-now' }
    case 'discard':
      return go(discarded(choice))
  }
}

function onTime(lifecycle: DraftLifecycle, nowMs: number, rules: DraftRules): DraftOutcome {
  const dueMs = nextDraftTickMs(lifecycle, rules)
  if (dueMs === undefined || nowMs < dueMs) return { ok: true, lifecycle, send: false }
  const go = (next: DraftState): DraftOutcome => ({
    ok: true,
    lifecycle: { state: next, sinceMs: nowMs, sent: false },
    send: false,
  })
  if (lifecycle.state.at === 'countdown')
    return rules.onCountdownEnd === 'file' ? go(filing(nowMs, rules.undoMs)) : go({ at: 'held' })
  if (lifecycle.state.at === 'filing')
    return { ok: true, lifecycle: { ...lifecycle, sent: true }, send: true }
  return go({ at: 'parked' })
}

function discarded({ reason, note }: { reason: DiscardReason; note?: string | undefined }): DraftState {
  return { at: 'discarded', reason, ...(note ? { note } : {}) }
}

function countdown(nowMs: number, { countdownMs }: DraftRules): DraftState {
  return { at: 'countdown', deadlineMs: nowMs + countdownMs, remainingMs: countdownMs, totalMs: countdownMs }
}

function filing(nowMs: number, undoMs: number): DraftState {
  return { at: 'filing', undoUntilMs: nowMs + undoMs, undoRemainingMs: undoMs }
}

import type { BlockReason, DiscardReason, DraftChanges, DraftDecision, DraftState } from '@3cx-ninja/protocol'

/** Settings of `tickets.*`, in ms. */
export interface DraftRules {
  readonly countdownMs: number
  readonly undoMs: number
  readonly parkAfterMs: number
  readonly onCountdownEnd: 'file' | 'hold'
  readonly fileUnattended: boolean
}

/** What can happen to a draft. */
export type DraftEvent =
  /** The call is over and its text is there, or was waited for long enough. `seen`: its card is on a screen already. */
  | { readonly kind: 'ready'; readonly seen: boolean }
  /** The call was only presumed to be over: it goes on. */
  | { readonly kind: 'resumed' }
  /** An agent shows the card. */
  | { readonly kind: 'visible' }
  /** Hub and agent lost each other, or the hub restarted. */
  | { readonly kind: 'unseen' }
  | { readonly kind: 'edited'; readonly changes: DraftChanges }
  | { readonly kind: 'decided'; readonly choice: DraftDecision }
  /** The same agent has a new call. */
  | { readonly kind: 'new-call' }
  | { readonly kind: 'tick' }
  | { readonly kind: 'filed'; readonly ticketId: string; readonly ticketUrl?: string }
  | { readonly kind: 'blocked'; readonly reason: BlockReason; readonly detail: string }
  /** What blocked it is gone: the outbox goes on. */
  | { readonly kind: 'unblocked' }
  /** Blocked, and given up: the outbox has let go of it. */
  | { readonly kind: 'withdrawn'; readonly reason: DiscardReason; readonly note?: string | undefined }

export interface DraftPlace {
  readonly state: DraftState
  /** When the state was entered, wall clock: parking counts from here. */
  readonly sinceMs: number
  /** The decision is final and the writes are in the outbox: nothing can be undone. */
  readonly sent: boolean
}

export type DraftOutcome =
  | {
      readonly ok: true
      readonly place: DraftPlace
      /** Put the writes into the outbox now. */ readonly send: boolean
    }
  | { readonly ok: false; readonly reason: 'too-late' | 'not-now' }

/** One step of a draft's life. Pure; times are the hub's wall clock. Rules D2 to D5. */
export function stepDraft(
  place: DraftPlace,
  event: DraftEvent,
  nowMs: number,
  rules: DraftRules,
): DraftOutcome {
  const { state } = place
  const stay: DraftOutcome = { ok: true, place, send: false }
  const go = (next: DraftState): DraftOutcome => ({
    ok: true,
    place: { state: next, sinceMs: nowMs, sent: false },
    send: false,
  })
  const over = state.at === 'filed' || state.at === 'discarded'

  switch (event.kind) {
    case 'ready':
      if (state.at !== 'collecting') return stay
      return rules.fileUnattended || event.seen ? go(countdown(nowMs, rules)) : go({ at: 'proposed' })
    case 'resumed':
      // Nothing was decided yet: it is proposed again at the true end. What was decided stays decided.
      return ['proposed', 'countdown', 'held', 'parked'].includes(state.at) ? go({ at: 'collecting' }) : stay
    case 'visible':
      return state.at === 'proposed' ? go(countdown(nowMs, rules)) : stay
    case 'unseen':
      // An unattended draft must not be filed; one already decided stays decided.
      return state.at === 'countdown' && !rules.fileUnattended ? go({ at: 'proposed' }) : stay
    case 'edited':
      // A blocked ticket is corrected by editing: nothing of it is on its way.
      if (state.at === 'blocked') return stay
      if (over || place.sent) return { ok: false, reason: 'too-late' }
      // `held` begins anew: it is not parked under the hands of who types.
      return state.at === 'collecting' ? stay : go({ at: 'held' })
    case 'decided':
      return decide(place, event.choice, nowMs, rules)
    case 'new-call':
      return state.at === 'countdown' || state.at === 'proposed' || state.at === 'held'
        ? go({ at: 'parked' })
        : stay
    case 'tick':
      return onTime(place, nowMs, rules)
    case 'filed': {
      const { ticketId, ticketUrl } = event
      if (state.at === 'filed') return stay
      const next: DraftState = {
        at: 'filed',
        ticketId,
        filedAtMs: nowMs,
        ...(ticketUrl ? { ticketUrl } : {}),
      }
      return { ok: true, place: { state: next, sinceMs: nowMs, sent: true }, send: false }
    }
    case 'blocked':
      if (over || (state.at === 'blocked' && state.reason === event.reason && state.detail === event.detail))
        return stay
      return {
        ok: true,
        place: {
          state: { at: 'blocked', reason: event.reason, detail: event.detail.slice(0, 600) },
          sinceMs: nowMs,
          sent: true,
        },
        send: false,
      }
    case 'unblocked':
      if (state.at !== 'blocked') return stay
      return { ok: true, place: { state: filing(nowMs, 0), sinceMs: nowMs, sent: true }, send: false }
    case 'withdrawn':
      return state.at === 'blocked' ? go(discarded(event)) : { ok: false, reason: 'too-late' }
  }
}

/** When `tick` changes something next, wall clock; undefined when time changes nothing. */
export function nextDraftTickMs({ state, sinceMs, sent }: DraftPlace, rules: DraftRules): number | undefined {
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

function decide(place: DraftPlace, choice: DraftDecision, nowMs: number, rules: DraftRules): DraftOutcome {
  const { state } = place
  if (state.at === 'filed' || state.at === 'discarded' || place.sent) return { ok: false, reason: 'too-late' }
  const go = (next: DraftState): DraftOutcome => ({
    ok: true,
    place: { state: next, sinceMs: nowMs, sent: false },
    send: false,
  })
  switch (choice.kind) {
    case 'file':
      if (state.at === 'collecting') return { ok: false, reason: 'not-now' }
      return state.at === 'filing' ? { ok: true, place, send: false } : go(filing(nowMs, rules.undoMs))
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

function onTime(place: DraftPlace, nowMs: number, rules: DraftRules): DraftOutcome {
  const dueMs = nextDraftTickMs(place, rules)
  if (dueMs === undefined || nowMs < dueMs) return { ok: true, place, send: false }
  const go = (next: DraftState): DraftOutcome => ({
    ok: true,
    place: { state: next, sinceMs: nowMs, sent: false },
    send: false,
  })
  if (place.state.at === 'countdown')
    return rules.onCountdownEnd === 'file' ? go(filing(nowMs, rules.undoMs)) : go({ at: 'held' })
  if (place.state.at === 'filing') return { ok: true, place: { ...place, sent: true }, send: true }
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

/**
 * One lease as the hub sees it: offered → held (renewed …) → finishing → over. Rules W2 to W4, W8 and W9 of PROTOCOL.md.
 * - offered: left by the worker's answer, or when none comes within the lease time.
 * - held: left by lease-done, by lease-return, or by the hub; expires unless renewed.
 * - finishing: all text has arrived and is being stored; left once the database has answered.
 * - over: never left.
 * The machine does not decide whether a lease's finals count: the fence does, in the database, so it holds over restarts too.
 */
export type LeaseState =
  | { readonly at: 'offered'; readonly untilMs: number }
  | { readonly at: 'held'; readonly sinceMs: number; readonly untilMs: number }
  /** The worker sent lease-done and its last finals are being stored: the lease needs the worker no more and cannot expire. */
  | { readonly at: 'finishing' }
  | { readonly at: 'over'; readonly how: LeaseEnd }

export type LeaseEnd =
  | 'done'
  | 'declined'
  | 'unanswered'
  | 'returned'
  | 'expired'
  | 'erased'
  /** The worker's link ended. */
  | 'gone'
  /** The recording could not be read, or a final could not be stored. */
  | 'broken'
  /** The recording did not grow for `quietMs` while another one waited for the slot. */
  | 'quiet'
  /** The call was presumed over before its recording was sealed, and all stored audio became text. */
  | 'ended-early'
  /** The worker renewed the lease without making progress for too long. */
  | 'stuck'
  /** The worker sent lease-done for a recording that is not sealed, or not wholly sent. */
  | 'unfinished'
  | 'superseded'

export type LeaseEvent =
  | { readonly kind: 'accept' }
  | { readonly kind: 'decline' }
  | { readonly kind: 'renew'; readonly fence: number }
  /** `complete`: the recording is sealed and all of it was sent. */
  | { readonly kind: 'done'; readonly fence: number; readonly complete: boolean }
  /** `newest`: according to the database no newer lease exists. */
  | { readonly kind: 'stored'; readonly newest: boolean }
  | { readonly kind: 'return'; readonly fence: number }
  | { readonly kind: 'tick' }
  | { readonly kind: 'end'; readonly how: 'erased' | 'gone' | 'broken' | 'quiet' | 'ended-early' | 'stuck' }

export interface LeaseStep {
  readonly state: LeaseState
  /** The message that the worker gets: a renewal, or a revocation with this reason. */
  readonly notice?: 'renewed' | 'expired' | 'erased' | 'newer-fence'
}

export interface LeaseTerms {
  readonly fence: number
  readonly ttlMs: number
  readonly nowMs: number
}

/** Returns the first state of a lease: the offer is open for one lease time. */
export const offeredLease = ({ ttlMs, nowMs }: LeaseTerms): LeaseState => ({
  at: 'offered',
  untilMs: nowMs + ttlMs,
})

const over = (how: LeaseEnd, notice?: LeaseStep['notice']): LeaseStep => ({
  state: { at: 'over', how },
  ...(notice ? { notice } : {}),
})

/** Returns the next state and the notice for the worker. Pure; an event that does not fit the state changes nothing. */
export function stepLease(state: LeaseState, event: LeaseEvent, terms: LeaseTerms): LeaseStep {
  if (state.at === 'over') return { state }
  if ('fence' in event && event.fence !== terms.fence) return { state, notice: 'newer-fence' }
  const { nowMs, ttlMs } = terms
  switch (event.kind) {
    case 'accept':
      if (state.at !== 'offered') return { state }
      return { state: { at: 'held', sinceMs: nowMs, untilMs: nowMs + ttlMs } }
    case 'decline':
      return state.at === 'offered' ? over('declined') : { state }
    case 'renew':
      if (state.at === 'finishing') return { state, notice: 'renewed' }
      if (state.at !== 'held') return { state }
      return { state: { ...state, untilMs: nowMs + ttlMs }, notice: 'renewed' }
    case 'done':
      if (state.at !== 'held') return { state }
      return event.complete ? { state: { at: 'finishing' } } : over('unfinished', 'expired')
    case 'stored':
      if (state.at !== 'finishing') return { state }
      return event.newest ? over('done') : over('superseded', 'newer-fence')
    case 'return':
      return state.at === 'held' ? over('returned') : { state }
    case 'tick':
      if (state.at === 'finishing' || nowMs < state.untilMs) return { state }
      return over(state.at === 'offered' ? 'unanswered' : 'expired', 'expired')
    case 'end':
      return onEnd(state, event.how)
  }
}

function onEnd(state: LeaseState, how: Extract<LeaseEvent, { kind: 'end' }>['how']): LeaseStep {
  switch (how) {
    case 'erased':
      return over('erased', 'erased')
    case 'broken':
      return over('broken', 'expired')
    case 'gone':
      return state.at === 'finishing' ? { state } : over('gone')
    case 'quiet':
    case 'ended-early':
    case 'stuck':
      return state.at === 'finishing' ? { state } : over(how, 'expired')
  }
}

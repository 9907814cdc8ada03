/**
 * One lease as the hub sees it: offered → held (renewed …) → finishing → over. Rules W2 to W4, W8 and W9 of PROTOCOL.md.
 * Whether a lease's finals count is not decided here but by its fence, in the database: that holds over restarts too.
 */
export type LeaseState =
  | { readonly at: 'offered'; readonly untilMs: number }
  | { readonly at: 'held'; readonly sinceMs: number; readonly untilMs: number }
  /** The worker said done; its last finals are being stored. It needs the worker no more and cannot expire. */
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
  /** Did not grow for long while another waited for the place. */
  | 'quiet'
  /** Its call was presumed over without a seal: all there is was said. */
  | 'broken-off'
  /** Renewed, but did nothing. */
  | 'stuck'
  /** The worker said done of a recording that is not complete, or not wholly sent. */
  | 'unfinished'
  | 'superseded'

export type LeaseEvent =
  | { readonly kind: 'accept' }
  | { readonly kind: 'decline' }
  | { readonly kind: 'renew'; readonly fence: number }
  /** `whole`: the recording is sealed and all of it was sent. */
  | { readonly kind: 'done'; readonly fence: number; readonly whole: boolean }
  /** `newest`: the database says that no newer lease exists. */
  | { readonly kind: 'stored'; readonly newest: boolean }
  | { readonly kind: 'return'; readonly fence: number }
  | { readonly kind: 'tick' }
  | { readonly kind: 'end'; readonly how: 'erased' | 'gone' | 'broken' | 'quiet' | 'broken-off' | 'stuck' }

export interface LeaseStep {
  readonly state: LeaseState
  /** What the worker is told. */
  readonly tell?: 'renewed' | 'expired' | 'erased' | 'newer-fence'
}

export interface LeaseTerms {
  readonly fence: number
  readonly ttlMs: number
  readonly nowMs: number
}

export const offeredLease = ({ ttlMs, nowMs }: LeaseTerms): LeaseState => ({
  at: 'offered',
  untilMs: nowMs + ttlMs,
})

const over = (how: LeaseEnd, tell?: LeaseStep['tell']): LeaseStep => ({
  state: { at: 'over', how },
  ...(tell ? { tell } : {}),
})

export function stepLease(state: LeaseState, event: LeaseEvent, terms: LeaseTerms): LeaseStep {
  if (state.at === 'over') return { state }
  if ('fence' in event && event.fence !== terms.fence) return { state, tell: 'newer-fence' }
  const { nowMs, ttlMs } = terms
  switch (event.kind) {
    case 'accept':
      if (state.at !== 'offered') return { state }
      return { state: { at: 'held', sinceMs: nowMs, untilMs: nowMs + ttlMs } }
    case 'decline':
      return state.at === 'offered' ? over('declined') : { state }
    case 'renew':
      if (state.at === 'finishing') return { state, tell: 'renewed' }
      if (state.at !== 'held') return { state }
      return { state: { ...state, untilMs: nowMs + ttlMs }, tell: 'renewed' }
    case 'done':
      if (state.at !== 'held') return { state }
      return event.whole ? { state: { at: 'finishing' } } : over('unfinished', 'expired')
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
    case 'broken-off':
    case 'stuck':
      return state.at === 'finishing' ? { state } : over(how, 'expired')
  }
}

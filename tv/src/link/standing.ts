import type { CloseName, LinkState } from '@3cx-ninja/protocol'
import { wallboardTuning } from '../tuning.ts'

/** The state of the wallboard's link to its hub. All times are monotonic. */
export type Standing =
  /** The first attempt is in progress. */
  | { readonly at: 'joining' }
  /** The board shows the hub's current state. */
  | { readonly at: 'live' }
  /** The hub has sent nothing since; the board is old, and empty while `everReceived` is false. */
  | {
      readonly at: 'cut'
      readonly sinceMs: number
      readonly everReceived: boolean
      readonly nextTryMs: number | undefined
    }
  /** The hub answers but refuses this wallboard. */
  | {
      readonly at: 'refused'
      readonly reason: CloseName
      readonly sinceMs: number
      readonly everReceived: boolean
      readonly nextTryMs: number | undefined
    }

export interface LinkFacts {
  readonly link: LinkState
  /** A snapshot has arrived over the link that is open now. */
  readonly fresh: boolean
  readonly startedMs: number
  /** Time of the hub's last message; null before the first one. */
  readonly receivedMs: number | null
  /** Time of a refused wallboard's next attempt. */
  readonly refusedUntilMs: number | undefined
  /** Reason of the last refusal; it stays until a link opens, so that it does not flicker at each attempt. */
  readonly refusedFor: CloseName | null
}

/** Returns the state of the link as the wallboard shows it. Pure. */
export function standingOf(facts: LinkFacts, nowMs: number): Standing {
  if (facts.link.at === 'open' && facts.fresh) return { at: 'live' }
  const everReceived = facts.receivedMs !== null
  const sinceMs = facts.receivedMs ?? facts.startedMs
  if (facts.refusedFor)
    return {
      at: 'refused',
      reason: facts.refusedFor,
      sinceMs,
      everReceived,
      nextTryMs: facts.refusedUntilMs,
    }
  if (!everReceived && nowMs - facts.startedMs < wallboardTuning.patienceMs) return { at: 'joining' }
  const nextTryMs = facts.link.at === 'waiting' ? facts.link.untilMs : undefined
  return { at: 'cut', sinceMs, everReceived, nextTryMs }
}

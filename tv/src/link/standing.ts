import type { CloseName, LinkState } from '@3cx-ninja/protocol'
import { wallboardTuning } from '../tuning.ts'

/** How the wallboard stands to its hub. All times monotonic. */
export type Standing =
  /** The first attempt is under way. */
  | { readonly at: 'joining' }
  /** What is shown is what the hub knows. */
  | { readonly at: 'live' }
  /** Nothing was heard since; what is shown is old. `everHeard` false: there is nothing to show. */
  | {
      readonly at: 'cut'
      readonly sinceMs: number
      readonly everReceived: boolean
      readonly nextTryMs: number | undefined
    }
  /** The hub answers but does not let this wallboard in. */
  | {
      readonly at: 'refused'
      readonly reason: CloseName
      readonly sinceMs: number
      readonly everReceived: boolean
      readonly nextTryMs: number | undefined
    }

export interface LinkFacts {
  readonly link: LinkState
  /** A snapshot came over the link that is open now. */
  readonly fresh: boolean
  readonly startedMs: number
  /** When the hub was last heard; null: never. */
  readonly receivedMs: number | null
  /** When a refused wallboard asks again. */
  readonly refusedUntilMs: number | undefined
  /** Refused by the last answer; stays until a link opens, so that the reason does not flicker at each new try. */
  readonly refusedFor: CloseName | null
}

/** What to tell the people in the room about the link. */
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

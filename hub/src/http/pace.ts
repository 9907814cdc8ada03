import type { Clock } from '@3cx-ninja/protocol'
import { createTokenBuckets } from './tokenBuckets.ts'

/** Slows down answers that anybody may have, when one address asks for too many of them. */
export interface Pace {
  /** Resolves when the answer may leave: at once within the address's budget. */
  (address: string): Promise<void>
}

/** How many open answers an address gets without a wait, with the reasons. */
export const paceTuning = {
  /** A page of the wallboard takes ten files; thirty screens behind one router load it at once after a power cut. */
  burst: 300,
  /** People and monitors ask for one or two a second. */
  perSecond: 50,
  /** Added to the wait for each answer beyond the budget: a page that loads too much hardly notices the first ones. */
  stepMs: 2,
  /** One request is served at a time on each connection: a flood over ten connections gets forty answers a second. */
  maxMs: 250,
}

/**
 * Creates the pace. The requests of a connection are served in turn, so that a wait slows the whole connection at the cost of
 * one timer, while a refusal at once would be asked for again at once. What bears a token, a session or the webhook's secret
 * is never slowed: an honest client may share its address with the flood.
 */
export function createPace(clock: Clock, tuning = paceTuning): Pace {
  const buckets = createTokenBuckets({
    monotonicMs: () => clock.monotonicMs(),
    debt: tuning.burst,
    ...tuning,
  })
  return (address) => {
    const excess = buckets.take(address)
    if (excess === 0) return Promise.resolve()
    const waitMs = Math.min(tuning.maxMs, excess * tuning.stepMs)
    return new Promise((resolve) => void clock.after(waitMs, resolve))
  }
}

const OPEN_API = ['/api/health', '/api/enroll', '/api/admin/session']

/** Returns whether anybody may have this answer: a refusal, a page, or one of the open addresses. */
export function isOpenAnswer(path: string, status: number): boolean {
  if (status >= 400) return true
  if (path.startsWith('/webhook/')) return false
  return !path.startsWith('/api/') || OPEN_API.some((open) => path.startsWith(open))
}

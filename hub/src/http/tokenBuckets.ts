import { SECOND_MS } from '@3cx-ninja/protocol'
import { networkOf } from '../server/peer.ts'

/** One bucket of tokens for each address, refilled over time. */
export interface TokenBuckets {
  /** Takes one token of the address. Returns 0 when there was one, else how many were asked for in vain. */
  take(address: string): number
}

/** More addresses at once than a company has; beyond it the one that was seen first starts again with a full bucket. */
const MAX_ADDRESSES = 10_000

/**
 * Creates the buckets: `burst` at once, then `perSecond`. What is asked for in vain is owed up to `debt` tokens and paid off by
 * waiting: with 0 nothing is owed, so that a peer which asks without a pause still gets `perSecond` of its requests.
 */
export function createTokenBuckets(needs: {
  readonly monotonicMs: () => number
  readonly perSecond: number
  readonly burst: number
  readonly debt: number
}): TokenBuckets {
  const { monotonicMs, perSecond, burst, debt } = needs
  const buckets = new Map<string, { tokens: number; atMs: number }>()
  return {
    take(address) {
      const network = networkOf(address)
      const nowMs = monotonicMs()
      const known = buckets.get(network)
      const [oldest] = buckets.keys()
      if (!known && buckets.size >= MAX_ADDRESSES && oldest !== undefined) buckets.delete(oldest)
      const { tokens, atMs } = known ?? { tokens: burst, atMs: nowMs }
      const refilled = Math.min(burst, tokens + ((nowMs - atMs) / SECOND_MS) * perSecond)
      const left = refilled >= 1 ? refilled - 1 : Math.max(-debt, refilled - 1)
      const isVain = refilled < 1
      // Without a debt the part of a token that is there stays.
      buckets.set(network, { tokens: isVain && debt === 0 ? refilled : left, atMs: nowMs })
      return isVain ? Math.max(1, Math.ceil(-left)) : 0
    },
  }
}

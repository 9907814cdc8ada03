import { SECOND_MS } from '@3cx-ninja/protocol'
import { networkOf } from '../server/peer.ts'

/** One bucket of tokens for each address, refilled over time. */
export interface TokenBuckets {
  /** Takes one token of the address. Returns 0 when there was one, else how many were asked for in vain. */
  take(address: string): number
}

/** More addresses at once than a company has; beyond it the one that was seen first starts again with a full bucket. */
const MAX_ADDRESSES = 10_000

/** Creates the buckets: `burst` at once, then `perSecond`. A flood owes at most one burst, which is paid off in seconds. */
export function createTokenBuckets(needs: {
  readonly monotonicMs: () => number
  readonly perSecond: number
  readonly burst: number
}): TokenBuckets {
  const { monotonicMs, perSecond, burst } = needs
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
      const left = Math.max(-burst, refilled - 1)
      buckets.set(network, { tokens: left, atMs: nowMs })
      return left >= 0 ? 0 : Math.ceil(-left)
    },
  }
}

import type { AgentId } from '@3cx-ninja/protocol'
import type { RecordingsTuning } from './tuning.ts'

/** Counts the bytes of one agent that wait in memory for the parts' own files. */
export interface ShareCounter {
  /** Adds bytes that were accepted; negative ones were written, or dropped with their part. */
  add(bytes: number): void
}

/** What each agent has waiting for the disk: its own share, so that no agent fills the room of the others. */
export interface Shares {
  readonly total: number
  /** Returns the counter of an agent; undefined: the agent of a part that was stored before rule R15. */
  counterOf(agentId: AgentId | undefined): ShareCounter
  /** Returns whether the agent may have so many more bytes waiting. One with little waiting always may. */
  hasRoom(agentId: AgentId | undefined, bytes: number): boolean
  /** Returns a promise when the agent should not be read now: it resolves once its share is half empty, or by `releaseAll`. */
  pressureOf(agentId: AgentId | undefined): Promise<void> | undefined
  /** Returns whether an agent waits for its share to empty: then writing must not wait for its usual time. */
  isHolding(): boolean
  /** Reads everybody on: the disk refuses, and a link that is not read for long is given up by its agent. */
  releaseAll(): void
}

export type SharesTuning = Pick<
  RecordingsTuning,
  'maxUnflushedBytes' | 'shareBytes' | 'leastShareBytes' | 'mostShareBytes' | 'crowdedBytes'
>

interface Share {
  bytes: number
  waiting: (() => void)[]
}

/** Creates the shares, all empty. */
export function createShares(tuning: SharesTuning): Shares {
  const shares = new Map<string, Share>()
  const holding = new Set<Share>()
  let total = 0
  const shareOf = (agentId: AgentId | undefined): Share => {
    const share = shares.get(agentId ?? '') ?? { bytes: 0, waiting: [] }
    shares.set(agentId ?? '', share)
    return share
  }
  const bound = () => (total > tuning.crowdedBytes ? tuning.leastShareBytes : tuning.shareBytes)
  const release = (share: Share) => {
    holding.delete(share)
    const waiting = share.waiting
    share.waiting = []
    for (const resolve of waiting) resolve()
  }
  return {
    get total() {
      return total
    },
    counterOf(agentId) {
      const share = shareOf(agentId)
      return {
        add(bytes) {
          share.bytes += bytes
          total += bytes
          if (bytes < 0 && holding.has(share) && share.bytes <= bound() / 2) release(share)
        },
      }
    },
    hasRoom(agentId, bytes) {
      const after = shareOf(agentId).bytes + bytes
      if (after > Math.min(tuning.mostShareBytes, tuning.maxUnflushedBytes)) return false
      return total + bytes <= tuning.maxUnflushedBytes || after <= tuning.leastShareBytes
    },
    pressureOf(agentId) {
      const share = shareOf(agentId)
      if (share.bytes <= bound()) return undefined
      holding.add(share)
      return new Promise((resolve) => share.waiting.push(resolve))
    },
    isHolding: () => holding.size > 0,
    releaseAll() {
      for (const share of [...holding]) release(share)
    },
  }
}

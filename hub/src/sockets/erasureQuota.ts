import { DAY_MS, type AgentId, type Clock } from '@3cx-ninja/protocol'

/** How many recordings that the hub does not know one agent may have erased in a day (UTC): each is kept on a list for long. */
export interface ErasureQuota {
  /** Counts one erasure; returns false above the quota: then it is not answered, and the agent asks again after its next welcome. */
  allows(agentId: AgentId): boolean
}

/** Creates the quota, all unused. `onCrowded` is called at four fifths of it, and when it is used up. */
export function createErasureQuota(needs: {
  readonly clock: Clock
  readonly perDay: () => number
  readonly onCrowded: (use: {
    readonly agentId: AgentId
    readonly used: number
    readonly limit: number
  }) => void
}): ErasureQuota {
  let day = 0
  let used = new Map<AgentId, number>()
  return {
    allows(agentId) {
      const [today, limit] = [Math.floor(needs.clock.nowMs() / DAY_MS), needs.perDay()]
      if (today !== day) used = new Map()
      day = today
      const now = (used.get(agentId) ?? 0) + 1
      if (now > limit + 1) return false
      used.set(agentId, now)
      if (now === Math.ceil(limit * 0.8) || now > limit) needs.onCrowded({ agentId, used: now, limit })
      return now <= limit
    },
  }
}

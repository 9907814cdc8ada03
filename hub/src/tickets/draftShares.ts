import type { AgentId, Draft, DraftId, DraftState } from '@3cx-ninja/protocol'
import { draftAsSent } from './draftRecord.ts'
import type { DraftsState } from './draftsState.ts'
import type { DraftUsage } from './draftIndex.ts'
import {
  DRAFTS_WARNING_SHARE,
  MAX_CHANGES_WAITING,
  MAX_DRAFTS_PER_AGENT,
  MAX_DRAFT_CHARACTERS_PER_AGENT,
} from './tuning.ts'

// What one agent's drafts may take of the hub, and how they are handed to the agent.

/** An agent whose drafts come near the bound of one agent. */
export interface CrowdedAgent {
  readonly agentId: AgentId
  readonly drafts: number
  /** 1: the hub takes no new call of this agent. */
  readonly share: number
}

/** Returns the drafts of each agent, and whether there is room for more. */
export function createDraftShares(state: DraftsState) {
  const { index } = state.cache
  return {
    forAgent: (agentId: AgentId) => draftsOf(state, agentId),
    countFor(agentId: AgentId): number {
      let count = 0
      for (const draftId of index.of(agentId)) if (rankOf(state, draftId) !== undefined) count += 1
      return count
    },
    hasRoom: (agentId: AgentId) => shareOf(index.usageOf(agentId)) < 1,
    room: (agentId: AgentId) => state.lanes.below(agentId, MAX_CHANGES_WAITING),
    crowded(): readonly CrowdedAgent[] {
      const crowded: CrowdedAgent[] = []
      for (const [agentId, usage] of index.usage()) {
        const share = shareOf(usage)
        if (share >= DRAFTS_WARNING_SHARE) crowded.push({ agentId, drafts: usage.drafts, share })
      }
      return crowded.sort((a, b) => b.share - a.share)
    },
  }
}

function shareOf({ drafts, characters }: DraftUsage): number {
  return Math.max(drafts / MAX_DRAFTS_PER_AGENT, characters / MAX_DRAFT_CHARACTERS_PER_AGENT)
}

function* draftsOf(state: DraftsState, agentId: AgentId): Iterable<Draft> {
  const ranks: DraftId[][] = [[], [], []]
  for (const draftId of state.cache.index.of(agentId)) {
    const rank = rankOf(state, draftId)
    if (rank !== undefined) ranks[rank]?.push(draftId)
  }
  for (const ids of ranks)
    for (const draftId of ids.reverse()) {
      const record = state.cache.get(draftId)
      if (record && rankOf(state, draftId) !== undefined) yield draftAsSent(record, state.needs.clock.nowMs())
    }
}

/** Returns where the draft stands in the order of sending; undefined: the agent does not get it. */
function rankOf({ cache }: DraftsState, draftId: DraftId): number | undefined {
  const at: DraftState['at'] | undefined = cache.get(draftId)?.lifecycle.state.at
  switch (at) {
    case undefined:
    case 'discarded':
      return undefined
    case 'collecting':
    case 'proposed':
    case 'countdown':
    case 'held':
    case 'blocked':
    case 'filing':
      return 0
    case 'parked':
      return 1
    case 'filed':
      return 2
  }
}

import type { DiscardReason, DraftId } from '@3cx-ninja/protocol'
import type { Agent } from '../app/agent.ts'
import type { DraftEvent } from '../app/agentEvents.ts'

export type Choice = 'file' | 'hold' | 'discard' | 'wait'

/** Acts as a technician on drafts: shows each one, then waits for the countdown or decides at once. */
export function createTechnician(needs: {
  readonly drafts: Agent['drafts']
  readonly choice: Choice
  readonly discardReason: DiscardReason
}) {
  const decided = new Set<DraftId>()
  return {
    onDraft({ draft }: DraftEvent) {
      const { draftId, state } = draft
      if (state.at === 'filed' || state.at === 'discarded') return
      needs.drafts.shown(draftId, true)
      if (needs.choice === 'wait' || decided.has(draftId)) return
      if (state.at !== 'proposed' && state.at !== 'countdown') return
      const { choice, discardReason: reason } = needs
      decided.add(draftId)
      void needs.drafts.decide(draftId, choice === 'discard' ? { kind: 'discard', reason } : { kind: choice })
    },
    /** Decides again after a reconnect, because the hub may have missed the decision. */
    linkUp: () => decided.clear(),
  }
}

import type { AgentToHub, Clock, DraftChanges, DraftDecision, DraftId, HubToAgent } from '@3cx-ninja/protocol'
import {
  editDraft,
  isDecided,
  noDrafts,
  refuseDraft,
  showDraft,
  takeDraft,
  type DraftBoard,
  type DraftCard,
} from './draftBoard.ts'

export type WishOutcome = 'sent' | 'hub-away' | 'unknown-draft'

export interface DraftDeskNeeds {
  readonly clock: Clock
  /** false: the hub is away, nothing was sent. */
  readonly send: (message: AgentToHub) => boolean
  readonly onChange: (card: DraftCard) => void
}

export interface DraftDesk {
  received(message: Extract<HubToAgent, { kind: 'draft' | 'draft-refused' }>): void
  /**
   * After each welcome: cards on the screen are reported again with their next snapshot, because the hub forgot; edits
   * that no snapshot has shown yet are sent again, because they may have been lost with the last link.
   */
  linkUp(): void
  /** The card is on the screen, or not any more. */
  shown(draftId: DraftId, isVisible: boolean): void
  edit(draftId: DraftId, changes: DraftChanges): WishOutcome
  decide(draftId: DraftId, choice: DraftDecision): WishOutcome
  cards(): readonly DraftCard[]
}

/** How many decided drafts stay on the screen's list. */
const MAX_DECIDED = 20

/** The technician's side of the hub's drafts: shows, reports what is visible, sends wishes. Rules D1 to D6. */
export function createDraftDesk({ clock, send, onChange }: DraftDeskNeeds): DraftDesk {
  let board: DraftBoard = noDrafts
  const told = new Set<DraftId>()
  /** Whose edits were on their way when the link ended. */
  const inDoubt = new Set<DraftId>()

  const tellVisible = (card: DraftCard) => {
    const { draftId, revision } = card.draft
    if (!card.isVisible || told.has(draftId) || isDecided(card)) return
    if (send({ kind: 'draft-visible', draftId, revision })) told.add(draftId)
  }
  const editAgain = (draftId: DraftId) => {
    const card = board.get(draftId)
    if (!inDoubt.delete(draftId) || !card?.pending || isDecided(card)) return
    send({ kind: 'draft-edit', draftId, baseRevision: card.draft.revision, changes: card.pending })
  }
  const changed = (draftId: DraftId) => {
    const card = board.get(draftId)
    if (!card) return
    onChange(card)
    tellVisible(card)
  }
  const forgetOld = () => {
    const decided = [...board].filter(([, card]) => isDecided(card))
    for (const [draftId] of decided.slice(0, -MAX_DECIDED)) {
      board = new Map([...board].filter(([each]) => each !== draftId))
    }
  }

  return {
    received(message) {
      if (message.kind === 'draft') {
        const before = board
        board = takeDraft(board, message.draft, clock.monotonicMs())
        if (board === before) {
          // The same revision anew, after a reconnect: the hub still has to learn that it is on the screen.
          const card = board.get(message.draft.draftId)
          if (card) tellVisible(card)
          return editAgain(message.draft.draftId)
        }
        forgetOld()
        changed(message.draft.draftId)
        return editAgain(message.draft.draftId)
      }
      const { board: next, again } = refuseDraft(board, message, clock.monotonicMs())
      board = next
      if (again) send({ kind: 'draft-edit', draftId: message.draftId, ...again })
      changed(message.draftId)
    },
    linkUp() {
      told.clear()
      for (const [draftId, { pending }] of board) if (pending) inDoubt.add(draftId)
    },
    shown(draftId, isVisible) {
      board = showDraft(board, draftId, isVisible)
      if (!isVisible) told.delete(draftId)
      const card = board.get(draftId)
      if (card) tellVisible(card)
    },
    edit(draftId, changes) {
      const card = board.get(draftId)
      if (!card) return 'unknown-draft'
      const baseRevision = card.draft.revision
      if (!send({ kind: 'draft-edit', draftId, baseRevision, changes })) return 'hub-away'
      board = editDraft(board, draftId, changes)
      changed(draftId)
      return 'sent'
    },
    decide(draftId, choice) {
      const card = board.get(draftId)
      if (!card) return 'unknown-draft'
      const sent = send({ kind: 'draft-decide', draftId, baseRevision: card.draft.revision, choice })
      return sent ? 'sent' : 'hub-away'
    },
    cards: () => [...board.values()],
  }
}

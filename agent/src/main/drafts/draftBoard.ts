import { withoutUndefined, type Draft, type DraftId } from '@3cx-ninja/protocol'
import type { RefusalReason, PendingChange } from './pendingChange.ts'
import { isDecided as isDraftDecided } from './changedFields.ts'

/** A draft as this technician sees it: the hub's snapshot, and the pending change that the hub has not accepted. */
export interface DraftCard {
  readonly draft: Draft
  /** Monotonic time of receipt; remaining times count from it. Rule D6. */
  readonly receivedMs: number
  /** True while the card is on the technician's screen. */
  readonly isVisible: boolean
  readonly pending?: PendingChange
  /** Why the hub did not carry out the last decision; cleared by the next snapshot. */
  readonly refused?: RefusalReason
}

/** The cards by draft. The board changes in place, a card never does: after a welcome thousands of drafts may come. */
export type DraftBoard = Map<DraftId, DraftCard>

/** Puts a snapshot of the hub on the board; an older or equal one changes nothing. Rule D1. */
export function receiveDraft(board: DraftBoard, draft: Draft, nowMs: number): void {
  const current = board.get(draft.draftId)
  if (current && draft.revision <= current.draft.revision) return
  const { refused: _seen, ...rest } = current ?? { isVisible: false }
  board.set(draft.draftId, { ...rest, draft, receivedMs: nowMs })
}

/** Notes whether the card is on the technician's screen; a draft that is not on the board changes nothing. */
export function showDraft(board: DraftBoard, draftId: DraftId, isVisible: boolean): void {
  const card = board.get(draftId)
  if (card && card.isVisible !== isVisible) board.set(draftId, { ...card, isVisible })
}

/** Puts the pending change in place of the card's earlier one, and why the hub refused it; undefined removes either. */
export function putPendingChange(
  board: DraftBoard,
  draftId: DraftId,
  {
    pending,
    refused,
  }: { readonly pending: PendingChange | undefined; readonly refused?: RefusalReason | undefined },
): void {
  const card = board.get(draftId)
  if (!card) return
  const { pending: _replaced, ...rest } = card
  board.set(draftId, {
    ...rest,
    ...(pending ? { pending } : {}),
    ...(refused ? { refused } : {}),
  })
}

/** Returns the fields as the screen shows them: the hub's, with the technician's edits on top until they are undeliverable. */
export function shownFields({ draft, pending }: Pick<DraftCard, 'draft' | 'pending'>): Draft['fields'] {
  const edits = pending && pending.stage.at !== 'undelivered' ? withoutUndefined(pending.changes) : {}
  return { ...draft.fields, ...edits }
}

/** Returns whether the draft is decided and has no pending change, so that nothing is left to do. */
export const isDecided = ({ draft, pending }: Pick<DraftCard, 'draft' | 'pending'>): boolean =>
  !pending && isDraftDecided(draft)

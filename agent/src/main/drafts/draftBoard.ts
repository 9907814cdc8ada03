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

export type DraftBoard = ReadonlyMap<DraftId, DraftCard>
export const noDrafts: DraftBoard = new Map()

/** Returns the board with a snapshot of the hub; an older or equal one changes nothing. Rule D1. */
export function receiveDraft(board: DraftBoard, draft: Draft, nowMs: number): DraftBoard {
  const current = board.get(draft.draftId)
  if (current && draft.revision <= current.draft.revision) return board
  const { refused: _seen, ...rest } = current ?? { isVisible: false }
  return new Map(board).set(draft.draftId, { ...rest, draft, receivedMs: nowMs })
}

export function showDraft(board: DraftBoard, draftId: DraftId, isVisible: boolean): DraftBoard {
  const card = board.get(draftId)
  return card && card.isVisible !== isVisible ? new Map(board).set(draftId, { ...card, isVisible }) : board
}

export function putPendingChange(
  board: DraftBoard,
  draftId: DraftId,
  {
    pending,
    refused,
  }: { readonly pending: PendingChange | undefined; readonly refused?: RefusalReason | undefined },
): DraftBoard {
  const card = board.get(draftId)
  if (!card) return board
  const { pending: _replaced, ...rest } = card
  return new Map(board).set(draftId, {
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

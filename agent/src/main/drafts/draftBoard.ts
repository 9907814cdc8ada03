import type { Draft, DraftId } from '@3cx-ninja/protocol'
import { isDecided as isDraftDecided, type RefusalReason, type Wish } from './pendingChange.ts'
import { withoutUndefined } from './changedFields.ts'

/** A draft as this technician sees it: the hub's snapshot, and what is wanted of it that the hub has not accepted. */
export interface DraftCard {
  readonly draft: Draft
  /** Monotonic time of receipt: remaining times count from here. Rule D6. */
  readonly receivedMs: number
  /** The technician has the card on the screen. */
  readonly isVisible: boolean
  readonly wish?: Wish
  /** Why the last decision was not carried out, until the next snapshot. */
  readonly refused?: RefusalReason
}

export type DraftBoard = ReadonlyMap<DraftId, DraftCard>
export const noDrafts: DraftBoard = new Map()

/** A snapshot of the hub; an older or equal one changes nothing. Rule D1. */
export function takeDraft(board: DraftBoard, draft: Draft, nowMs: number): DraftBoard {
  const known = board.get(draft.draftId)
  if (known && draft.revision <= known.draft.revision) return board
  const { refused: _seen, ...rest } = known ?? { isVisible: false }
  return new Map(board).set(draft.draftId, { ...rest, draft, receivedMs: nowMs })
}

export function showDraft(board: DraftBoard, draftId: DraftId, isVisible: boolean): DraftBoard {
  const card = board.get(draftId)
  return card && card.isVisible !== isVisible ? new Map(board).set(draftId, { ...card, isVisible }) : board
}

export function putWish(
  board: DraftBoard,
  draftId: DraftId,
  { wish, refused }: { readonly wish: Wish | undefined; readonly refused?: RefusalReason | undefined },
): DraftBoard {
  const card = board.get(draftId)
  if (!card) return board
  const { wish: _before, ...rest } = card
  return new Map(board).set(draftId, { ...rest, ...(wish ? { wish } : {}), ...(refused ? { refused } : {}) })
}

/** The fields as the screen shows them: the hub's, with the technician's own edits on top while they may still count. */
export function shownFields({ draft, wish }: Pick<DraftCard, 'draft' | 'wish'>): Draft['fields'] {
  const own = wish && wish.stage.at !== 'undelivered' ? withoutUndefined(wish.changes) : {}
  return { ...draft.fields, ...own }
}

/** Nothing of it is left to do for anybody. */
export const isDecided = ({ draft, wish }: Pick<DraftCard, 'draft' | 'wish'>): boolean =>
  !wish && isDraftDecided(draft)

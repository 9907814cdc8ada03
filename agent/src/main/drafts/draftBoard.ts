import type { Draft, DraftChanges, DraftId, HubToAgent } from '@3cx-ninja/protocol'

type Refused = Extract<HubToAgent, { kind: 'draft-refused' }>

/** A draft as this technician sees it: the hub's snapshot, and the wishes that the hub has not answered yet. */
export interface DraftCard {
  readonly draft: Draft
  /** Monotonic time of receipt: remaining times count from here. Rule D6. */
  readonly receivedMs: number
  /** The technician has the card on the screen. */
  readonly isVisible: boolean
  /** Edits that are not in a snapshot yet. */
  readonly pending?: DraftChanges
  /** How often the pending edits were put on a newer revision. */
  readonly rebased: number
  /** Why the last wish was not carried out, until the next snapshot. */
  readonly refused?: Refused['reason']
}

export type DraftBoard = ReadonlyMap<DraftId, DraftCard>
export const noDrafts: DraftBoard = new Map()

/** Someone else types into the same draft: after this many turns the technician decides. */
const MAX_REBASES = 3

/** A snapshot of the hub; an older or equal one changes nothing. Rule D1. */
export function takeDraft(board: DraftBoard, draft: Draft, nowMs: number): DraftBoard {
  const known = board.get(draft.draftId)
  if (known && draft.revision <= known.draft.revision) return board
  const pending = known?.pending && !isContained(known.pending, draft) ? { pending: known.pending } : {}
  return new Map(board).set(draft.draftId, {
    draft,
    receivedMs: nowMs,
    isVisible: known?.isVisible ?? false,
    rebased: known?.rebased ?? 0,
    ...pending,
  })
}

export function showDraft(board: DraftBoard, draftId: DraftId, isVisible: boolean): DraftBoard {
  const card = board.get(draftId)
  return card && card.isVisible !== isVisible ? new Map(board).set(draftId, { ...card, isVisible }) : board
}

export function editDraft(board: DraftBoard, draftId: DraftId, changes: DraftChanges): DraftBoard {
  const card = board.get(draftId)
  if (!card) return board
  return new Map(board).set(draftId, { ...card, pending: { ...card.pending, ...changes }, rebased: 0 })
}

/** What to do about a refusal: `again` holds the edits to send once more, on the newest revision. Rule D4. */
export function refuseDraft(
  board: DraftBoard,
  refused: Refused,
  nowMs: number,
): {
  readonly board: DraftBoard
  readonly again?: { readonly baseRevision: number; readonly changes: DraftChanges }
} {
  const before = board.get(refused.draftId)
  const updated = refused.draft ? takeDraft(board, refused.draft, nowMs) : board
  const card = updated.get(refused.draftId)
  if (!card || !before) return { board: updated }
  if (
    refused.reason === 'stale-revision' &&
    before.pending &&
    refused.draft &&
    before.rebased < MAX_REBASES
  ) {
    const next = { ...card, pending: before.pending, rebased: before.rebased + 1 }
    return {
      board: new Map(updated).set(refused.draftId, next),
      again: { baseRevision: card.draft.revision, changes: before.pending },
    }
  }
  const { pending: _dropped, ...rest } = card
  return { board: new Map(updated).set(refused.draftId, { ...rest, refused: refused.reason }) }
}

/** The fields as the screen shows them: the hub's, with the technician's own edits on top. */
export function shownFields(card: DraftCard): Draft['fields'] {
  return { ...card.draft.fields, ...withoutUndefined(card.pending ?? {}) }
}

/** Nothing of it is left to do for anybody. */
export function isDecided({ draft }: DraftCard): boolean {
  return draft.state.at === 'filed' || draft.state.at === 'discarded'
}

function isContained(changes: DraftChanges, draft: Draft): boolean {
  return Object.entries(withoutUndefined(changes)).every(
    ([field, value]) =>
      JSON.stringify(draft.fields[field as keyof Draft['fields']]) === JSON.stringify(value),
  )
}

// zod's partial() allows undefined for a field that is left out
function withoutUndefined(changes: DraftChanges): Partial<Draft['fields']> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}

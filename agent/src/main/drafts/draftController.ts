import type {
  AgentToHub,
  Clock,
  Draft,
  DraftChanges,
  DraftDecision,
  DraftId,
  HubToAgent,
} from '@3cx-ninja/protocol'
import {
  isDecided,
  noDrafts,
  putPendingChange,
  showDraft,
  receiveDraft,
  type DraftBoard,
  type DraftCard,
} from './draftBoard.ts'
import {
  advance,
  applyAnswer,
  reconcile,
  followDraft,
  applyRefusal,
  withEdit,
  withDecision,
  type RefusalReason,
  type PendingChange,
  type ChangeAnswer,
  type ChangeStep,
} from './pendingChange.ts'
import type { PendingChangeStore } from './pendingChangeStore.ts'

/** `kept`: on this disk, and sent when the hub is back. `hub-away`: not taken. */
export type ChangeOutcome = 'sent' | 'kept' | 'hub-away' | 'unknown-draft'

export interface DraftControllerNeeds {
  readonly clock: Clock
  readonly store: PendingChangeStore
  /** false: the hub is away, nothing was sent. */
  readonly send: (message: AgentToHub) => boolean
  /** The hub's draft is another one, or it refused something. */
  readonly onChange: (card: DraftCard) => void
  /** What the technician wants of it stands otherwise. */
  readonly onPendingChange: (card: DraftCard) => void
  /** A wish could not be written to the disk. */
  readonly onSaveFailed: (cause: unknown) => void
}

export interface DraftController {
  received(message: Extract<HubToAgent, { kind: 'draft' | 'draft-refused' }>): void
  /**
   * After each welcome: cards on the screen are reported again with their next snapshot, because the hub forgot; and the
   * hub is asked how each draft stands of which something is wanted. Rule D7.
   */
  linkUp(): void
  linkDown(): void
  /** The card is on the screen, or not any more. */
  shown(draftId: DraftId, isVisible: boolean): void
  /** Resolves when it is durable here. */
  edit(draftId: DraftId, changes: DraftChanges): Promise<ChangeOutcome>
  decide(draftId: DraftId, choice: DraftDecision): Promise<ChangeOutcome>
  /** What the technician says to a question about an earlier wish. */
  answer(draftId: DraftId, answer: ChangeAnswer): Promise<ChangeOutcome>
  cards(): readonly DraftCard[]
}

/** How many decided drafts stay on the screen's list. */
const MAX_DECIDED = 20
/** Without the hub they mean nothing: there is no countdown to go on with, and its seconds for undoing are over. */
const ONLY_WITH_HUB: readonly DraftDecision['kind'][] = ['resume', 'undo']

/** The technician's side of the hub's drafts: shows, reports what is visible, sees to it that wishes arrive. Rules D1 to D7. */
export function createDraftController(needs: DraftControllerNeeds): DraftController {
  const { clock, store, send } = needs
  let board: DraftBoard = noDrafts
  let isUp = false
  const reportedVisible = new Set<DraftId>()
  const lastPublished = new Map<
    DraftId,
    { readonly draft: Draft; readonly refused: RefusalReason | undefined }
  >()
  /** Since the link came, the hub has not said how these stand. */
  const awaitingState = new Set<DraftId>()
  for (const pending of store.all()) {
    const { draft, stage } = pending
    board = receiveDraft(board, draft, clock.monotonicMs())
    board = putPendingChange(board, draft.draftId, {
      pending: stage.at === 'sending' ? { ...pending, stage: { at: 'waiting' } } : pending,
    })
  }

  const reportVisible = (card: DraftCard) => {
    const { draftId, revision } = card.draft
    // A countdown must not begin while words of the technician are still on their way.
    if (!card.isVisible || reportedVisible.has(draftId) || card.pending || isDecided(card)) return
    if (send({ kind: 'draft-visible', draftId, revision })) reportedVisible.add(draftId)
  }
  const changed = (draftId: DraftId) => {
    const card = board.get(draftId)
    if (!card) return
    const { draft, refused } = card
    const previous = lastPublished.get(draftId)
    lastPublished.set(draftId, { draft, refused })
    if (previous?.draft === draft && previous.refused === refused) needs.onPendingChange(card)
    else needs.onChange(card)
    reportVisible(card)
  }
  const forgetOld = () => {
    const decided = [...board].filter(([, card]) => isDecided(card))
    for (const [draftId] of decided.slice(0, -MAX_DECIDED)) {
      board = new Map([...board].filter(([each]) => each !== draftId))
      lastPublished.delete(draftId)
    }
  }
  /** Takes the step; resolves when it is durable here, and says whether it is. */
  const carryOut = async (draftId: DraftId, step: ChangeStep): Promise<boolean> => {
    const previous = board.get(draftId)?.pending
    // First to the hub: a full disk must not keep it from knowing.
    const away = step.send && !send(step.send)
    const pending =
      away && step.pending ? { ...step.pending, stage: { at: 'waiting' as const } } : step.pending
    board = putPendingChange(board, draftId, { pending, refused: step.refused })
    changed(draftId)
    if (pending === previous) return true
    try {
      await store.keep(draftId, pending)
      return true
    } catch (error) {
      needs.onSaveFailed(error)
      return false
    }
  }
  const isReachable = (draftId: DraftId) => isUp && !awaitingState.has(draftId)
  const request = async (
    draftId: DraftId,
    change: (card: DraftCard) => PendingChange | undefined,
  ): Promise<ChangeOutcome> => {
    const card = board.get(draftId)
    if (!card) return 'unknown-draft'
    const pending = change(card)
    const goesOn = pending && isReachable(draftId) && pending.stage.at !== 'sending'
    const isKept = await carryOut(draftId, goesOn ? advance(pending, card.draft) : { pending })
    if (isUp) return 'sent'
    return isKept ? 'kept' : 'hub-away'
  }
  /** Nothing changes by it: an edit on a revision that never was. Rule D7. */
  const ask = (draftId: DraftId) => {
    if (send({ kind: 'draft-edit', draftId, baseRevision: 0, changes: {} })) awaitingState.add(draftId)
  }

  return {
    received(message) {
      const draftId = message.kind === 'draft' ? message.draft.draftId : message.draftId
      const previous = board.get(draftId)
      if (message.draft) board = receiveDraft(board, message.draft, clock.monotonicMs())
      const card = board.get(draftId)
      if (!card) return
      if (card.draft !== previous?.draft) forgetOld()
      const { pending, draft } = card
      if (message.kind === 'draft') {
        if (!pending || awaitingState.has(draftId)) {
          // The same revision anew, after a reconnect: the hub still has to learn that it is on the screen.
          if (card === previous) reportVisible(card)
          else changed(draftId)
        } else if (card !== previous) void carryOut(draftId, followDraft(pending, draft))
        return
      }
      const { reason } = message
      if (!pending) {
        board = putPendingChange(board, draftId, { pending, refused: reason })
        return changed(draftId)
      }
      const answers = awaitingState.delete(draftId)
      if (!answers) return void carryOut(draftId, applyRefusal(pending, reason, message.draft))
      if (reason === 'unknown-draft')
        return void carryOut(draftId, { pending: { ...pending, stage: { at: 'undelivered', why: reason } } })
      void carryOut(draftId, reconcile(pending, draft))
    },
    linkUp() {
      isUp = true
      reportedVisible.clear()
      awaitingState.clear()
      for (const [draftId, { pending }] of board) {
        if (!pending || pending.stage.at === 'undelivered') continue
        const choice = pending.choice && { choice: { ...pending.choice, kept: true } }
        board = putPendingChange(board, draftId, {
          pending: { ...pending, ...choice, stage: { at: 'waiting' } },
        })
        ask(draftId)
      }
    },
    linkDown() {
      isUp = false
      awaitingState.clear()
    },
    shown(draftId, isVisible) {
      board = showDraft(board, draftId, isVisible)
      if (!isVisible) reportedVisible.delete(draftId)
      const card = board.get(draftId)
      if (card) reportVisible(card)
    },
    edit: (draftId, changes) => request(draftId, ({ pending, draft }) => withEdit(pending, draft, changes)),
    decide(draftId, decision) {
      const isKnown = board.has(draftId)
      if (isKnown && !isUp && ONLY_WITH_HUB.includes(decision.kind)) return Promise.resolve('hub-away')
      const made = { decision, madeAtMs: clock.nowMs(), kept: !isReachable(draftId) }
      return request(draftId, ({ pending, draft }) => withDecision(pending, draft, made))
    },
    answer: (draftId, answer) =>
      request(draftId, ({ pending, draft }) => pending && applyAnswer(pending, draft, answer)),
    cards: () => [...board.values()],
  }
}

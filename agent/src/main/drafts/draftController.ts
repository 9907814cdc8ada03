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
  putPendingChange,
  receiveDraft,
  showDraft,
  type DraftBoard,
  type DraftCard,
} from './draftBoard.ts'
import {
  advance,
  applyAnswer,
  applyRefusal,
  followDraft,
  reconcile,
  withDecision,
  withEdit,
  type ChangeAnswer,
  type ChangeStep,
  type PendingChange,
  type RefusalReason,
} from './pendingChange.ts'
import type { PendingChangeStore } from './pendingChangeStore.ts'

/** `kept`: stored on this disk, and sent when the hub is back. `hub-away`: refused, because it means nothing without the hub. */
export type ChangeOutcome = 'sent' | 'kept' | 'hub-away' | 'unknown-draft'

export interface DraftControllerNeeds {
  readonly clock: Clock
  readonly store: PendingChangeStore
  /** Returns false when the hub is away and nothing was sent. */
  readonly send: (message: AgentToHub) => boolean
  /** Receives a card whose draft is newer, or of which the hub refused something. */
  readonly onChange: (card: DraftCard) => void
  /** Receives a card whose pending change was updated. */
  readonly onPendingChange: (card: DraftCard) => void
  /** Receives the cause when a pending change could not be written to the disk. */
  readonly onSaveFailed: (cause: unknown) => void
}

export interface DraftController {
  /** Applies a message of the hub; an older or equal revision changes nothing. */
  received(message: Extract<HubToAgent, { kind: 'draft' | 'draft-refused' }>): void
  /**
   * Starts again after a welcome: a visible card is reported again with its next snapshot, because the hub forgot; and the hub is
   * asked for the state of each draft that has a pending change. Rule D7.
   */
  linkUp(): void
  linkDown(): void
  /** Reports to the hub whether the card is on the screen. */
  shown(draftId: DraftId, isVisible: boolean): void
  /** Resolves once the edit is durable here, with its outcome. Never rejects: a full disk is reported by `onSaveFailed`. */
  edit(draftId: DraftId, changes: DraftChanges): Promise<ChangeOutcome>
  /** Resolves once the decision is durable here, with its outcome. Never rejects. */
  decide(draftId: DraftId, choice: DraftDecision): Promise<ChangeOutcome>
  /** Applies the technician's answer to a question about an earlier pending change. Resolves with the outcome; never rejects. */
  answer(draftId: DraftId, answer: ChangeAnswer): Promise<ChangeOutcome>
  cards(): readonly DraftCard[]
}

/** How many decided drafts stay on the screen's list. */
const MAX_DECIDED = 20
/** These decisions mean nothing without the hub: no countdown runs, and the undo window has passed. */
const ONLY_WITH_HUB: readonly DraftDecision['kind'][] = ['resume', 'undo']

interface Controller {
  readonly needs: DraftControllerNeeds
  readonly board: DraftBoard
  isUp: boolean
  /** Cards that the hub knows to be on the screen. */
  readonly reportedVisible: Set<DraftId>
  readonly lastPublished: Map<DraftId, { readonly draft: Draft; readonly refused: RefusalReason | undefined }>
  /** Drafts whose state the hub has not confirmed since the link opened. */
  readonly awaitingState: Set<DraftId>
}

/**
 * Follows the hub's drafts for one technician: shows them, reports which are visible, and delivers pending changes. Rules D1 to D7.
 * A card is in step with the hub, or has a pending change, whose stages stand in pendingChange.ts. The link is down, or up; after it
 * comes up, a draft with a pending change waits for the hub's state of it before anything is sent. Knows nothing of sockets and
 * windows: those live in hub/ and desk/.
 */
export function createDraftController(needs: DraftControllerNeeds): DraftController {
  const controller: Controller = {
    needs,
    board: boardOf(needs),
    isUp: false,
    reportedVisible: new Set(),
    lastPublished: new Map(),
    awaitingState: new Set(),
  }
  return {
    received: (message) => receive(controller, message),
    linkUp: () => linkUp(controller),
    linkDown() {
      controller.isUp = false
      controller.awaitingState.clear()
    },
    shown(draftId, isVisible) {
      showDraft(controller.board, draftId, isVisible)
      if (!isVisible) controller.reportedVisible.delete(draftId)
      const card = controller.board.get(draftId)
      if (card) reportVisible(controller, card)
    },
    edit: (draftId, changes) =>
      request(controller, draftId, ({ pending, draft }) => withEdit(pending, draft, changes)),
    decide: (draftId, decision) => decide(controller, draftId, decision),
    answer: (draftId, answer) =>
      request(controller, draftId, ({ pending, draft }) => pending && applyAnswer(pending, draft, answer)),
    cards: () => [...controller.board.values()],
  }
}

/** Restores the cards of the last start; a change that was being sent then is sent again. */
function boardOf({ store, clock }: DraftControllerNeeds): DraftBoard {
  const board: DraftBoard = new Map()
  for (const pending of store.all()) {
    const { draft, stage } = pending
    receiveDraft(board, draft, clock.monotonicMs())
    putPendingChange(board, draft.draftId, {
      pending: stage.at === 'sending' ? { ...pending, stage: { at: 'waiting' } } : pending,
    })
  }
  return board
}

function reportVisible({ needs, reportedVisible }: Controller, card: DraftCard): void {
  const { draftId, revision } = card.draft
  // A countdown must not begin while words of the technician are still on their way.
  if (!card.isVisible || reportedVisible.has(draftId) || card.pending || isDecided(card)) return
  if (needs.send({ kind: 'draft-visible', draftId, revision })) reportedVisible.add(draftId)
}

function publish(controller: Controller, draftId: DraftId): void {
  const { needs, board, lastPublished } = controller
  const card = board.get(draftId)
  if (!card) return
  const { draft, refused } = card
  const last = lastPublished.get(draftId)
  lastPublished.set(draftId, { draft, refused })
  if (last?.draft === draft && last.refused === refused) needs.onPendingChange(card)
  else needs.onChange(card)
  reportVisible(controller, card)
}

function evictDecided({ board, lastPublished }: Controller): void {
  // The hub sends the newest first after a welcome, and each change as it happens: only their age orders them.
  const decided = [...board]
    .filter(([, card]) => isDecided(card))
    .sort(([, { draft: a }], [, { draft: b }]) => a.createdAtMs - b.createdAtMs)
  for (const [draftId] of decided.slice(0, -MAX_DECIDED)) {
    board.delete(draftId)
    lastPublished.delete(draftId)
  }
}

/** Carries the step out. Resolves with whether the pending change is durable here; never rejects. */
async function carryOut(controller: Controller, draftId: DraftId, step: ChangeStep): Promise<boolean> {
  const { needs } = controller
  const previous = controller.board.get(draftId)?.pending
  // The hub comes first: a full disk must not keep the hub from the change.
  const isAway = step.send && !needs.send(step.send)
  const pending =
    isAway && step.pending ? { ...step.pending, stage: { at: 'waiting' as const } } : step.pending
  putPendingChange(controller.board, draftId, { pending, refused: step.refused })
  publish(controller, draftId)
  if (pending === previous) return true
  try {
    await needs.store.keep(draftId, pending)
    return true
  } catch (error) {
    needs.onSaveFailed(error)
    return false
  }
}

const isReachable = ({ isUp, awaitingState }: Controller, draftId: DraftId) =>
  isUp && !awaitingState.has(draftId)

async function request(
  controller: Controller,
  draftId: DraftId,
  change: (card: DraftCard) => PendingChange | undefined,
): Promise<ChangeOutcome> {
  const card = controller.board.get(draftId)
  if (!card) return 'unknown-draft'
  const pending = change(card)
  const maySend = pending && isReachable(controller, draftId) && pending.stage.at !== 'sending'
  const isStored = await carryOut(controller, draftId, maySend ? advance(pending, card.draft) : { pending })
  if (controller.isUp) return 'sent'
  return isStored ? 'kept' : 'hub-away'
}

function decide(controller: Controller, draftId: DraftId, decision: DraftDecision): Promise<ChangeOutcome> {
  const { board, isUp, needs } = controller
  if (board.has(draftId) && !isUp && ONLY_WITH_HUB.includes(decision.kind)) return Promise.resolve('hub-away')
  const made = { decision, madeAtMs: needs.clock.nowMs(), kept: !isReachable(controller, draftId) }
  return request(controller, draftId, ({ pending, draft }) => withDecision(pending, draft, made))
}

function receive(
  controller: Controller,
  message: Extract<HubToAgent, { kind: 'draft' | 'draft-refused' }>,
): void {
  const { needs, awaitingState } = controller
  const draftId = message.kind === 'draft' ? message.draft.draftId : message.draftId
  const previous = controller.board.get(draftId)
  if (message.draft) receiveDraft(controller.board, message.draft, needs.clock.monotonicMs())
  const card = controller.board.get(draftId)
  if (!card) return
  if (card.draft !== previous?.draft && isDecided(card)) evictDecided(controller)
  if (message.kind === 'draft-refused') return receiveRefusal(controller, card, message)
  const { pending, draft } = card
  if (!pending || awaitingState.has(draftId)) {
    // The same revision comes again after a reconnect: the hub still must learn that the card is on the screen.
    if (card === previous) reportVisible(controller, card)
    else publish(controller, draftId)
  } else if (card !== previous) void carryOut(controller, draftId, followDraft(pending, draft))
}

function receiveRefusal(
  controller: Controller,
  { pending, draft }: DraftCard,
  message: Extract<HubToAgent, { kind: 'draft-refused' }>,
): void {
  const { draftId, reason } = message
  if (!pending) {
    putPendingChange(controller.board, draftId, { pending, refused: reason })
    return publish(controller, draftId)
  }
  const answersOurQuestion = controller.awaitingState.delete(draftId)
  if (!answersOurQuestion)
    return void carryOut(controller, draftId, applyRefusal(pending, reason, message.draft))
  if (reason === 'unknown-draft')
    return void carryOut(controller, draftId, {
      pending: { ...pending, stage: { at: 'undelivered', why: reason } },
    })
  void carryOut(controller, draftId, reconcile(pending, draft))
}

function linkUp(controller: Controller): void {
  controller.isUp = true
  controller.reportedVisible.clear()
  controller.awaitingState.clear()
  for (const [draftId, { pending }] of controller.board) {
    if (!pending || pending.stage.at === 'undelivered') continue
    const choice = pending.choice && { choice: { ...pending.choice, kept: true } }
    putPendingChange(controller.board, draftId, {
      pending: { ...pending, ...choice, stage: { at: 'waiting' } },
    })
    askForState(controller, draftId)
  }
}

/** Sends an edit on a revision that never was: it changes nothing, and the refusal carries the draft's state. Rule D7. */
function askForState({ needs, awaitingState }: Controller, draftId: DraftId): void {
  if (needs.send({ kind: 'draft-edit', draftId, baseRevision: 0, changes: {} })) awaitingState.add(draftId)
}

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
  putWish,
  showDraft,
  takeDraft,
  type DraftBoard,
  type DraftCard,
} from './draftBoard.ts'
import {
  advance,
  answerWish,
  comeBack,
  sawDraft,
  sawRefusal,
  wantChanges,
  wantChoice,
  type RefusalReason,
  type Wish,
  type WishAnswer,
  type WishStep,
} from './pendingChange.ts'
import type { WishStore } from './pendingChangeStore.ts'

/** `kept`: on this disk, and sent when the hub is back. `hub-away`: not taken. */
export type WishOutcome = 'sent' | 'kept' | 'hub-away' | 'unknown-draft'

export interface DraftDeskNeeds {
  readonly clock: Clock
  readonly store: WishStore
  /** false: the hub is away, nothing was sent. */
  readonly send: (message: AgentToHub) => boolean
  /** The hub's draft is another one, or it refused something. */
  readonly onChange: (card: DraftCard) => void
  /** What the technician wants of it stands otherwise. */
  readonly onWish: (card: DraftCard) => void
  /** A wish could not be written to the disk. */
  readonly onUserError: (cause: unknown) => void
}

export interface DraftDesk {
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
  edit(draftId: DraftId, changes: DraftChanges): Promise<WishOutcome>
  decide(draftId: DraftId, choice: DraftDecision): Promise<WishOutcome>
  /** What the technician says to a question about an earlier wish. */
  answer(draftId: DraftId, answer: WishAnswer): Promise<WishOutcome>
  cards(): readonly DraftCard[]
}

/** How many decided drafts stay on the screen's list. */
const MAX_DECIDED = 20
/** Without the hub they mean nothing: there is no countdown to go on with, and its seconds for undoing are over. */
const ONLY_WITH_HUB: readonly DraftDecision['kind'][] = ['resume', 'undo']

/** The technician's side of the hub's drafts: shows, reports what is visible, sees to it that wishes arrive. Rules D1 to D7. */
export function createDraftDesk(needs: DraftDeskNeeds): DraftDesk {
  const { clock, store, send } = needs
  let board: DraftBoard = noDrafts
  let isUp = false
  const told = new Set<DraftId>()
  const lastTold = new Map<DraftId, { readonly draft: Draft; readonly refused: RefusalReason | undefined }>()
  /** Since the link came, the hub has not said how these stand. */
  const asked = new Set<DraftId>()
  for (const wish of store.all()) {
    const { draft, stage } = wish
    board = takeDraft(board, draft, clock.monotonicMs())
    board = putWish(board, draft.draftId, {
      wish: stage.at === 'sending' ? { ...wish, stage: { at: 'waiting' } } : wish,
    })
  }

  const tellVisible = (card: DraftCard) => {
    const { draftId, revision } = card.draft
    // A countdown must not begin while words of the technician are still on their way.
    if (!card.isVisible || told.has(draftId) || card.wish || isDecided(card)) return
    if (send({ kind: 'draft-visible', draftId, revision })) told.add(draftId)
  }
  const changed = (draftId: DraftId) => {
    const card = board.get(draftId)
    if (!card) return
    const { draft, refused } = card
    const before = lastTold.get(draftId)
    lastTold.set(draftId, { draft, refused })
    if (before?.draft === draft && before.refused === refused) needs.onWish(card)
    else needs.onChange(card)
    tellVisible(card)
  }
  const forgetOld = () => {
    const decided = [...board].filter(([, card]) => isDecided(card))
    for (const [draftId] of decided.slice(0, -MAX_DECIDED)) {
      board = new Map([...board].filter(([each]) => each !== draftId))
      lastTold.delete(draftId)
    }
  }
  /** Takes the step; resolves when it is durable here, and says whether it is. */
  const carryOut = async (draftId: DraftId, step: WishStep): Promise<boolean> => {
    const before = board.get(draftId)?.wish
    // First to the hub: a full disk must not keep it from knowing.
    const away = step.send && !send(step.send)
    const wish = away && step.wish ? { ...step.wish, stage: { at: 'waiting' as const } } : step.wish
    board = putWish(board, draftId, { wish, refused: step.refused })
    changed(draftId)
    if (wish === before) return true
    try {
      await store.keep(draftId, wish)
      return true
    } catch (error) {
      needs.onUserError(error)
      return false
    }
  }
  const isReachable = (draftId: DraftId) => isUp && !asked.has(draftId)
  const want = async (draftId: DraftId, how: (card: DraftCard) => Wish | undefined): Promise<WishOutcome> => {
    const card = board.get(draftId)
    if (!card) return 'unknown-draft'
    const wish = how(card)
    const goesOn = wish && isReachable(draftId) && wish.stage.at !== 'sending'
    const isKept = await carryOut(draftId, goesOn ? advance(wish, card.draft) : { wish })
    if (isUp) return 'sent'
    return isKept ? 'kept' : 'hub-away'
  }
  /** Nothing changes by it: an edit on a revision that never was. Rule D7. */
  const ask = (draftId: DraftId) => {
    if (send({ kind: 'draft-edit', draftId, baseRevision: 0, changes: {} })) asked.add(draftId)
  }

  return {
    received(message) {
      const draftId = message.kind === 'draft' ? message.draft.draftId : message.draftId
      const before = board.get(draftId)
      if (message.draft) board = takeDraft(board, message.draft, clock.monotonicMs())
      const card = board.get(draftId)
      if (!card) return
      if (card.draft !== before?.draft) forgetOld()
      const { wish, draft } = card
      if (message.kind === 'draft') {
        if (!wish || asked.has(draftId)) {
          // The same revision anew, after a reconnect: the hub still has to learn that it is on the screen.
          if (card === before) tellVisible(card)
          else changed(draftId)
        } else if (card !== before) void carryOut(draftId, sawDraft(wish, draft))
        return
      }
      const { reason } = message
      if (!wish) {
        board = putWish(board, draftId, { wish, refused: reason })
        return changed(draftId)
      }
      const answers = asked.delete(draftId)
      if (!answers) return void carryOut(draftId, sawRefusal(wish, reason, message.draft))
      if (reason === 'unknown-draft')
        return void carryOut(draftId, { wish: { ...wish, stage: { at: 'undelivered', why: reason } } })
      void carryOut(draftId, comeBack(wish, draft))
    },
    linkUp() {
      isUp = true
      told.clear()
      asked.clear()
      for (const [draftId, { wish }] of board) {
        if (!wish || wish.stage.at === 'undelivered') continue
        const choice = wish.choice && { choice: { ...wish.choice, kept: true } }
        board = putWish(board, draftId, { wish: { ...wish, ...choice, stage: { at: 'waiting' } } })
        ask(draftId)
      }
    },
    linkDown() {
      isUp = false
      asked.clear()
    },
    shown(draftId, isVisible) {
      board = showDraft(board, draftId, isVisible)
      if (!isVisible) told.delete(draftId)
      const card = board.get(draftId)
      if (card) tellVisible(card)
    },
    edit: (draftId, changes) => want(draftId, ({ wish, draft }) => wantChanges(wish, draft, changes)),
    decide(draftId, decision) {
      const isKnown = board.has(draftId)
      if (isKnown && !isUp && ONLY_WITH_HUB.includes(decision.kind)) return Promise.resolve('hub-away')
      const made = { decision, madeAtMs: clock.nowMs(), kept: !isReachable(draftId) }
      return want(draftId, ({ wish, draft }) => wantChoice(wish, draft, made))
    },
    answer: (draftId, answer) => want(draftId, ({ wish, draft }) => wish && answerWish(wish, draft, answer)),
    cards: () => [...board.values()],
  }
}

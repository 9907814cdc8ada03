import type { DraftDecision, DraftId } from '@3cx-ninja/protocol'
import { isWebLink } from '../components/webLink.ts'
import { cardOnScreen } from './cardOnScreen.ts'
import type { Decide } from './decide.ts'
import type { Discard, Discards } from './discards.ts'
import type { Notices } from './notices.ts'
import type { PageParts } from './pageParts.ts'

export const FILEABLE: readonly string[] = ['proposed', 'countdown', 'held', 'parked', 'blocked']
export const DISCARDABLE: readonly string[] = ['collecting', ...FILEABLE]

type DraftParts = Pick<PageParts, 'desk' | 'screen'> & {
  readonly notices: Notices
  readonly decide: Decide
  readonly discards: Discards
}

/** Returns the user actions on the draft card in front. Those that a key calls return whether they did something. */
export function createDraftActions(parts: DraftParts) {
  const { screen, notices, discards } = parts
  return {
    chooseDraft: (draftId: DraftId) =>
      screen.setState({ chosenDraft: draftId, view: 'call', pane: 'ticket' }),
    file: () => decideOnCard(parts, FILEABLE, { kind: 'file' }),
    hold: () => decideOnCard(parts, ['countdown', 'proposed'], { kind: 'hold' }),
    undo: () => discards.undo() || decideOnCard(parts, ['filing'], { kind: 'undo' }),
    resume: () => decideOnCard(parts, ['held', 'parked'], { kind: 'resume' }),
    askDiscard() {
      const at = shownCard(parts)?.draft.state.at
      if (at && DISCARDABLE.includes(at)) screen.setState({ dialog: 'discard' })
    },
    /** Removes the draft from the screen at once; the hub receives the discard later, and until then it can be undone. */
    discard(draftId: DraftId, choice: Discard) {
      discards.begin(draftId, choice)
      const undo = () => {
        notices.dismiss(id)
        discards.undo(draftId)
      }
      const id = notices.show('good', 'draft.discarded', { text: 'app.undo', act: undo })
    },
    undoDiscard: (draftId: DraftId) => void discards.undo(draftId),
    openTicket(): boolean {
      const state = shownCard(parts)?.draft.state
      if (state?.at !== 'filed' || !isWebLink(state.ticketUrl)) return false
      window.open(state.ticketUrl, '_blank', 'noopener,noreferrer')
      return true
    },
  }
}

function shownCard({ desk, screen }: Pick<DraftParts, 'desk' | 'screen'>) {
  const snapshot = desk.getState().desk
  return snapshot && cardOnScreen(snapshot, screen.getState())
}

function decideOnCard(parts: DraftParts, states: readonly string[], choice: DraftDecision): boolean {
  const draft = shownCard(parts)?.draft
  if (!draft || !states.includes(draft.state.at)) return false
  if (parts.screen.getState().discarding.has(draft.draftId)) return false
  void parts.decide(draft.draftId, choice)
  return true
}

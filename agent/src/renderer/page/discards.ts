import type { DraftDecision, DraftId } from '@3cx-ninja/protocol'
import type { PageClock } from '../clock.ts'
import type { DeskStore } from '../stores/deskStore.ts'
import type { ScreenStore } from '../stores/screenStore.ts'

export type Discard = Extract<DraftDecision, { kind: 'discard' }>

/** The hub cannot take a discard back, so it is said only after this: as long as a notice stands. */
export const DISCARD_UNDO_MS = 6_000

/**
 * Discards that can be undone. Until the hub is told the draft is only held, so whatever happens to this page, nothing
 * is filed and nothing is lost.
 */
export function createDiscards(needs: {
  readonly desk: Pick<DeskStore, 'getState' | 'subscribe'>
  readonly screen: Pick<ScreenStore, 'setState'>
  readonly clock: Pick<PageClock, 'after'>
  readonly decide: (draftId: DraftId, choice: DraftDecision) => Promise<void>
}) {
  const { desk, screen, clock, decide } = needs
  const waiting = new Map<DraftId, { readonly choice: Discard; readonly cancel: () => void }>()

  const draftOf = (draftId: DraftId) =>
    desk.getState().desk?.drafts.find(({ draft }) => draft.draftId === draftId)
  const forget = (draftId: DraftId) => {
    waiting.get(draftId)?.cancel()
    waiting.delete(draftId)
    screen.setState({ discarding: new Set(waiting.keys()) })
  }
  const send = (draftId: DraftId) => {
    const discard = waiting.get(draftId)
    if (!discard) return
    forget(draftId)
    void decide(draftId, discard.choice)
  }
  // A countdown that begins meanwhile would file it: then there is no time left to change one's mind.
  desk.subscribe((now, before) => {
    for (const draftId of waiting.keys()) {
      const card = draftOf(draftId)
      const previous = before.desk?.drafts.find(({ draft }) => draft.draftId === draftId)
      const countdownBegins = card?.draft.state.at === 'countdown' && previous?.draft.state.at !== 'countdown'
      if (!card) forget(draftId)
      else if (now.desk !== before.desk && (countdownBegins || card.refused)) send(draftId)
    }
  })

  return {
    begin(draftId: DraftId, choice: Discard) {
      const at = draftOf(draftId)?.draft.state.at
      if (at === 'countdown' || at === 'proposed') void decide(draftId, { kind: 'hold' })
      waiting.get(draftId)?.cancel()
      const cancel = clock.after(DISCARD_UNDO_MS, () => send(draftId))
      waiting.set(draftId, { choice, cancel })
      screen.setState({ discarding: new Set(waiting.keys()) })
    },
    /** Takes the last one back, or the named one. false: there is none. */
    undo(draftId = [...waiting.keys()].at(-1)): boolean {
      if (draftId === undefined || !waiting.has(draftId)) return false
      forget(draftId)
      return true
    },
    /** The page closes: what was decided is said. */
    flush() {
      for (const draftId of [...waiting.keys()]) send(draftId)
    },
  }
}
export type Discards = ReturnType<typeof createDiscards>

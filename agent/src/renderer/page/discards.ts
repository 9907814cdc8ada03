import type { DraftDecision, DraftId } from '@3cx-ninja/protocol'
import type { PageClock } from '../clock.ts'
import type { DeskStore } from '../stores/deskStore.ts'
import type { ScreenStore } from '../stores/screenStore.ts'

export type Discard = Extract<DraftDecision, { kind: 'discard' }>

/** The hub cannot undo a discard, so the page sends it only after this time, in which the notice with its undo stands. */
export const DISCARD_UNDO_MS = 6_000

/**
 * Returns the discards that can be undone. A discard waits until its time is over, the technician undoes it, the draft
 * disappears, its countdown begins or the page closes. Until the hub receives the discard, the draft is only held:
 * a page that crashes meanwhile files nothing and loses nothing.
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
  // A countdown that begins meanwhile would file the draft, so the discard is sent without waiting for an undo.
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
    /** Removes the newest waiting discard, or that of the named draft. Returns false when none waits. */
    undo(draftId = [...waiting.keys()].at(-1)): boolean {
      if (draftId === undefined || !waiting.has(draftId)) return false
      forget(draftId)
      return true
    },
    /** Sends every waiting discard at once, because the page closes. */
    flush() {
      for (const draftId of [...waiting.keys()]) send(draftId)
    },
  }
}
export type Discards = ReturnType<typeof createDiscards>

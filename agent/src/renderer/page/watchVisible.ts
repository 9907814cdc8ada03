import type { DraftId } from '@3cx-ninja/protocol'
import { cardOnScreen } from './cardOnScreen.ts'
import type { PageParts } from './pageParts.ts'

/** Transcript and ticket stand side by side from this width on; views/call/call.css repeats it. */
export const WIDE = '(min-width: 60rem)'

/** Reports to main which card is on the screen: the hub counts down only a card that a technician can see. Rule D2. */
export function watchVisible({ bridge, desk, screen }: Pick<PageParts, 'bridge' | 'desk' | 'screen'>): void {
  const wide = window.matchMedia(WIDE)
  let reportedId: DraftId | undefined
  const report = () => {
    const { desk: now, connected } = desk.getState()
    if (!connected) reportedId = undefined // main forgets the card of a page whose socket closed
    if (!connected || !now) return
    const isOnScreen =
      document.visibilityState === 'visible' && (wide.matches || screen.getState().pane === 'ticket')
    const card =
      isOnScreen && screen.getState().view === 'call' ? cardOnScreen(now, screen.getState()) : undefined
    const draftId = card?.draft.draftId
    if (draftId === reportedId) return
    if (reportedId) void bridge.showDraft({ draftId: reportedId, visible: false })
    if (draftId) void bridge.showDraft({ draftId, visible: true })
    reportedId = draftId
  }
  desk.subscribe(report)
  screen.subscribe(report)
  document.addEventListener('visibilitychange', report)
  wide.addEventListener('change', report)
}

import type { DraftId } from '@3cx-ninja/protocol'
import { cardOnScreen } from './cardOnScreen.ts'
import type { PageParts } from './pageParts.ts'

/** From this width on conversation and ticket stand side by side. Also in views/call/call.css. */
export const WIDE = '(min-width: 60rem)'

/** Tells main which card is really on a screen: the countdown of the hub rests on it. Rule D2. */
export function watchVisible({ bridge, desk, screen }: Pick<PageParts, 'bridge' | 'desk' | 'screen'>): void {
  const wide = window.matchMedia(WIDE)
  let told: DraftId | undefined
  const look = () => {
    const { desk: now, connected } = desk.getState()
    if (!connected) told = undefined // main forgets a page that left
    if (!connected || !now) return
    const seen =
      document.visibilityState === 'visible' && (wide.matches || screen.getState().pane === 'ticket')
    const card = seen && screen.getState().view === 'call' ? cardOnScreen(now, screen.getState()) : undefined
    const draftId = card?.draft.draftId
    if (draftId === told) return
    if (told) void bridge.showDraft({ draftId: told, visible: false })
    if (draftId) void bridge.showDraft({ draftId, visible: true })
    told = draftId
  }
  desk.subscribe(look)
  screen.subscribe(look)
  document.addEventListener('visibilitychange', look)
  wide.addEventListener('change', look)
}

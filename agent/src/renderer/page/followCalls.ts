import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import type { DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { PageParts } from './pageParts.ts'

/**
 * Shows a new call at once, and its ticket once the hub proposes it, so that the technician need not search for them.
 * The focus stays where it is, and the set-up of a PC is never interrupted.
 */
export function followCalls({ desk, screen }: Pick<PageParts, 'desk' | 'screen'>): void {
  desk.subscribe(({ desk: now }, { desk: before }) => {
    if (!now || now === before || screen.getState().settingUp) return
    const call = activeCall(now)
    if (call && call.callId !== (before && activeCall(before)?.callId)) {
      screen.setState({ view: 'call', pane: 'talk' })
      screen.setState(({ chosenDraft: _, ...rest }) => rest, true)
    }
    const draft = now.drafts.find(({ callId }) => callId === now.shown)
    const previous = before?.drafts.find(({ draft: each }) => each.draftId === draft?.draft.draftId)
    const isProposed = draft?.draft.state.at === 'proposed' || draft?.draft.state.at === 'countdown'
    if (isProposed && (previous === undefined || previous.draft.state.at === 'collecting'))
      screen.setState({ pane: 'ticket' })
  })
}

function activeCall({ calls, shown }: DeskSnapshot) {
  return calls.find((call) => call.callId === shown && isActive(call))
}

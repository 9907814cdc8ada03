import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import type { DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { PageParts } from './pageParts.ts'

/**
 * Brings a new call in front, and its ticket once it is proposed: the technician should not have to look for them. Focus
 * stays where it is, and who set a PC up is left alone.
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

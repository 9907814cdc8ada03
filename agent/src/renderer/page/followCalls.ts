import type { DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { PageParts } from './pageParts.ts'

/**
 * Brings a new call in front, and its ticket once it is proposed: the technician should not have to look for them. Focus
 * stays where it is, and who set a PC up is left alone.
 */
export function followCalls({ desk, screen }: Pick<PageParts, 'desk' | 'screen'>): void {
  desk.subscribe(({ desk: now }, { desk: before }) => {
    if (!now || now === before || screen.getState().settingUp) return
    const call = aliveCall(now)
    if (call && call.callId !== (before && aliveCall(before)?.callId)) {
      screen.setState({ view: 'call', pane: 'talk' })
      screen.setState(({ chosenDraft: _, ...rest }) => rest, true)
    }
    const draft = now.drafts.find(({ callId }) => callId === now.shown)
    const was = before?.drafts.find(({ draft: each }) => each.draftId === draft?.draft.draftId)
    const offered = draft?.draft.state.at === 'proposed' || draft?.draft.state.at === 'countdown'
    if (offered && (was === undefined || was.draft.state.at === 'collecting'))
      screen.setState({ pane: 'ticket' })
  })
}

function aliveCall({ calls, shown }: DeskSnapshot) {
  const alive = ['ringing', 'talking', 'held']
  return calls.find(({ callId, phase }) => callId === shown && alive.includes(phase))
}

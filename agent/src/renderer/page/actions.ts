import type { DraftDecision, DraftId } from '@3cx-ninja/protocol'
import type { Input } from '../../ipc/channels.ts'
import type { DeskCall } from '../../ipc/deskSnapshot.ts'
import type { ViewName } from '../stores/screenStore.ts'
import { isWebLink } from '../components/webLink.ts'
import { cardOnScreen } from './cardOnScreen.ts'
import { createIsDone, type Decide } from './decide.ts'
import type { Discard, Discards } from './discards.ts'
import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import type { Notices } from './notices.ts'
import type { PageParts } from './pageParts.ts'

type UserAction = Input<'actOnCall'>['action']

/** Everything buttons and keys do, once: so that a key never does something else than its button. */
export function createActions({
  bridge,
  desk,
  screen,
  notice,
  notices,
  decide,
  discards,
}: PageParts & { readonly notices: Notices; readonly decide: Decide; readonly discards: Discards }) {
  const now = () => desk.getState().desk
  const shownCall = (): DeskCall | undefined => {
    const { calls, shown } = now() ?? { calls: [] }
    return calls.find(({ callId }) => callId === shown)
  }
  const card = () => {
    const snapshot = now()
    return snapshot && cardOnScreen(snapshot, screen.getState())
  }
  const isDone = createIsDone({ notice })
  const actOnCall = async (action: UserAction) => {
    const call = shownCall()
    const answer = await bridge.actOnCall({
      action,
      ...(call && action !== 'start' ? { callId: call.callId } : {}),
    })
    if (!isDone(answer)) return
    if (action === 'mark') notice('good', 'call.marked')
    if (action === 'erase') notice('good', 'call.erased')
  }
  const onCard = (states: readonly string[], choice: DraftDecision) => {
    const draft = card()?.draft
    if (!draft || !states.includes(draft.state.at)) return false
    if (screen.getState().discarding.has(draft.draftId)) return false
    void decide(draft.draftId, choice)
    return true
  }

  return {
    go: (view: ViewName) => screen.setState({ view }),
    pane: (pane: 'talk' | 'ticket') => screen.setState({ pane }),
    chooseDraft: (draftId: DraftId) =>
      screen.setState({ chosenDraft: draftId, view: 'call', pane: 'ticket' }),
    actOnCall: (action: UserAction) => void actOnCall(action),
    pauseOrResume() {
      const call = shownCall()
      if (call?.recording.at === 'paused') void actOnCall('resume')
      // Also while it is only beginning: what fails, fails paused.
      else if (call && isActive(call)) void actOnCall('pause')
    },
    mark() {
      if (shownCall()?.recording.at === 'on') void actOnCall('mark')
    },
    askErase() {
      const call = shownCall()
      if (call && canErase(call)) screen.setState({ dialog: 'erase' })
    },
    startOrStop() {
      const call = shownCall()
      if (!call || !isActive(call) || call.recording.at === 'elsewhere') void actOnCall('start')
      else if (canStop(call)) void actOnCall('stop')
    },
    file: () => onCard(FILEABLE, { kind: 'file' }),
    hold: () => onCard(['countdown', 'proposed'], { kind: 'hold' }),
    undo: () => discards.undo() || onCard(['filing'], { kind: 'undo' }),
    resume: () => onCard(['held', 'parked'], { kind: 'resume' }),
    askDiscard() {
      const at = card()?.draft.state.at
      if (at && DISCARDABLE.includes(at)) screen.setState({ dialog: 'discard' })
    },
    /** Gone from the screen at once, said to the hub a little later: until then it can be taken back. */
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
      const state = card()?.draft.state
      if (state?.at !== 'filed' || !isWebLink(state.ticketUrl)) return false
      window.open(state.ticketUrl, '_blank', 'noopener,noreferrer')
      return true
    },
    /** Puts text where it can be pasted, and says so. */
    async copy(
      text: string,
      confirmation: 'copied.conversation' | 'copied.number' | 'copied.link' | 'copied.report',
    ) {
      try {
        await navigator.clipboard.writeText(text)
        notice('good', confirmation)
      } catch {
        notice('bad', 'copied.failed') // the browser refuses on plain HTTP, or without permission
      }
    },
    /** From anywhere to the search in all calls. */
    find: () => screen.setState({ view: 'history', search: 'wanted' }),
    showKeys: () => screen.setState({ dialog: 'keys' }),
    highlight(words: string | undefined) {
      if (words) screen.setState({ highlighted: words })
      else screen.setState(({ highlighted: _, ...rest }) => rest, true)
    },
    closeDialog: () => screen.setState(({ dialog: _, ...rest }) => rest, true),
    isDone,
  }
}
export type Actions = ReturnType<typeof createActions>

export const FILEABLE: readonly string[] = ['proposed', 'countdown', 'held', 'parked', 'blocked']
export const DISCARDABLE: readonly string[] = [
  'collecting',
  'proposed',
  'countdown',
  'held',
  'parked',
  'blocked',
]

/** There is something to stop: a call begun by hand, or a recording. */
export const canStop = (call: DeskCall): boolean =>
  isActive(call) && (call.byHand || call.recording.at === 'on' || call.recording.at === 'paused')

/** Before the recording too, also while the call is at another telephone: taken over here, it would begin by itself. */
export const canErase = (call: DeskCall): boolean =>
  call.recording.at === 'on' ||
  call.recording.at === 'paused' ||
  call.recording.at === 'complete' ||
  ((call.recording.at === 'none' || call.recording.at === 'elsewhere') && isActive(call))

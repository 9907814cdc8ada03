import type { DraftDecision, DraftId } from '@3cx-ninja/protocol'
import type { Answer, Takes } from '../../ipc/channels.ts'
import type { FunctionName } from '../../ipc/functionNames.ts'
import type { DeskCall } from '../../ipc/deskSnapshot.ts'
import type { ViewName } from '../stores/screenStore.ts'
import type { PageParts } from './pageParts.ts'
import { cardOnScreen } from './cardOnScreen.ts'
import { isAlive } from './isAlive.ts'

type Wish = Takes<'wishCall'>['wish']

/** Everything buttons and keys do, once: so that a key never does something else than its button. */
export function createActions({ bridge, desk, screen, edits, notice }: PageParts) {
  const now = () => desk.getState().desk
  const shownCall = (): DeskCall | undefined => {
    const { calls, shown } = now() ?? { calls: [] }
    return calls.find(({ callId }) => callId === shown)
  }
  const card = () => {
    const snapshot = now()
    return snapshot && cardOnScreen(snapshot, screen.getState())
  }
  /** True when it was done; else the technician is told. */
  const isDone = (answer: Answer<FunctionName>): boolean => {
    if (!answer.ok) notice('bad', answer.error === 'disconnected' ? 'app.lost' : answer.message)
    return answer.ok
  }
  const wish = async (what: Wish) => {
    const call = shownCall()
    const answer = await bridge.wishCall({
      wish: what,
      ...(call && what !== 'start' ? { callId: call.callId } : {}),
    })
    if (!isDone(answer)) return
    if (what === 'mark') notice('good', 'call.marked')
    if (what === 'erase') notice('good', 'call.erased')
  }
  const decide = async (draftId: DraftId, choice: DraftDecision) => {
    await edits.flush(draftId)
    const answer = await bridge.decideDraft({ draftId, choice })
    if (isDone(answer) && answer.ok && answer.value.outcome !== 'sent') notice('bad', 'draft.away')
  }
  const onCard = (states: readonly string[], choice: DraftDecision) => {
    const draft = card()?.draft
    if (!draft || !states.includes(draft.state.at)) return false
    void decide(draft.draftId, choice)
    return true
  }

  return {
    go: (view: ViewName) => screen.setState({ view }),
    pane: (pane: 'talk' | 'ticket') => screen.setState({ pane }),
    choose: (draftId: DraftId) => screen.setState({ chosenDraft: draftId, view: 'call', pane: 'ticket' }),
    wish: (what: Wish) => void wish(what),
    pauseOrResume() {
      const call = shownCall()
      if (call?.recording.at === 'paused') void wish('resume')
      // Also while it is only beginning: what fails, fails paused.
      else if (call && isAlive(call)) void wish('pause')
    },
    mark() {
      if (shownCall()?.recording.at === 'on') void wish('mark')
    },
    askErase() {
      const call = shownCall()
      if (call && canErase(call)) screen.setState({ dialog: 'erase' })
    },
    startOrStop() {
      const call = shownCall()
      if (!call || !isAlive(call)) void wish('start')
      else if (canStop(call)) void wish('stop')
    },
    file: () => onCard(FILEABLE, { decision: 'file' }),
    hold: () => onCard(['countdown', 'proposed'], { decision: 'hold' }),
    undo: () => onCard(['filing'], { decision: 'undo' }),
    resume: () => onCard(['held', 'parked'], { decision: 'resume' }),
    askDiscard() {
      const at = card()?.draft.state.at
      if (at && DISCARDABLE.includes(at)) screen.setState({ dialog: 'discard' })
    },
    decide: (draftId: DraftId, choice: DraftDecision) => void decide(draftId, choice),
    closeDialog: () => screen.setState(({ dialog: _, ...rest }) => rest, true),
    isDone,
  }
}
export type Actions = ReturnType<typeof createActions>

export const FILEABLE: readonly string[] = ['proposed', 'countdown', 'held', 'parked', 'blocked']
export const DISCARDABLE: readonly string[] = [
  'growing',
  'proposed',
  'countdown',
  'held',
  'parked',
  'blocked',
]

/** There is something to stop: a call begun by hand, or a recording. */
export const canStop = (call: DeskCall): boolean =>
  isAlive(call) && (call.byHand || call.recording.at === 'on' || call.recording.at === 'paused')

/** Before the recording too: then it never begins. */
export const canErase = (call: DeskCall): boolean =>
  call.recording.at === 'on' ||
  call.recording.at === 'paused' ||
  call.recording.at === 'complete' ||
  (call.recording.at === 'none' && isAlive(call))

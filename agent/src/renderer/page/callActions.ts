import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import type { Input } from '../../ipc/channels.ts'
import type { DeskCall } from '../../ipc/deskSnapshot.ts'
import { createIsDone } from './decide.ts'
import type { PageParts } from './pageParts.ts'

type UserAction = Input<'actOnCall'>['action']
type CallParts = Pick<PageParts, 'bridge' | 'desk' | 'screen' | 'notice'>

/** Returns the user actions on the call that the window shows; each does nothing where that call does not allow it. */
export function createCallActions(parts: CallParts) {
  const send = (action: UserAction) => void actOnCall(parts, action)
  return {
    actOnCall: send,
    pauseOrResume() {
      const call = shownCall(parts)
      if (call?.recording.at === 'paused') send('resume')
      // A recording that only begins can be paused too: if it fails to begin, it fails paused.
      else if (call && isActive(call)) send('pause')
    },
    mark() {
      if (shownCall(parts)?.recording.at === 'on') send('mark')
    },
    takeBackJoin() {
      if (shownCall(parts)?.join) send('take-back-join')
    },
    askErase() {
      const call = shownCall(parts)
      if (call && canErase(call)) parts.screen.setState({ dialog: 'erase' })
    },
    startOrStop() {
      const call = shownCall(parts)
      if (!call || !isActive(call) || call.recording.at === 'elsewhere') send('start')
      else if (canStop(call)) send('stop')
    },
  }
}

/** Returns whether the call has something to stop: it was started manually, or its recording runs. */
export const canStop = (call: DeskCall): boolean =>
  isActive(call) && (call.byHand || call.recording.at === 'on' || call.recording.at === 'paused')

/**
 * Returns whether the call may still be kept from being recorded. That includes a call before its recording and one
 * on another phone: a transfer to this PC would start its recording automatically.
 */
export const canErase = (call: DeskCall): boolean =>
  call.recording.at === 'on' ||
  call.recording.at === 'paused' ||
  call.recording.at === 'complete' ||
  ((call.recording.at === 'none' || call.recording.at === 'elsewhere') && isActive(call))

function shownCall({ desk }: Pick<CallParts, 'desk'>): DeskCall | undefined {
  const { calls, shown } = desk.getState().desk ?? { calls: [] }
  return calls.find(({ callId }) => callId === shown)
}

async function actOnCall(parts: CallParts, action: UserAction): Promise<void> {
  const call = shownCall(parts)
  const answer = await parts.bridge.actOnCall({
    action,
    ...(call && action !== 'start' ? { callId: call.callId } : {}),
  })
  if (!createIsDone(parts)(answer)) return
  if (action === 'mark') parts.notice('good', 'call.marked')
  if (action === 'erase') parts.notice('good', 'call.erased')
}

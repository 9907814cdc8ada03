import type { DeskDraft, DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { Screen } from '../stores/screenStore.ts'
import { isActive } from '@3cx-ninja/protocol/callActivity.ts'

/**
 * The card the technician chose, else the one of the call at hand. Only between calls one that waits comes by itself:
 * Enter must never file yesterday's ticket because today's call has none yet.
 */
export function cardOnScreen(
  { calls, drafts, shown }: Pick<DeskSnapshot, 'calls' | 'drafts' | 'shown'>,
  { chosenDraft }: Pick<Screen, 'chosenDraft'>,
): DeskDraft | undefined {
  return (
    drafts.find(({ draft }) => draft.draftId === chosenDraft) ??
    drafts.find(({ callId }) => callId === shown) ??
    (calls.some(isActive) ? undefined : drafts[0])
  )
}

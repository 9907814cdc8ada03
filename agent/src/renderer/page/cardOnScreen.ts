import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import type { DeskDraft, DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { Screen } from '../stores/screenStore.ts'

/**
 * Returns the card that the technician chose, else the card of the shown call. Another draft comes in front by itself
 * only between calls: Enter must never file yesterday's ticket because today's call has no draft yet.
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

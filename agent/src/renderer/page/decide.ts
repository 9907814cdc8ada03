import type { DraftDecision, DraftId } from '@3cx-ninja/protocol'
import type { Answer } from '../../ipc/channels.ts'
import type { FunctionName } from '../../ipc/functionNames.ts'
import type { PageParts } from './pageParts.ts'

/** Returns a check of main's answer: true when main did it; otherwise a notice shows the failure. */
export function createIsDone({ notice }: Pick<PageParts, 'notice'>) {
  return (answer: Answer<FunctionName>): boolean => {
    if (!answer.ok) notice('bad', answer.error === 'disconnected' ? 'app.disconnected' : answer.message)
    return answer.ok
  }
}

/** Returns the sender of decisions: it sends the typed edits of the draft first and shows a notice unless the hub has the decision. */
export function createDecide({ bridge, edits, notice }: Pick<PageParts, 'bridge' | 'edits' | 'notice'>) {
  const isDone = createIsDone({ notice })
  return async (draftId: DraftId, choice: DraftDecision): Promise<void> => {
    await edits.flush(draftId)
    const answer = await bridge.decideDraft({ draftId, choice })
    if (!isDone(answer) || !answer.ok || answer.value.outcome === 'sent') return
    if (answer.value.outcome === 'kept') notice('good', 'draft.pendingChange.kept')
    else notice('bad', 'draft.away')
  }
}
export type Decide = ReturnType<typeof createDecide>

import type { AnalysisStage } from './analysis/analysis.ts'
import { fillDraft } from './draftContent.ts'
import type { DraftRecord } from './draftRecord.ts'
import type { DraftsState } from './draftsState.ts'
import { spokenIn } from './handOver.ts'
import { schedule } from './draftTimers.ts'
import type { NewWrite } from './outbox/rows.ts'
import type { WriteContext } from './writes.ts'

/** Stores the draft with its writes, sets its timer and wakes the outbox. Rejects when the store does. */
export async function saveDraft(
  state: DraftsState,
  record: DraftRecord,
  writes: readonly NewWrite[] = [],
): Promise<DraftRecord> {
  const stored = await state.cache.save(record, writes)
  schedule(state, stored)
  if (writes.length > 0) state.needs.outbox.wake()
  return stored
}

/** Resolves with the draft as the analysis fills it from everything that was said so far. */
export async function analyzed(
  state: DraftsState,
  record: DraftRecord,
  stage: AnalysisStage = 'over',
): Promise<DraftRecord> {
  const { needs } = state
  const utterances = await spokenIn(state, record)
  const analysis = await needs.analyse(record.call, utterances, stage)
  return fillDraft(record, analysis, needs.helpdesk.organizationForUnknown)
}

/** Returns everything that a write depends on besides its draft. */
export function writeContext({ needs }: Pick<DraftsState, 'needs'>): WriteContext {
  const { organizationForUnknown, capabilities } = needs.helpdesk
  return { texts: needs.texts(), organizationForUnknown, capabilities }
}

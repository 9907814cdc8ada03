import type { BoardCall } from '@3cx-ninja/protocol'
import { newFacts } from './draftContent.ts'
import type { DraftRecord } from './draftRecord.ts'
import type { DraftsState } from './draftsState.ts'
import { spokenIn } from './handOver.ts'
import { analyzed, saveDraft, writeContext } from './saveDraft.ts'
import { commentBodyOf, factsCommentOf, newWrite } from './writes.ts'

// Text and facts that come after a draft was offered: into the draft while it can change, else as a private comment on
// the ticket. A discarded draft gets neither.

/** Adds the complete transcript, which is there now, to a draft that was offered without it, once. Rejects when the store does. */
export async function addLateTranscript(state: DraftsState, record: DraftRecord): Promise<void> {
  const { draft, lifecycle, commented } = record
  if (commented || draft.transcript !== 'late') return
  if (lifecycle.state.at === 'discarded') return
  const complete = { ...record, draft: { ...draft, transcript: 'complete' as const } }
  if (!lifecycle.sent) return void (await saveDraft(state, await analyzed(state, complete)))
  const utterances = await spokenIn(state, complete)
  if (utterances.length === 0) return
  const comment = commentBodyOf(complete, utterances, writeContext(state))
  await saveDraft(state, { ...complete, commented: true }, [newWrite(complete, comment)])
}

/** Adds what a later report of the call knows: who called (from the PBX), or the true end (from the agent). Rejects when the store does. */
export async function addLateFacts(state: DraftsState, record: DraftRecord, call: BoardCall): Promise<void> {
  if (record.lifecycle.state.at === 'discarded') return
  const context = writeContext(state)
  const facts = newFacts(record.call, call, context.texts)
  const updated = { ...record, call }
  // A join that was taken back takes the caller out again. Rule C13.
  const isTakenBack = record.call.join !== undefined && call.join === undefined
  const isNew = facts.length > 0 || isTakenBack || call.presumedOverAtMs !== record.call.presumedOverAtMs
  if (!record.lifecycle.sent) {
    if (isNew) await saveDraft(state, await analyzed(state, updated))
    return
  }
  if (facts.length > 0)
    await saveDraft(state, updated, [newWrite(updated, factsCommentOf(updated, facts, context))])
}

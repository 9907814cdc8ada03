import type { BoardCall, CallId } from '@3cx-ninja/protocol'
import { hasNoRecording } from './draftContent.ts'
import { stepDraft, type DraftEvent } from './draftMachine.ts'
import { draftAsSent, type DraftRecord } from './draftRecord.ts'
import type { DraftsState, RequestOutcome } from './draftsState.ts'
import { forgetTranscribed, isTranscribed, spokenIn } from './handOver.ts'
import { retryUntilStored } from './draftTimers.ts'
import { addLateTranscript } from './lateText.ts'
import { analyzed, saveDraft, writeContext } from './saveDraft.ts'
import { writesOfDecision } from './writes.ts'

/**
 * Applies one event to the draft of this call, with a change of its record, and stores the outcome with the writes of a
 * decision. Resolves with a refusal where the lifecycle does not allow it. Rejects when the store does.
 */
export async function applyEvent(
  state: DraftsState,
  callId: CallId,
  event: DraftEvent,
  change: Partial<DraftRecord> = {},
): Promise<RequestOutcome> {
  const { needs, cache } = state
  const record = cache.of(callId)
  if (!record) return { ok: false, reason: 'unknown-draft' }
  const nowMs = needs.clock.nowMs()
  const outcome = stepDraft(record.lifecycle, event, nowMs, needs.rules)
  if (!outcome.ok) return { ok: false, reason: outcome.reason, draft: draftAsSent(record, nowMs) }
  if (outcome.lifecycle === record.lifecycle && Object.keys(change).length === 0) return { ok: true }
  const next = { ...record, ...change, lifecycle: outcome.lifecycle }
  const writes = outcome.send
    ? await writesOfDecision(next, writeContext(state), () => spokenIn(state, next))
    : []
  const isWhole = writes.length > 1 && next.draft.transcript === 'complete'
  await saveDraft(state, { ...next, commented: next.commented || isWhole }, writes)
  return { ok: true }
}

/** Proposes the draft of a call that is over: with its transcript, or without when the wait for it has ended. */
export async function offerDraft(state: DraftsState, callId: CallId): Promise<void> {
  const { needs, cache } = state
  const record = await cache.find(callId)
  const heir = record?.handedOverTo
  if (heir) return void retryUntilStored(state, 'draft.transcribed', heir, () => offerDraft(state, heir))
  if (!record || record.endedAtMs === null) return
  const isWhole = await isTranscribed(state, record)
  if (record.lifecycle.state.at !== 'collecting') {
    if (isWhole) await addLateTranscript(state, record)
    return isWhole ? forgetTranscribed(state, record) : undefined
  }
  const isNone = hasNoRecording(record.call)
  const isComplete = !isNone && isWhole
  if (!isComplete && !isNone && needs.clock.nowMs() < record.endedAtMs + needs.maxWaitMs) return
  const { draft } = await analyzed(state, record)
  const transcript = isComplete ? 'complete' : isNone ? 'none' : 'late'
  const seen = state.seen.has(draft.draftId)
  await applyEvent(state, callId, { kind: 'ready', seen }, { draft: { ...draft, transcript } })
  if (isComplete || isNone) await forgetTranscribed(state, record)
  for (const listener of state.proposedListeners)
    listener(Math.max(0, needs.clock.nowMs() - record.endedAtMs))
}

/** Returns an undecided draft to collecting when its call was presumed to be over and goes on; false: it was decided. */
export async function resumeDraft(
  state: DraftsState,
  record: DraftRecord,
  call: BoardCall,
): Promise<boolean> {
  const { lifecycle, draft } = record
  const outcome = stepDraft(lifecycle, { kind: 'resumed' }, state.needs.clock.nowMs(), state.needs.rules)
  if (!outcome.ok || outcome.lifecycle === lifecycle) return false
  const pending = { ...draft, transcript: 'pending' as const }
  const next = { ...record, call, draft: pending, lifecycle: outcome.lifecycle, endedAtMs: null }
  await saveDraft(state, await analyzed(state, next, 'live'))
  return true
}

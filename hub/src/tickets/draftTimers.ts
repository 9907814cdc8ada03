import type { AgentId, CallId } from '@3cx-ninja/protocol'
import { nextDraftTickMs } from './draftMachine.ts'
import type { DraftRecord } from './draftRecord.ts'
import type { DraftsState } from './draftsState.ts'
import { STORE_RETRY_MS } from './tuning.ts'

/**
 * Runs `act` serially per call, and a few per agent at once; logs a failure and retries every 5 s until it succeeds or the drafts
 * stop. Resolves after the first try; once the drafts have stopped, without a try. Never rejects.
 */
export async function retryUntilStored(
  state: DraftsState,
  event: string,
  callId: CallId,
  act: () => Promise<unknown>,
  agentId: AgentId | null = state.cache.of(callId)?.agentId ?? null,
): Promise<void> {
  const { needs, cache, retries, lanes } = state
  const inTurn = () => (state.isStopped ? undefined : cache.serially(callId, act))
  try {
    await lanes.run(agentId, inTurn)
  } catch (error) {
    needs.onFailure(event, error)
    // The database refuses a second draft of a call whose first one cannot be read: no retry can succeed.
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (state.isStopped || code.startsWith('SQLITE_CONSTRAINT')) return
    const cancel = needs.clock.after(STORE_RETRY_MS, () => {
      retries.delete(cancel)
      void retryUntilStored(state, event, callId, act, agentId)
    })
    retries.add(cancel)
  }
}

/** Returns whether the draft waits for the transcript of a call that is over. */
export function waitsForTranscript({ lifecycle, endedAtMs }: DraftRecord): boolean {
  return lifecycle.state.at === 'collecting' && endedAtMs !== null
}

/** Sets the one timer of a draft to the next time at which the clock changes it; replaces the earlier timer. */
export function schedule(state: DraftsState, record: DraftRecord): void {
  const { needs, cache, timers } = state
  const { draftId, callId } = record.draft
  timers.get(draftId)?.()
  timers.delete(draftId)
  const dueMs = waitsForTranscript(record)
    ? (record.endedAtMs ?? 0) + needs.maxWaitMs
    : nextDraftTickMs(record.lifecycle, needs.rules)
  if (dueMs === undefined || state.isStopped) return
  const act = async () => {
    timers.delete(draftId)
    await state.onDue(record)
    const now = cache.of(callId)
    if (now && !timers.has(draftId)) schedule(state, now) // the timer fired too early: the wall clock was set back
  }
  const delayMs = Math.max(0, dueMs - needs.clock.nowMs())
  timers.set(
    draftId,
    needs.clock.after(delayMs, () => void retryUntilStored(state, 'draft.tick', callId, act)),
  )
}

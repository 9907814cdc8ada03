import type { Recordings } from '../recordings/recordingFile.ts'
import { userError, type UserErrorCode } from '../process/userError.ts'
import type { CallShell } from './callShell.ts'
import type { CallStore } from './callStore.ts'
import { planRecovery } from './recoverCalls.ts'

/**
 * The recovery sweep at each start: completes or removes the recordings of the last run and restores its calls. Resolves once
 * all is done. Never rejects: a failure goes to `onUserError` and is retried at the next start.
 */
export async function applyRecovery(needs: {
  readonly recordings: Pick<Recordings, 'list' | 'remove' | 'sealUnfinished'>
  readonly store: Pick<CallStore, 'calls' | 'erasures' | 'report'>
  readonly calls: Pick<CallShell, 'restored'>
  readonly onUserError: (error: Error) => void
}): Promise<void> {
  const { recordings, store, calls } = needs
  const attempt = async (code: UserErrorCode, what: string, doing: () => Promise<void>) => {
    try {
      await doing()
    } catch (cause) {
      needs.onUserError(userError(code, `${what}: free some disk space, then restart the agent.`, { cause }))
    }
  }
  const plan = planRecovery({
    stored: store.calls(),
    erasures: store.erasures(),
    recordings: recordings.list(),
  })
  for (const recordingId of plan.remove)
    await attempt('not-erased', 'A recording could not be erased', () => recordings.remove(recordingId))
  for (const recordingId of plan.seal)
    await attempt('not-completed', 'A recording could not be completed', () =>
      recordings.sealUnfinished(recordingId),
    )
  for (const { call, lastSeenMs } of plan.restore) {
    if (!store.calls().some((each) => each.call.callId === call.callId))
      await attempt('not-saved', 'A call could not be noted', () => store.report(call))
    calls.restored(call, lastSeenMs)
  }
}

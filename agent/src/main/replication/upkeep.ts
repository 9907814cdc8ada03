import { DAY_MS, HOUR_MS, type Clock } from '@3cx-ninja/protocol'
import { userError, type UserErrorInfo, type UserErrorCode } from '../process/userError.ts'
import type { Recordings } from '../recordings/recordingFile.ts'

/**
 * Keeps what waits for the hub within quota and age: at start and every hour it removes what is above, and calls `onUserError`
 * with what was removed and what will be soon. `stop` resolves once no sweep is under way.
 */
export function startUpkeep(needs: {
  readonly recordings: Pick<Recordings, 'keepWithinLimits'>
  readonly clock: Clock
  readonly onUserError: (error: Error) => void
}): { stop(): Promise<void> } {
  let cancel: () => void = () => undefined
  let stopped = false
  const reportedAtMs = new Map<string, number>()

  /** Reports the same warning once a day. */
  const warn = (kind: UserErrorCode, message: string, facts: UserErrorInfo['facts'] = {}) => {
    const nowMs = needs.clock.monotonicMs()
    if (nowMs - (reportedAtMs.get(kind) ?? -DAY_MS) < DAY_MS) return
    reportedAtMs.set(kind, nowMs)
    needs.onUserError(userError(kind, message, { facts }))
  }
  const sweep = async () => {
    const { removed, warnings } = await needs.recordings.keepWithinLimits()
    if (removed.length > 0) {
      needs.onUserError(
        userError(
          'kept-too-long',
          `${removed.length} recording(s) that the hub never received were too old or too many and are removed: connect this PC to the hub.`,
          { facts: { count: removed.length } },
        ),
      )
    }
    for (const warning of warnings) {
      if (warning.kind === 'quota')
        warn(
          'space-nearly-used',
          'The space for recordings is nearly used up: connect this PC to the hub, or the oldest will go.',
        )
      else
        warn(
          'removed-soon',
          `${warning.recordings} recording(s) will be removed in ${warning.daysLeft} day(s): connect this PC to the hub.`,
          { count: warning.recordings, days: warning.daysLeft },
        )
    }
  }
  const run = (): Promise<void> =>
    sweep()
      .catch((cause: unknown) =>
        needs.onUserError(
          userError('not-checked', 'Old recordings cannot be checked: check the disk.', { cause }),
        ),
      )
      .finally(() => {
        if (!stopped)
          cancel = needs.clock.after(HOUR_MS, () => {
            running = run()
          })
      })
  let running = run()

  return {
    async stop() {
      stopped = true
      cancel()
      await running
    },
  }
}

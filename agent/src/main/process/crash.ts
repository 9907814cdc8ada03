import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import { causeOf } from './log.ts'

/** EX_SOFTWARE of sysexits.h: a service manager tells it from a wrong setting (1) and from a signal. */
export const CRASHED = 70
/** Closing a file takes milliseconds; a disk that hangs must not keep a broken agent alive. */
const CLOSE_MS = 3 * SECOND_MS

export interface CrashNeeds {
  readonly log: { fatal(fields: Readonly<Record<string, unknown>>, event: string): void }
  readonly clock: Pick<Clock, 'after'>
  /** Closes what records; may fail, and may never come back. */
  readonly close: () => Promise<unknown>
  /** Ends this process with that exit code. */
  readonly end: (code: number) => void
}

/**
 * What to do with an exception that nobody caught: nothing can be trusted any more, so the recording is closed and the
 * process ends, for its next start to go on with the next part. A second one while closing ends it at once.
 */
export function createCrash({ log, clock, close, end }: CrashNeeds): (error: unknown) => void {
  let crashes = 0
  return (error) => {
    log.fatal({ cause: causeOf(error) }, 'agent.crashed')
    crashes += 1
    if (crashes > 1) return end(CRASHED)
    let hasEnded = false
    const endOnce = () => {
      if (hasEnded) return
      hasEnded = true
      cancel()
      end(CRASHED)
    }
    const cancel = clock.after(CLOSE_MS, endOnce)
    close().then(endOnce, (failed: unknown) => {
      log.fatal({ cause: causeOf(failed) }, 'agent.not-closed')
      endOnce()
    })
  }
}

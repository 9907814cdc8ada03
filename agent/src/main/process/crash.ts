import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import { causeOf } from './log.ts'

/** EX_SOFTWARE of sysexits.h: a service manager distinguishes it from a wrong setting (1) and from a signal. */
export const CRASHED = 70
/** Closing a file takes milliseconds; a disk that hangs must not keep a broken agent alive. */
const CLOSE_MS = 3 * SECOND_MS

/** What ends a broken process: its log, its clock and its recordings. */
export interface CrashNeeds {
  readonly log: { fatal(fields: Readonly<Record<string, unknown>>, event: string): void }
  readonly clock: Pick<Clock, 'after'>
  /** Closes what records. May reject, and may never resolve. */
  readonly close: () => Promise<unknown>
  /** Ends this process with the exit code. */
  readonly end: (code: number) => void
}

/**
 * Returns the handler of uncaught exceptions: nothing can be trusted any more, so it closes the recording within 3 s and ends
 * the process; the next start resumes with the next part. A second exception while closing ends the process at once.
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

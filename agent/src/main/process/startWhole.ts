import { openWhole, type Closers } from '@3cx-ninja/node-kit/closers.ts'
import { causeOf, type Logger } from './log.ts'

/**
 * Starts several parts, all or none. Rejects with the failure of one part, after the others have been closed; a part that
 * fails to close is logged.
 */
export function startWhole<Whole>(log: Logger, start: (closers: Closers) => Promise<Whole>): Promise<Whole> {
  return openWhole(
    { failed: (what, error) => log.error({ what, cause: causeOf(error) }, 'stop.failed') },
    start,
  )
}

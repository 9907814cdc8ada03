import type { Clock } from '@3cx-ninja/protocol'

/**
 * Reports how far a reader is, in batches. The hub needs the position for its window, not for each frame: with many live
 * calls one message a frame would be most of a worker's traffic. Idle until a position is noted, then waiting until the
 * batch is full or its time is over, then idle again.
 */
export interface Acknowledger {
  /** Notes that the reader has read `records` more records, up to `position` (exclusive) of `part`. Sends when the batch is full. */
  note(part: number, position: number, records: number): void
  /** Cancels the timer; what was not sent stays unsent. */
  stop(): void
}

/** Creates an acknowledger that calls `send` after `maxRecords` records, or `afterMs` after the first one that was not sent. */
export function createAcknowledger(needs: {
  readonly clock: Pick<Clock, 'after'>
  readonly maxRecords: number
  readonly afterMs: number
  readonly send: (part: number, position: number) => void
}): Acknowledger {
  let unsent: { readonly part: number; readonly position: number; readonly records: number } | undefined
  let cancelTimer: (() => void) | undefined
  const send = () => {
    cancelTimer?.()
    cancelTimer = undefined
    if (unsent) needs.send(unsent.part, unsent.position)
    unsent = undefined
  }
  return {
    note(part, position, records) {
      unsent = { part, position, records: (unsent?.records ?? 0) + records }
      if (unsent.records >= needs.maxRecords) send()
      else cancelTimer ??= needs.clock.after(needs.afterMs, send)
    },
    stop: () => cancelTimer?.(),
  }
}

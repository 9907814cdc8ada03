import { createBudget } from '@3cx-ninja/node-kit/budget.ts'
import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'

/** Whether one socket is read. Several holders may stop the reading; it goes on once each of them has let go. */
export interface Reading {
  /** Stops reading the socket until the returned function is called; calling that twice is harmless. */
  hold(): () => void
}

/** Creates the reading of one open socket; `changed` is called when it stops and when it goes on. */
export function createReading(
  socket: { pause(): void; resume(): void },
  changed: (isRead: boolean) => void,
): Reading {
  let holders = 0
  return {
    hold() {
      holders += 1
      if (holders === 1) {
        socket.pause()
        changed(false)
      }
      let isHolding = true
      return () => {
        if (!isHolding) return
        isHolding = false
        holders -= 1
        if (holders > 0) return
        socket.resume()
        changed(true)
      }
    },
  }
}

/** Slows a link down that sends more bytes than its share: it is not read for a second, and loses nothing. */
export interface Pace {
  /** Counts what has come. */
  count(bytes: number): void
  /** Cancels the timer; the socket is closed. */
  stop(): void
}

/** Creates the pace of one link, which may send `atOnce` bytes, and `perSecond` in the long run. */
export function createPace(needs: {
  readonly reading: Reading
  readonly clock: Clock
  readonly perSecond: number
  readonly atOnce: number
}): Pace {
  const budget = createBudget(needs)
  let cancel: (() => void) | undefined
  return {
    count(bytes) {
      if (budget.take(bytes) || cancel) return
      const letGo = needs.reading.hold()
      cancel = needs.clock.after(SECOND_MS, () => {
        cancel = undefined
        letGo()
      })
    },
    stop: () => cancel?.(),
  }
}

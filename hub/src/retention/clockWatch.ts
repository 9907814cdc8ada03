import { DAY_MS, HOUR_MS, type Clock } from '@3cx-ninja/protocol'
import { firstTrust, instantOf, nextTrust, STEADY_MS, type ClockTrust } from './clockTrust.ts'

export interface ClockMarks {
  /** Wall time at which the clock was believed last, or else of the newest row; null: nothing is stored yet. */
  lastSureMs(): Promise<number | null>
  saveSure(wallClockMs: number): Promise<void>
}

export interface RetentionHealth {
  readonly state: 'ok' | 'degraded'
  readonly reason?: string
  readonly remedy?: string
}

export interface ClockWatch {
  /** The wall time to delete by; undefined: not now. Rejects when the database does: then it is not known. */
  believedMs(): Promise<number | undefined>
  health(): RetentionHealth
}

/** The mark is for the next start only: an hour more or less does not matter there. */
const MARK_EVERY_MS = HOUR_MS

/** Keeps retention from deleting by a clock that leapt ahead: what it deletes nobody brings back. */
export function createClockWatch({
  marks,
  clock,
  onEvent,
}: {
  marks: ClockMarks
  clock: Clock
  onEvent: (event: 'retention.waits' | 'retention.goes-on' | 'retention.failed', fields: object) => void
}): ClockWatch {
  let trust: ClockTrust | undefined
  let markedMs = -Infinity

  const mark = async ({ wallClockMs, monotonicMs }: ReturnType<typeof instantOf>) => {
    if (monotonicMs - markedMs < MARK_EVERY_MS) return
    try {
      await marks.saveSure(wallClockMs)
      markedMs = monotonicMs
    } catch (error) {
      // The disk is full, perhaps: all the more reason to go on and delete.
      onEvent('retention.failed', { error: String(error) })
    }
  }
  return {
    async believedMs() {
      const before = trust
      const last = before ? null : await marks.lastSureMs()
      const now = instantOf(clock)
      const next = before ? nextTrust(before, now) : firstTrust(last, now)
      trust = next
      if (next.at === 'doubted') {
        if (before?.at !== 'doubted') onEvent('retention.waits', wordsOf(next))
        return undefined
      }
      if (before?.at === 'doubted') onEvent('retention.goes-on', {})
      await mark({
        wallClockMs: Math.max(now.wallClockMs, next.sure.wallClockMs),
        monotonicMs: now.monotonicMs,
      })
      return now.wallClockMs
    },
    health() {
      const now = trust && nextTrust(trust, instantOf(clock))
      return now?.at === 'doubted' ? { state: 'degraded', ...wordsOf(now) } : { state: 'ok' }
    },
  }
}

function wordsOf({ aheadMs }: { readonly aheadMs: number }) {
  const steady = `${STEADY_MS / DAY_MS} days`
  return {
    reason: `the clock is ${(aheadMs / DAY_MS).toFixed(1)} days ahead of when the hub last believed it, or the hub was off for so long: nothing is deleted`,
    remedy: `Set the clock of this machine right. If it is right, do nothing: deleting goes on once it has been steady for ${steady}.`,
  }
}

import { DAY_MS, HOUR_MS, type Clock } from '@3cx-ninja/protocol'
import { firstTrust, instantOf, nextTrust, STEADY_MS, type ClockTrust } from './clockTrust.ts'

/** Durable memory of the last trusted wall time. */
export interface ClockMarks {
  /** Resolves with the wall time that was trusted last, or else of the newest row; null when nothing is stored yet. */
  lastTrustedMs(): Promise<number | null>
  /** Resolves once the mark is durable. Rejects when the database cannot write. */
  saveTrusted(wallClockMs: number): Promise<void>
}

export interface RetentionHealth {
  readonly state: 'ok' | 'degraded'
  readonly reason?: string
  readonly remedy?: string
}

export interface ClockWatch {
  /** Resolves with the wall time to delete by; undefined while the clock is suspect. Rejects when the marks cannot be read. */
  trustedNowMs(): Promise<number | undefined>
  health(): RetentionHealth
}

/** The mark is for the next start only: an hour more or less does not matter there. */
const MARK_EVERY_MS = HOUR_MS

/** Creates the watch that suspends deletion after a forward clock jump: a deletion by a wrong time cannot be undone. */
export function createClockWatch({
  marks,
  clock,
  log,
}: {
  marks: ClockMarks
  clock: Clock
  log: (event: 'retention.suspended' | 'retention.resumed' | 'retention.failed', fields: object) => void
}): ClockWatch {
  let trust: ClockTrust | undefined
  let markedMs = -Infinity

  const mark = async ({ wallClockMs, monotonicMs }: ReturnType<typeof instantOf>) => {
    if (monotonicMs - markedMs < MARK_EVERY_MS) return
    try {
      await marks.saveTrusted(wallClockMs)
      markedMs = monotonicMs
    } catch (error) {
      // The disk may be full: all the more reason to go on and delete.
      log('retention.failed', { error: String(error) })
    }
  }
  return {
    async trustedNowMs() {
      const previous = trust
      const last = previous ? null : await marks.lastTrustedMs()
      const now = instantOf(clock)
      const next = previous ? nextTrust(previous, now) : firstTrust(last, now)
      trust = next
      if (next.at === 'suspect') {
        if (previous?.at !== 'suspect') log('retention.suspended', textsOf(next))
        return undefined
      }
      if (previous?.at === 'suspect') log('retention.resumed', {})
      await mark({
        wallClockMs: Math.max(now.wallClockMs, next.lastTrusted.wallClockMs),
        monotonicMs: now.monotonicMs,
      })
      return now.wallClockMs
    },
    health() {
      const now = trust && nextTrust(trust, instantOf(clock))
      return now?.at === 'suspect' ? { state: 'degraded', ...textsOf(now) } : { state: 'ok' }
    },
  }
}

function textsOf({ aheadMs }: { readonly aheadMs: number }) {
  const steady = `${STEADY_MS / DAY_MS} days`
  return {
    reason: `the clock is ${(aheadMs / DAY_MS).toFixed(1)} days ahead of when the hub last trusted it, or the hub was off for that long: nothing is deleted`,
    remedy: `Set the clock of this machine right. If it is right, do nothing: deletion resumes once the clock has been steady for ${steady}.`,
  }
}

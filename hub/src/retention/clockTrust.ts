import { DAY_MS, HOUR_MS, type Clock } from '@3cx-ninja/protocol'

/** Both clocks at one moment: the wall clock may leap, the monotonic one measures how much time truly passed. */
export interface Instant {
  readonly wallClockMs: number
  readonly monotonicMs: number
}

/**
 * Whether the wall clock is trusted. Trusted: left when the clock is more than `slackMs` ahead of `lastTrusted`. Suspect: left
 * when the clock is back, or has been steady for three days. `lastTrusted`: the latest trusted wall time, and when. It is not
 * lowered when the wall clock is: a machine that starts in 1970 and asks for the time a minute later leaps to where it was.
 */
export type ClockTrust =
  /** `slackMs`: the clock may be this far ahead of `lastTrusted`. */
  | { readonly at: 'trusted'; readonly lastTrusted: Instant; readonly slackMs: number }
  | {
      readonly at: 'suspect'
      readonly lastTrusted: Instant
      readonly slackMs: number
      readonly seen: Instant
      /** Since when the clock has been steady, monotonic. */
      readonly sinceMs: number
      /** How far the clock is ahead of the trusted time. */
      readonly aheadMs: number
    }

/** More than a wrong time zone or a laptop's nap, far less than a retention time. */
const LEAP_MS = 6 * HOUR_MS
/** A hub may be off for a week and sweep at once; after a longer time, or with a wrong clock, it waits. */
const OFF_MS = 7 * DAY_MS
/** Longer than a weekend: an administrator sees the warning and sets the clock right. If it is right, deletion is three days late. */
export const STEADY_MS = 3 * DAY_MS

/** Returns both clocks at this moment. */
export const instantOf = (clock: Pick<Clock, 'nowMs' | 'monotonicMs'>): Instant => ({
  wallClockMs: clock.nowMs(),
  monotonicMs: clock.monotonicMs(),
})

/**
 * Returns the trust at a start. `lastTrustedMs`: the wall time that was trusted last, or else of the newest stored row; null:
 * nothing is stored.
 */
export function firstTrust(lastTrustedMs: number | null, now: Instant): ClockTrust {
  if (lastTrustedMs === null) return trustedFrom(now)
  const lastTrusted = { wallClockMs: lastTrustedMs, monotonicMs: now.monotonicMs }
  return compare(lastTrusted, OFF_MS, now.monotonicMs, now)
}

/** Returns the trust at a later moment: a clock that leapt ahead is suspect until it is back, or has been steady for three days. */
export function nextTrust(trust: ClockTrust, now: Instant): ClockTrust {
  if (trust.at === 'trusted') return compare(trust.lastTrusted, trust.slackMs, now.monotonicMs, now)
  const leaptAgain = Math.abs(aheadOf(trust.seen, now)) > LEAP_MS
  const sinceMs = leaptAgain ? now.monotonicMs : trust.sinceMs
  if (now.monotonicMs - sinceMs >= STEADY_MS) return trustedFrom(now)
  return compare(trust.lastTrusted, trust.slackMs, sinceMs, now)
}

function compare(lastTrusted: Instant, slackMs: number, sinceMs: number, now: Instant): ClockTrust {
  const aheadMs = aheadOf(lastTrusted, now)
  if (aheadMs > slackMs) return { at: 'suspect', lastTrusted, slackMs, seen: now, sinceMs, aheadMs }
  return aheadMs > 0 ? trustedFrom(now) : { at: 'trusted', lastTrusted, slackMs }
}

function trustedFrom(now: Instant): ClockTrust {
  return { at: 'trusted', lastTrusted: now, slackMs: LEAP_MS }
}

function aheadOf(earlier: Instant, now: Instant): number {
  return now.wallClockMs - earlier.wallClockMs - (now.monotonicMs - earlier.monotonicMs)
}

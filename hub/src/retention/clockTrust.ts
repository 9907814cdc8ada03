import { DAY_MS, HOUR_MS, type Clock } from '@3cx-ninja/protocol'

/** Both clocks at one moment: the wall clock may leap, the monotonic one tells how much time truly passed. */
export interface Instant {
  readonly wallClockMs: number
  readonly monotonicMs: number
}

/**
 * Whether the wall clock is believed. `sure`: the latest wall time believed so far, and when. It is not taken back when the
 * wall clock is: a machine that starts in 1970 and asks for the time a minute later leaps to where it was before.
 */
export type ClockTrust =
  /** `slackMs`: so far ahead of `sure` it may be. */
  | { readonly at: 'trusted'; readonly sure: Instant; readonly slackMs: number }
  | {
      readonly at: 'doubted'
      readonly sure: Instant
      readonly slackMs: number
      readonly seen: Instant
      /** Monotonic: since then it has been steady. */
      readonly sinceMs: number
      /** So much it is ahead of what is believed. */
      readonly aheadMs: number
    }

/** More than a wrong time zone or a laptop's nap, far less than a retention time. */
const LEAP_MS = 6 * HOUR_MS
/** A hub may be off for a week and sweep at once; after a longer time, or a wrong clock, it waits. */
const OFF_MS = 7 * DAY_MS
/** Longer than a weekend: somebody sees it and sets the clock right. If it is right, things are deleted three days late. */
export const STEADY_MS = 3 * DAY_MS

export const instantOf = (clock: Pick<Clock, 'nowMs' | 'monotonicMs'>): Instant => ({
  wallClockMs: clock.nowMs(),
  monotonicMs: clock.monotonicMs(),
})

/** At a start. `lastSureMs`: the wall time that was believed last, or else of the newest stored row; null: nothing is stored. */
export function firstTrust(lastSureMs: number | null, now: Instant): ClockTrust {
  if (lastSureMs === null) return trustedFrom(now)
  return judge({ wallClockMs: lastSureMs, monotonicMs: now.monotonicMs }, OFF_MS, now.monotonicMs, now)
}

/** Later: a clock that leapt ahead is doubted until it is back, or has been steady for three days. */
export function nextTrust(trust: ClockTrust, now: Instant): ClockTrust {
  if (trust.at === 'trusted') return judge(trust.sure, trust.slackMs, now.monotonicMs, now)
  const leaptAgain = Math.abs(aheadOf(trust.seen, now)) > LEAP_MS
  const sinceMs = leaptAgain ? now.monotonicMs : trust.sinceMs
  if (now.monotonicMs - sinceMs >= STEADY_MS) return trustedFrom(now)
  return judge(trust.sure, trust.slackMs, sinceMs, now)
}

function judge(sure: Instant, slackMs: number, sinceMs: number, now: Instant): ClockTrust {
  const aheadMs = aheadOf(sure, now)
  if (aheadMs > slackMs) return { at: 'doubted', sure, slackMs, seen: now, sinceMs, aheadMs }
  return aheadMs > 0 ? trustedFrom(now) : { at: 'trusted', sure, slackMs }
}

function trustedFrom(now: Instant): ClockTrust {
  return { at: 'trusted', sure: now, slackMs: LEAP_MS }
}

function aheadOf(before: Instant, now: Instant): number {
  return now.wallClockMs - before.wallClockMs - (now.monotonicMs - before.monotonicMs)
}

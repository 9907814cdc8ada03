import { HOUR_MS, type Clock } from '@3cx-ninja/protocol'

/** Reports that show a difference only together: one may have waited anywhere. */
const FEWEST_REPORTS = 5
const MOST_REPORTS = 20
const OLDEST_MS = HOUR_MS
/** A smaller difference of reports is the way they took; one of the header is its whole seconds. */
const SMALLEST_BY_REPORTS_MS = 15_000
const SMALLEST_BY_HEADER_MS = 2_000

/** How the PBX's clock differs from the hub's, and how that is known. */
export interface PbxClockState {
  readonly at: 'unknown' | 'reports' | 'header'
  /** Positive: the PBX's clock is ahead. 0 where the difference is too small to count, or unknown. */
  readonly aheadMs: number
}

/** The PBX's clock as seen from the hub. */
export interface PbxClock {
  state(): PbxClockState
  /** A report arrived now about a call that ended at this time of the PBX. */
  reported(endedAtMs: number): void
  /** The PBX answered now and dated its answer so (HTTP `Date`). */
  dated(dateMs: number): void
}

/**
 * Creates the watch of the PBX's clock. The header of Call Control decides where there is one; else the smallest time between
 * the end of a call and the arrival of its report, of the last 20 reports of an hour, from five reports on. Rule C12.
 */
export function createPbxClock(clock: Clock): PbxClock {
  let reports: { readonly atMs: number; readonly behindMs: number }[] = []
  let header: { readonly atMs: number; readonly aheadMs: number } | undefined
  return {
    state() {
      const sinceMs = clock.monotonicMs() - OLDEST_MS
      if (header && header.atMs >= sinceMs)
        return { at: 'header', aheadMs: atLeast(header.aheadMs, SMALLEST_BY_HEADER_MS) }
      reports = reports.filter(({ atMs }) => atMs >= sinceMs)
      if (reports.length < FEWEST_REPORTS) return { at: 'unknown', aheadMs: 0 }
      const behindMs = Math.min(...reports.map((report) => report.behindMs))
      return { at: 'reports', aheadMs: atLeast(-behindMs, SMALLEST_BY_REPORTS_MS) }
    },
    reported(endedAtMs) {
      reports.push({ atMs: clock.monotonicMs(), behindMs: clock.nowMs() - endedAtMs })
      if (reports.length > MOST_REPORTS) reports.shift()
    },
    dated(dateMs) {
      header = { atMs: clock.monotonicMs(), aheadMs: dateMs - clock.nowMs() }
    },
  }
}

const atLeast = (ms: number, smallestMs: number) => (Math.abs(ms) < smallestMs ? 0 : ms)

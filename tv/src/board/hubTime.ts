/** The hub's clock at a moment of this page's monotonic clock: the clock of a television is often wrong. */
export interface HubTime {
  readonly hubMs: number
  readonly atMs: number
}

/** Returns the hub's time now, or this page's `nowMs` until the hub has sent its own. */
export function hubNowMs(time: HubTime | null, now: { monotonicMs: number; nowMs: number }): number {
  return time === null ? now.nowMs : time.hubMs + (now.monotonicMs - time.atMs)
}

/** What the hub's clock showed at a moment of our own monotonic one: a television's own clock is often wrong. */
export interface HubTime {
  readonly hubMs: number
  readonly atMs: number
}

/** The hub's time now, `monotonicMs` by our clock; our `nowMs` until the hub told its own. */
export function hubNowMs(time: HubTime | null, now: { monotonicMs: number; nowMs: number }): number {
  return time === null ? now.nowMs : time.hubMs + (now.monotonicMs - time.atMs)
}

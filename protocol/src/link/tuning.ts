import type { BackoffTuning } from './backoff.ts'

/** All durations of a link, with their reasons. */
export interface LinkTuning {
  readonly openMs: number
  readonly helloMs: number
  readonly heartbeatMs: number
  readonly silenceFactor: number
  readonly resumeMs: number
  readonly steadyMs: number
  readonly reconnect: BackoffTuning
  readonly unsharedMs: number
  readonly replaced: BackoffTuning
}

/** The durations of every link outside tests; hub and client use the same. */
export const linkTuning: LinkTuning = {
  /** A company network answers in milliseconds; a sleeping laptop's Wi-Fi takes seconds. */
  openMs: 10_000,
  /** Either side waits this long for hello or welcome: a peer that is up answers within a round trip. */
  helloMs: 5_000,
  /** Short enough that a dead peer is noticed within a sentence; one small message each way. */
  heartbeatMs: 5_000,
  /** A peer that is silent for this many heartbeats is gone. */
  silenceFactor: 3,
  /** After sleep or a change of network a living peer answers within a Wi-Fi's reconnect. */
  resumeMs: 3_000,
  /** A link that lasted this long starts its next reconnect from the first delay again. */
  steadyMs: 10_000,
  /** The first retry fits a hub restart (about a second); the ceiling keeps a thousand agents gentle. */
  reconnect: { firstMs: 300, maxMs: 10_000, factor: 2 },
  /** A link that was not replaced for this long no longer shares its token: twice the longest delay below, with its jitter. */
  unsharedMs: 15 * 60_000,
  /** Two programs with one token: each should get some calls through, and neither should storm the hub. */
  replaced: { firstMs: 5_000, maxMs: 300_000, factor: 2 },
}

import { MINUTE_MS, SECOND_MS, MAX_RECORDS_PER_FRAME } from '@3cx-ninja/protocol'

/** All limits and durations of replication, with their reasons. */
export const replicationTuning = {
  /** What may wait in the socket: a second of catching up on a slow link, and a live frame never waits for more. */
  maxBufferedBytes: 262_144,
  /** A full socket is polled after this; it empties in milliseconds on a company network. */
  pollMs: 20,
  maxRecordsPerFrame: MAX_RECORDS_PER_FRAME,
  /** Records read from disk at once when catching up: a part is read from its head each time, so in large pieces. */
  readRecords: 2_048,
  /** A full disk on the hub is cleared by a person. */
  diskFullMs: 30 * SECOND_MS,
  /** A record that arrived broken may arrive whole; a broken disk stays so. */
  brokenMs: 5 * SECOND_MS,
  /** Other refusals are tried again now and then, because a person may have changed something on the hub. */
  refusedMs: 10 * MINUTE_MS,
}
export type ReplicationTuning = typeof replicationTuning

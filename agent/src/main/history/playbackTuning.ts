import {
  DAY_MS,
  HOUR_MS,
  MAX_RECORDS_PER_ANSWER,
  MINUTE_MS,
  SAMPLE_RATE_HZ,
  SECOND_MS,
} from '@3cx-ninja/protocol'

/** All durations and sizes of hearing what only the hub still has, with their reasons. */
export const playbackTuning = {
  /** A technician goes back to the calls of the day; longer than that the hub is asked anew. */
  maxAgeMs: DAY_MS,
  /** About 17 hours of Opus, one of PCM. */
  maxBytes: 256 * 1_048_576,
  sweepEveryMs: HOUR_MS,
  /** Records that one request of the copy asks for: few requests, and each can go on where one was cut. */
  fillRecords: MAX_RECORDS_PER_ANSWER,
  /** Records asked for at a place that the copy has not reached: ten seconds, so that a jump costs little. */
  jumpRecords: 200,
  /** A place that the copy reaches in so much sound is waited for: on a slow line of 10 Mbit/s that is a tenth of a second. */
  soonSamples: 30 * SAMPLE_RATE_HZ,
  soonRecords: 30 * 20,
  /** What the hub told of a recording holds so long for a player that asks for stretch after stretch. */
  recentMs: 10 * MINUTE_MS,
  /** Recordings looked at that are remembered: nobody listens to so many at once. */
  openCopies: 20,
  /**
   * The hub went away in the middle: tried again so often, after a delay that doubles; 3.5 s in all, because the player
   * tries some times itself, and somebody sits before it.
   */
  tries: 3,
  againMs: 500,
  /** Progress is told this often at most. */
  progressMs: SECOND_MS / 4,
}
export type PlaybackTuning = typeof playbackTuning

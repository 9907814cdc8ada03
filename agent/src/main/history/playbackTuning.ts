import {
  DAY_MS,
  HOUR_MS,
  MAX_RECORDS_PER_ANSWER,
  MINUTE_MS,
  SAMPLE_RATE_HZ,
  SECOND_MS,
} from '@3cx-ninja/protocol'

/** All durations and sizes of playing recordings that only the hub still has, with their reasons. */
export const playbackTuning = {
  /** A technician returns to the calls of the day; after that the hub is asked again. */
  maxAgeMs: DAY_MS,
  /** About 17 hours of Opus, one of PCM. */
  maxBytes: 256 * 1_048_576,
  sweepEveryMs: HOUR_MS,
  /** Records per request of the copy: few requests, and each continues where one was cut. */
  fillRecords: MAX_RECORDS_PER_ANSWER,
  /** Records per request where the copy has not come yet: ten seconds, so that a jump costs little. */
  jumpRecords: 200,
  /** The player waits for the copy when this much audio is missing: a tenth of a second on a slow link of 10 Mbit/s. */
  soonSamples: 30 * SAMPLE_RATE_HZ,
  soonRecords: 30 * 20,
  /** A player that asks for stretch after stretch may rely on the hub's description for this long. */
  recentMs: 10 * MINUTE_MS,
  /** Recordings that stay open at once: nobody listens to so many. */
  openCopies: 20,
  /**
   * Attempts after the hub went away in the middle, each after twice the delay: 3.5 s in all, because the player retries a few
   * times itself and a person waits for it.
   */
  tries: 3,
  againMs: 500,
  /** Time between two progress reports. */
  progressMs: SECOND_MS / 4,
}
export type PlaybackTuning = typeof playbackTuning

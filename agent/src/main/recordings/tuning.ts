import { DAY_MS } from '@3cx-ninja/protocol'

/** All durations and sizes of the recordings on this PC, with their reasons. */
export const recordingTuning = {
  /** A power cut costs at most this much sound; a killed process costs none. */
  flushMs: 1_000,
  /**
   * Parts begun within this before a start are flushed by writing them again: after a refused flush the system's page cache
   * may be clean though the disk has nothing. Older parts are not: weeks without a hub are gigabytes.
   */
  suspectMs: DAY_MS,
  /** Kept in memory while the disk refuses: 17 minutes of PCM, four hours of Opus; the call is not disturbed. */
  maxWaitingBytes: 67_108_864,
  /** Below this much free space the technician is warned, */
  warnFreeBytes: 1_073_741_824,
  /** and below this no new recording is begun: the system itself needs some. */
  minFreeBytes: 67_108_864,
  /** What may wait for a hub out of reach: about 270 hours of Opus, 17 of PCM. */
  quotaBytes: 4 * 1_073_741_824,
  warnShare: 0.8,
  /** As long as the hub keeps recordings by default. */
  maxAgeMs: 30 * DAY_MS,
  warnAgeMs: 7 * DAY_MS,
}

import { SAMPLE_RATE_HZ, SECOND_MS } from '@3cx-ninja/protocol'

/** All durations and limits of the hidden page that records by Chromium, with their reasons. */
export const chromiumTuning = {
  /** An opening that failed is repeated after these, then after the last one. */
  retryMs: [SECOND_MS / 2, SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS],
  /** A device may be slow to open (Bluetooth), but not slower than this. */
  openingMs: 10 * SECOND_MS,
  /** Blocks come every 100 ms, whatever happens to the page: after this the device or its driver hangs. */
  stallMs: 2 * SECOND_MS,
  /** Missing frames are replaced by silence up to this many; a larger jump starts a new segment. */
  maxSkipSamples: SAMPLE_RATE_HZ,
  /** A page that crashed is loaded again after this. */
  reloadMs: SECOND_MS,
  /** A list of the microphones may have to load the page first. */
  listMs: 10 * SECOND_MS,
} as const

/** All durations and limits of the native helper that records the caller, with their reasons. */
export const helperTuning = {
  /** A helper that ended is started again after these, then after the last one. */
  restartMs: [SECOND_MS / 2, SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS],
  /** Failures in a row without any audio before the next target is tried. */
  maxFailures: 3,
  /** The helper sends a frame at least every 300 ms: after this it hangs. */
  stallMs: 2 * SECOND_MS,
  /** A virus scanner may examine the helper first. */
  beginMs: 10 * SECOND_MS,
  /** The helper ends within a second of its standard input's end; after this it is killed. */
  stopMs: 2 * SECOND_MS,
} as const

/** All durations of the watch over a PulseAudio server, with their reasons. */
export const pulseTuning = {
  /** A sound server that does not answer is asked again after these, then after the last one. */
  retryMs: [SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS],
  /** Until its first line nothing shows whether `pactl subscribe` listens yet: the lists are read again after this. */
  subscribingMs: 100,
  /** Moving a volume slider makes some fifty events a second: the lists are read at most this often, the first time at once. */
  spacingMs: 100,
} as const

/** All durations, sizes and thresholds of the worker, with their reasons. Sound is counted in samples at 16 kHz. */
export const workerTuning = {
  /** Silero's window: 32 ms. */
  frameSamples: 512,
  /** Speech above this probability opens an utterance, below the lower one it counts as silence (Silero's own pair). */
  speechFrom: 0.5,
  silenceBelow: 0.35,
  /** An utterance opens after 4 frames (128 ms) of speech: shorter is a click. */
  openFrames: 4,
  /** … and closes after 19 frames (608 ms) of silence: a breath is shorter, a turn longer. */
  closeFrames: 19,
  /** Sound kept before the first frame of speech, since a detector is late for soft onsets; and behind the last one. */
  leadFrames: 14,
  trailFrames: 9,
  /** Longer speech is cut where it is quietest, within this much before the limit. */
  forceCutSearchMs: 4_000,
  /** The quietest stretch that a forced cut looks for: 192 ms. */
  quietFrames: 6,
  /** Quieter than this (RMS of 16 bit samples, -54 dBFS) is no speech, whatever the detector says: hum and line noise. */
  quietRms: 65,

  /** A partial of an open utterance at most this often: what a reader's eye follows. */
  partialEveryMs: 500,
  /** The first partial needs this much sound: fewer give invented words. */
  partialFromMs: 700,

  /** A decode may take this long, plus `deadlinePerSoundSecond` for each second of sound, before its process is killed. */
  deadlineMs: 10_000,
  deadlinePerSoundSecondMs: 4_000,
  /** The engine's start: loading a large model from a cold disk onto a GPU. */
  engineStartMs: 120_000,
  engineLookMs: 50,
  /** Ports tried for one engine: another program may take one between our look and the engine's bind. */
  portTries: 5,
  /** An engine on another machine may be away this long (a restart, a network cut) before its calls go elsewhere. */
  engineAwayMs: 60_000,
  engineAgain: { firstMs: 250, maxMs: 5_000, factor: 2 },
  /** A piece that breaks the engine this often is given up and marked as not understood. */
  triesPerPiece: 3,
  /** Finals waiting in one channel above which no further sound is taken in. */
  maxWaitingFinals: 4,

  /** What was taken in is told after so many records (1.2 s of both channels of a live call, each frame when catching up) … */
  takenRecords: 24,
  /** … or this late, so that the hub knows of a quiet recording that nothing waits. */
  takenMs: 2_000,

  /** Renewals per lease duration, at least three by rule W3: one may be lost on the way. Each second, at the hub's usual 4 s. */
  renewalsPerLease: 4,
}
export type WorkerTuning = typeof workerTuning

export const SAMPLES_PER_MS = 16

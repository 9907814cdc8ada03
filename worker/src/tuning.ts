/** All durations, sizes and thresholds of the worker, with their reasons. Audio is counted in samples at 16 kHz. */
export const workerTuning = {
  /** Silero's window: 32 ms. */
  frameSamples: 512,
  /** A probability above this one opens an utterance, one below the lower value counts as silence (Silero's own pair). */
  speechFrom: 0.5,
  silenceBelow: 0.35,
  /** An utterance opens after 4 frames (128 ms) of speech: a shorter burst is a click. */
  openFrames: 4,
  /** … and closes after 19 frames (608 ms) of silence: a breath is shorter, a turn longer. */
  closeFrames: 19,
  /** Audio kept before the first frame of speech, since a detector is late for soft onsets; and after the last one. */
  leadFrames: 14,
  trailFrames: 9,
  /** Longer speech is cut where it is quietest, within this much before the limit. */
  forceCutSearchMs: 4_000,
  /** The length of the quietest stretch at which longer speech is cut: 192 ms. */
  quietFrames: 6,
  /** Audio quieter than this (RMS of 16 bit samples, -54 dBFS) is no speech, whatever the detector reports: hum and line noise. */
  quietRms: 65,

  /** An open utterance gets a partial at most this often: a reader's eye follows no faster. */
  partialEveryMs: 500,
  /** The first partial needs this much audio: from less, a model invents words. */
  partialFromMs: 700,

  /** A decode may last this long, plus `deadlinePerSoundSecondMs` for each second of audio, before its process is killed. */
  deadlineMs: 10_000,
  deadlinePerSoundSecondMs: 4_000,
  /** The limit for the engine's start: it loads a large model from a cold disk onto a GPU. */
  engineStartMs: 120_000,
  enginePollMs: 50,
  /** Ports tried for one engine: another program may bind one between the worker's check and the engine's bind. */
  portTries: 5,
  /** An engine on another machine may be away this long (a restart, a network cut) before its calls go elsewhere. */
  engineAwayMs: 60_000,
  engineRetry: { firstMs: 250, maxMs: 5_000, factor: 2 },
  /** A piece that breaks the engine this often is given up and marked as not understood. */
  triesPerPiece: 3,
  /** Finals that may wait in one channel; above this number the reader reads no further audio. */
  maxWaitingFinals: 4,

  /** Positions are acknowledged after so many records (1.2 s of both channels of a live call, each frame when catching up) … */
  acknowledgeRecords: 24,
  /** … or this late, so that the hub learns of a quiet recording that no record of it waits. */
  acknowledgeAfterMs: 2_000,

  /** Renewals per lease duration, at least three by rule W3: one may be lost on the way. Each second, at the hub's usual 4 s. */
  renewalsPerLease: 4,
  /** A hub that is away during enrollment is asked again after these pauses: soon, since a person waits; at most 15 s apart. */
  enrollRetry: { firstMs: 500, maxMs: 15_000, factor: 2 },

  /** A partial is decoded again every half second, so a live call costs about this many times its audio. */
  decodesPerLiveSecond: 5,
  /** A machine that works at this share of its measured speed keeps up. */
  usableSpeedShare: 0.7,
  /** The slots derived from the measured speed are at most this many; `--slots` may set more. */
  maxMeasuredSlots: 200,
}
export type WorkerTuning = typeof workerTuning

export const SAMPLES_PER_MS = 16

// Numbers of the parts by which the bench measures them. It starts built parts and imports none, so they are written a second
// time here; worker/test/benchTuning.test.ts and hub/test/recordings/benchTuning.test.ts compare them.

/** Of worker/src/tuning.ts. */
export const WORKER = {
  samplesPerMs: 16,
  frameSamples: 512,
  leadFrames: 14,
  trailFrames: 9,
  acknowledgeRecords: 24,
}

/** Of hub/src/recordings/tuning.ts. */
export const HUB = { flushEveryMs: 20 }

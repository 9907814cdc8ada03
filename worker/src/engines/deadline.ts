import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import type { WorkerTuning } from '../tuning.ts'

/** The two durations of the worker's tuning that limit how long one decode may last. */
export type DeadlineTuning = Pick<WorkerTuning, 'deadlineMs' | 'deadlinePerSoundSecondMs'>

/** Returns how long a decoder may take for a piece, in whole ms (a timer accepts nothing else). */
export const deadlineMsFor = (samples: Int16Array, tuning: DeadlineTuning) =>
  Math.ceil(tuning.deadlineMs + (samples.length / SAMPLE_RATE_HZ) * tuning.deadlinePerSoundSecondMs)

import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import type { WorkerTuning } from '../tuning.ts'

export type DeadlineTuning = Pick<WorkerTuning, 'deadlineMs' | 'deadlinePerSoundSecondMs'>

/** How long a decoder may take for a piece, whole ms (a timer takes no other). */
export const deadlineMsFor = (samples: Int16Array, tuning: DeadlineTuning) =>
  Math.ceil(tuning.deadlineMs + (samples.length / SAMPLE_RATE_HZ) * tuning.deadlinePerSoundSecondMs)

import { expect, test } from 'vitest'
import { WORKER } from '../../scripts/bench/partTuning.ts'
import { SAMPLES_PER_MS, workerTuning } from '../src/tuning.ts'

test('the bench measures utterances and acknowledgments by the numbers of the worker', () => {
  const { samplesPerMs, ...tuning } = WORKER
  expect(samplesPerMs).toBe(SAMPLES_PER_MS)
  expect(workerTuning).toMatchObject(tuning)
})

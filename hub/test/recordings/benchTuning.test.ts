import { expect, test } from 'vitest'
import { HUB } from '../../../scripts/bench/partTuning.ts'
import { recordingsTuning } from '../../src/recordings/tuning.ts'

test('the bench relays frames at the pace at which the hub flushes', () => {
  expect(recordingsTuning).toMatchObject(HUB)
})

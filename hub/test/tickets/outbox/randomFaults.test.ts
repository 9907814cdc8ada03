import { randomInt } from 'node:crypto'
import { describe, it } from 'vitest'
import { runRandomFaults } from '../../../testing/randomFaults.ts'

// Each seed: several calls, faults at any request, kills at any step, full disks. A seed that once failed stays here
// (1884631398: killed while starting, and a call reported late parks the draft of another;
// 1680982192: the sign-in dies between a ticket and its comment).
const KNOWN_SEEDS = [1, 2, 3, 5, 8, 13, 1884631398, 1680982192]
const NEW_SEEDS = Array.from({ length: 6 }, () => randomInt(2 ** 31))

describe.concurrent('random faults', () => {
  for (const seed of [...KNOWN_SEEDS, ...NEW_SEEDS])
    it(`files one ticket and one comment for every call under random faults (seed ${seed})`, () =>
      runRandomFaults(seed))
})

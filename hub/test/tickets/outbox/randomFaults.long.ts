import { randomInt } from 'node:crypto'
import { describe, it } from 'vitest'
import { runRandomFaults } from '../../../testing/randomFaults.ts'

describe('random faults, many', () => {
  for (const seed of Array.from({ length: 300 }, () => randomInt(2 ** 31)))
    it(`files one ticket and one comment for every call under random faults (seed ${seed})`, () =>
      runRandomFaults(seed))
})

import { randomInt } from 'node:crypto'
import { describe, it } from 'vitest'
import { runRandomFaults } from '../../../testing/randomFaults.ts'

describe('random faults, many', () => {
  for (const seed of Array.from({ length: 300 }, () => randomInt(2 ** 31)))
    it(`ends with one ticket and one comment for every call, seed ${seed}`, () => runRandomFaults(seed))
})

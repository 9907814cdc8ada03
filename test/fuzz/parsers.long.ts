import { expect, it } from 'vitest'
import { reportFuzz } from './reportFuzz.ts'
import { targets } from './targets/targets.ts'

/** Ten minutes in all. */
const ALL_MS = 600_000

it.for(targets)(
  '$name keeps its promises for ten minutes of fuzzing, shared with the others',
  async (target) => {
    expect(await reportFuzz(target, ALL_MS / targets.length)).toBeGreaterThan(0)
  },
)

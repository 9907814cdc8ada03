import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { runPairAtRandom } from './randomPair.ts'

const FIRST_SEED = process.env['PAIR_SEED'] ? Number(process.env['PAIR_SEED']) : randomInt(1_000_000)
const SEEDS = process.env['PAIR_SEED'] ? 1 : Number(process.env['PAIR_SEEDS'] ?? 25)

/** Seeds that found bugs: a refused flush forgotten at a restart; an agent that read 'held' as 'flushed'; a part after a seal. */
const ONCE_FAILED = process.env['PAIR_SEED'] ? [] : [21, 1_869, 2_090, 2_102, 930_556]

describe('the real agent’s recordings and the real hub’s store, with failing lines, processes, power and disks', () => {
  const counts: Record<string, number> = {}

  it.each([...ONCE_FAILED, ...Array.from({ length: SEEDS }, (_, n) => FIRST_SEED + n)])(
    '[R2] [R3] [R4] [R9] [R10] lose no acknowledged record, double none, and end with equal logs (seed %i)',
    async (seed) => {
      const end = await runPairAtRandom(seed)
      for (const [what, times] of Object.entries(end.counts)) counts[what] = (counts[what] ?? 0) + times
      expect(end.faults, `run it alone with PAIR_SEED=${seed}`).toEqual([])
    },
  )

  it.skipIf(SEEDS === 1)('met every kind of failure in these runs', () => {
    for (const what of [
      'agent kills',
      'agent power cuts',
      'agent disk refuses',
      'hub kills',
      'hub power cuts',
      'hub disk refuses',
      'recordings safe',
      'recordings erased',
    ])
      expect(counts[what] ?? 0, what).toBeGreaterThan(0)
  })
})

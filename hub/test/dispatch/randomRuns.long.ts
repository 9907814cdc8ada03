import { describe, it } from 'vitest'
import { expectWholeText, runAtRandom } from '../../testing/randomDispatch.ts'

const FIRST_SEED = 1_001
const SEEDS = 200

describe('dispatch under random failures, for long', () => {
  it(`loses and doubles no word over ${SEEDS} seeds from ${FIRST_SEED}`, async () => {
    const totals: Record<string, number> = {}
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const end = await runAtRandom(seed)
      expectWholeText(end, `seed ${seed}: `)
      for (const [what, count] of Object.entries(end.counts)) totals[what] = (totals[what] ?? 0) + count
    }
    console.log(totals)
  })
})

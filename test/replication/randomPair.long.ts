import { randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { runPairAtRandom } from './randomPair.ts'

const FIRST_SEED = randomInt(1_000_000)
const SEEDS = 5_000

it(`[R2] [R3] [R4] [R9] agent and hub lose and double nothing over ${SEEDS} seeds from ${FIRST_SEED}`, async () => {
  const counts: Record<string, number> = {}
  const faults: string[] = []
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const end = await runPairAtRandom(seed)
    for (const [what, times] of Object.entries(end.counts)) counts[what] = (counts[what] ?? 0) + times
    faults.push(...end.faults.map((fault) => `PAIR_SEED=${seed}: ${fault}`))
  }
  console.log(counts)
  expect(faults).toEqual([])
})

import { describe, expect, it } from 'vitest'
import { fuzz, FuzzFinding } from './fuzz.ts'
import { bytesOf, textOf, type FuzzTarget } from './fuzzTarget.ts'
import fc from 'fast-check'
import { reportFuzz } from './reportFuzz.ts'
import { targets } from './targets/targets.ts'

/** Twenty seconds in all, however many borders there are. */
const EACH_MS = 20_000 / targets.length

describe('fuzzing a border', () => {
  it.for(targets)('$name keeps its promises for mutated and made inputs', async (target) => {
    expect(await reportFuzz(target, EACH_MS)).toBeGreaterThan(0)
  })

  it('finds an input behind three nested conditions, which no blind mutation finds', async () => {
    const target: FuzzTarget = {
      name: 'nested',
      sources: /nestedConditions\.ts$/,
      seeds: () => [bytesOf('aaaa')],
      dictionary: [],
      arbitrary: fc.uint8Array({ maxLength: 4 }),
      check: async (input) => (await import('./nestedConditions.ts')).nestedConditions(textOf(input)),
    }
    await expect(fuzz({ target, corpus: [], seed: 7, forMs: 60_000 })).rejects.toThrow(FuzzFinding)
  })
})

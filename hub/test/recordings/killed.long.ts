import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { killStore } from '../../testing/recordings/killRounds.ts'

const ROUNDS = 100

describe('the recording store, killed 100 times', () => {
  for (const { active, flushes } of [
    { active: 20, flushes: 400 },
    { active: 1_000, flushes: 6_000 },
  ]) {
    const seed = randomInt(1_000_000)
    it(`[R3] loses and doubles nothing with ${active} recordings active at once (seed ${seed})`, async () => {
      const home = await mkdtemp(path.join(tmpdir(), 'killed-'))
      try {
        const folder = path.join(home, 'data')
        const startedMs = performance.now()
        const end = await killStore({ seed, rounds: ROUNDS, active, flushes, folder })
        console.log({
          active,
          rounds: ROUNDS,
          seconds: Math.round((performance.now() - startedMs) / 1_000),
          ...end,
        })
        expect(end.faults).toEqual([])
        expect(Object.values(end.deaths).reduce((sum, count) => sum + count, 0)).toBe(ROUNDS)
      } finally {
        await rm(home, { recursive: true })
      }
    })
  }
})

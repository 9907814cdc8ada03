import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { killStore } from '../../testing/recordings/killRounds.ts'

describe('the recording store, killed', () => {
  const seed = randomInt(1_000_000)

  it(`[R3] keeps every acknowledged record once through 8 SIGKILLs of the store’s process (seed ${seed})`, async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'killed-'))
    try {
      const folder = path.join(home, 'data')
      const end = await killStore({ seed, rounds: 8, active: 10, flushes: 400, folder })
      expect(end.faults).toEqual([])
      expect(end.acknowledged).toBeGreaterThan(1_000)
    } finally {
      await rm(home, { recursive: true })
    }
  })
})

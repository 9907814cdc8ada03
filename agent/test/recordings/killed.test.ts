import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { killRecorder } from '../../testing/recordings/killRecorder.ts'

describe('the recordings on this PC, killed', () => {
  const seed = randomInt(1_000_000)

  it(`recordings hold every record reported as written, once, through 8 kills -9, and go on with the next part (seed ${seed})`, async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'killed-'))
    try {
      const folder = path.join(home, 'recordings')
      const end = await killRecorder({ seed, rounds: 8, growing: 3, writes: 150, folder })
      expect(end.faults).toEqual([])
      expect(end.written).toBeGreaterThan(300)
      expect(end.parts).toBeGreaterThan(3)
    } finally {
      await rm(home, { recursive: true })
    }
  })
})

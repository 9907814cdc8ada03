import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { killRecorder } from '../../testing/recordings/killRecorder.ts'

const ROUNDS = 100

describe('the recordings on this PC, killed 100 times', () => {
  const seed = randomInt(1_000_000)

  it(`recordings lose and double nothing through 100 kills (seed ${seed})`, async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'killed-'))
    try {
      const startedMs = performance.now()
      const folder = path.join(home, 'recordings')
      const end = await killRecorder({ seed, rounds: ROUNDS, growing: 4, writes: 400, folder })
      console.log({ rounds: ROUNDS, seconds: Math.round((performance.now() - startedMs) / 1_000), ...end })
      expect(end.faults).toEqual([])
    } finally {
      await rm(home, { recursive: true })
    }
  })
})

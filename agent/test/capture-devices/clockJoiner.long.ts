import { describe, expect, it } from 'vitest'
import { createClockJoiner } from '../../src/main/capture/joining/clockJoiner.ts'
import {
  clicks,
  createClickFinder,
  driftingSource,
  quietBetween,
  seededRandom,
} from '../../testing/capture/driftingSource.ts'

const LENGTH_MS = 30 * 60_000
const CHANNELS = ['agent', 'caller'] as const

describe('calls of 30 simulated minutes', () => {
  const seeds = Array.from({ length: 12 }, (_, index) => 1_000 + index)
  it.each(seeds)(
    'two channels stay together for 30 minutes and lose nothing, each with its own crystal, delays and stalls (seed %i)',
    (seed) => {
      const random = seededRandom(seed)
      const ppm = { agent: Math.round(400 * random() - 200), caller: Math.round(400 * random() - 200) }
      const joiner = createClockJoiner({ startMs: 0 })
      const found = { agent: createClickFinder(), caller: createClickFinder() }
      const sources = CHANNELS.map((channel) => ({
        channel,
        pieces: driftingSource({
          ppm: ppm[channel],
          sound: clicks(5_000),
          quiet: quietBetween(5_000),
          startMs: 0,
          endMs: LENGTH_MS,
          pieceMs: 10 + Math.round(40 * random()),
          delayMs: () => (random() < 0.01 ? 400 * random() : 20 * random()),
          stalls: Array.from({ length: 20 }, () => {
            const fromMs = LENGTH_MS * random()
            return { fromMs, toMs: fromMs + 2_500 * random() }
          }),
        }),
      }))
      const upcoming = sources.map(({ pieces }) => pieces.next())
      for (let tickMs = 100; tickMs < LENGTH_MS + 5_000; tickMs += 10) {
        sources.forEach(({ channel, pieces }, index) => {
          for (
            let piece = upcoming[index]!;
            !piece.done && piece.value.atMs <= tickMs;
            piece = upcoming[index]!
          ) {
            joiner.push(channel, piece.value.samples, piece.value.atMs)
            upcoming[index] = pieces.next()
          }
        })
        for (const joined of joiner.advance(tickMs))
          if (joined.kind === 'block')
            for (const channel of CHANNELS)
              found[channel].take(joined.block[channel], joined.block.firstSample)
      }
      const [agent, caller] = [found.agent.found, found.caller.found]
      expect([agent.length, caller.length]).toEqual([LENGTH_MS / 5_000, LENGTH_MS / 5_000])
      const apart = Math.max(...agent.map((at, index) => Math.abs(at - caller[index]!)))
      console.log(`seed ${seed}: ${ppm.agent} and ${ppm.caller} ppm, at most ${apart.toFixed(2)} ms apart`)
      expect(apart).toBeLessThan(20)
      expect(joiner.lostSamples('agent') + joiner.lostSamples('caller')).toBe(0)
    },
  )
})

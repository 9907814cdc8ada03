import { describe, expect, it } from 'vitest'
import { createPacker, type TrackBlock, type TrackPiece } from '../../src/renderer-audio/readTrack.ts'

/** Returns a tone in pieces of 10 ms, as Chromium gives them. */
function pieces({
  rateHz,
  ms,
  hz,
  fromUs = 0,
}: {
  rateHz: number
  ms: number
  hz: number
  fromUs?: number
}): TrackPiece[] {
  const length = Math.round(rateHz / 100)
  return Array.from({ length: ms / 10 }, (_, number) => ({
    rateHz,
    atUs: fromUs + number * 10_000,
    durationUs: 10_000,
    samples: Float32Array.from(
      { length },
      (_, index) => 0.5 * Math.sin((2 * Math.PI * hz * (number * length + index)) / rateHz),
    ),
  }))
}

function pack(given: readonly TrackPiece[]) {
  const blocks: TrackBlock[] = []
  const take = createPacker((block) => blocks.push(block))
  for (const piece of given) take(piece)
  return { blocks, samples: blocks.flatMap(({ samples }) => [...samples]) }
}

/** Returns the amplitude of a tone in 16 kHz sound. */
function amplitude(samples: readonly number[], hz: number): number {
  let cos = 0
  let sin = 0
  samples.forEach((value, index) => {
    cos += value * Math.cos((2 * Math.PI * hz * index) / 16_000)
    sin += value * Math.sin((2 * Math.PI * hz * index) / 16_000)
  })
  return (2 * Math.hypot(cos, sin)) / samples.length
}

describe('the sound of a track at 16 kHz', () => {
  it.each([8_000, 16_000, 44_100, 48_000, 96_000])(
    'a tone of 1 kHz from a device of %i Hz is kept, sample for sample',
    (rateHz) => {
      const { blocks, samples } = pack(pieces({ rateHz, ms: 2_000, hz: 1_000 }))
      expect(samples.length).toBeGreaterThanOrEqual(30_400)
      expect(
        blocks.every(
          ({ samples, firstFrame }, index) => samples.length === 1_600 && firstFrame === index * 1_600,
        ),
      ).toBe(true)
      expect(amplitude(samples.slice(8_000, 24_000), 1_000)).toBeCloseTo(16_384, -2)
    },
  )

  it('a tone above 8 kHz does not fold back into speech', () => {
    const { samples } = pack(pieces({ rateHz: 48_000, ms: 1_000, hz: 11_000 }))
    expect(Math.max(...samples.slice(1_600).map(Math.abs))).toBeLessThan(20) // 5,000 Hz would be its mirror
  })

  it('the number of the next block shows how much sound is missing', () => {
    const { blocks } = pack([
      ...pieces({ rateHz: 16_000, ms: 250, hz: 500 }),
      ...pieces({ rateHz: 16_000, ms: 200, hz: 500, fromUs: 1_250_000 }),
    ])
    expect(blocks.map(({ firstFrame, samples }) => [firstFrame, samples.length])).toEqual([
      [0, 1_600],
      [1_600, 1_600],
      [3_200, 800],
      [20_000, 1_600],
      [21_600, 1_600],
    ])
  })

  it('a track goes on when the device changes its rate, as a headset does that becomes a telephone headset', () => {
    const { samples } = pack([
      ...pieces({ rateHz: 48_000, ms: 500, hz: 400 }),
      ...pieces({ rateHz: 16_000, ms: 500, hz: 400, fromUs: 500_000 }),
    ])
    expect(samples.length).toBeGreaterThanOrEqual(14_400)
    expect(amplitude(samples.slice(9_600, 14_400), 400)).toBeCloseTo(16_384, -3)
  })
})

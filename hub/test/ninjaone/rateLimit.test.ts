import { expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createRateLimit } from '../../src/ninjaone/rateLimit.ts'
import { seeded } from '../../testing/randomFaults.ts'

/** Returns the largest number of turns within any one second. */
function mostInASecond(atMs: readonly number[]): number {
  return Math.max(...atMs.map((fromMs) => atMs.filter((one) => one >= fromMs && one < fromMs + 1_000).length))
}

it.each([1, 2, 3, 4, 5])(
  'gives at most five turns in any second under a random load (seed %i)',
  async (seed) => {
    const clock = createFakeClock()
    const random = seeded(seed)
    const rate = createRateLimit({ clock, perSecond: 5 })
    const givenAtMs: number[] = []
    const order: number[] = []
    let asked = 0
    for (let burst = 0; burst < 60; burst++) {
      for (let count = Math.floor(random() * 6); count > 0; count--) {
        const number = (asked += 1)
        void rate.turn().then(() => (givenAtMs.push(clock.monotonicMs()), order.push(number)))
      }
      await clock.advance(Math.floor(random() * 700))
    }
    await clock.advance(120_000)
    expect(givenAtMs).toHaveLength(asked)
    expect(mostInASecond(givenAtMs)).toBeLessThanOrEqual(5)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  },
)

it('does not slow down requests that come four a second', async () => {
  const clock = createFakeClock()
  const rate = createRateLimit({ clock, perSecond: 5 })
  for (let count = 0; count < 10; count++) {
    await rate.turn()
    await clock.advance(250)
  }
  expect(clock.monotonicMs()).toBe(2_500)
})

import { describe, expect, it } from 'vitest'
import { recordingId } from '@3cx-ninja/protocol'
import { runAtRandom } from '../../testing/randomDispatch.ts'

// Bad seeds stay here as tests of their own.
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]

describe('dispatch under random failures', () => {
  for (const seed of SEEDS) {
    it(`loses and doubles no word, whatever dies (seed ${seed})`, async () => {
      const end = await runAtRandom(seed)
      for (const { name, agent, caller, expectedAgent, expectedCaller, done } of end.recordings) {
        expect(done, `${name} is done`).toBe(true)
        expect(agent, `agent of ${recordingId.parse(name)}`).toBe(expectedAgent)
        expect(caller, `caller of ${name}`).toBe(expectedCaller)
      }
      expect(end.fencesFell, 'finals of an older fence that counted').toEqual([])
      expect(end.doneTwice, 'recordings told done twice').toEqual([])
    })
  }
})

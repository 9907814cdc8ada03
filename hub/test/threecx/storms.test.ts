import { expect, it } from 'vitest'
import { stormOverPbx } from '../../testing/pbxStorm.ts'

const SEEDS = [1, 2, 3, 4, 5, 6, (Date.now() % 1_000_000) + 10]

it.each(SEEDS)(
  'the client ends with the legs that the PBX has, whatever was lost, doubled, cut or replaced (seed %i)',
  async (seed) => {
    await expect(stormOverPbx(seed, 300)).resolves.toBeUndefined()
  },
)

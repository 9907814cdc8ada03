import { expect, it } from 'vitest'
import { stormOverPbx } from '../../testing/pbxStorm.ts'

const SEEDS = [1, 2, 3, 4, 5, 6, (Date.now() % 1_000_000) + 10]

it.each(SEEDS)(
  '[seed %i] believes in the end what the PBX holds, whatever was lost, doubled, cut or replaced',
  async (seed) => {
    await expect(stormOverPbx(seed, 300)).resolves.toBeUndefined()
  },
)

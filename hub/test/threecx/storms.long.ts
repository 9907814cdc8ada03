import { expect, it } from 'vitest'
import { stormOverPbx } from '../../testing/pbxStorm.ts'

const FIRST = Date.now() % 1_000_000

it('the client ends with the legs that the PBX has, over 500 storms', async () => {
  for (let seed = FIRST; seed < FIRST + 500; seed++)
    await stormOverPbx(seed, 600).catch((error: unknown) => expect.fail(`seed ${seed}: ${String(error)}`))
})

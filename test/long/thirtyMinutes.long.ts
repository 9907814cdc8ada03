import { describe, expect, it } from 'vitest'
import { describeCall, makeCountedCall } from './countedCall.ts'
import { expectWholeCall } from './expectWholeCall.ts'

const SECONDS = 30 * 60
/** Share of one core for capture, Opus, encryption, disk and replication. */
const MAX_CPU = 0.1
/** Usual variation of the garbage collector; a leak of one record's length a second would be seven times this. */
const MAX_GROWTH_MB = 15
const MAX_MEMORY_MB = 150

describe('a call of thirty minutes through sound devices', () => {
  it('a call of thirty minutes reaches the hub whole with its channels in step, for a tenth of a core and without memory growth', async () => {
    const call = await makeCountedCall(SECONDS)
    console.log(describeCall(call))
    expectWholeCall(call, SECONDS)
    expect(call.agent.cpu).toBeLessThanOrEqual(MAX_CPU)
    expect(call.agent.memory.lateMb - call.agent.memory.earlyMb).toBeLessThan(MAX_GROWTH_MB)
    expect(call.agent.memory.peakMb).toBeLessThan(MAX_MEMORY_MB)
  })
})

import { expect, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { createPactl } from '../../src/main/capture/sources/pulse/pactl.ts'
import { DEFAULT_PROGRAMS } from '../../src/main/capture/sources/pulse/telephone.ts'
import { createCallSources } from '../../src/main/detection/callSources.ts'
import { createPulseCallSource } from '../../src/main/detection/pulseCallSource.ts'
import { startPulseServer } from '../../testing/pulse/pulseServer.ts'

/** The limit includes start and end of the telephone's process. Only a quiet machine shows this figure. */
const PROMPT_MS = 1_000

it('the PulseAudio source detects the start and the end of a use of the microphone within a second', async () => {
  await using pulse = await startPulseServer()
  const facts = { talking: Promise.withResolvers<number>(), ended: Promise.withResolvers<number>() }
  const watching = Promise.withResolvers<undefined>()
  const sources = createCallSources({
    sources: [
      createPulseCallSource({
        pactl: createPactl({ environment: pulse.environment, clock: systemClock }),
        clock: systemClock,
        programs: () => DEFAULT_PROGRAMS,
      }),
    ],
    clock: systemClock,
    onFact({ state }) {
      if (state === 'talking' || state === 'ended') facts[state].resolve(performance.now())
    },
    onUserError: watching.reject,
    onChange() {
      if (sources.states()[0]?.at === 'watching') watching.resolve(undefined)
    },
  })
  try {
    await watching.promise
    const startedMs = performance.now()
    const telephone = await pulse.startTelephone()
    expect((await facts.talking.promise) - startedMs).toBeLessThan(PROMPT_MS)
    const endedMs = performance.now()
    await telephone.hangUp()
    expect((await facts.ended.promise) - endedMs).toBeLessThan(PROMPT_MS)
  } finally {
    await sources.stop()
  }
})

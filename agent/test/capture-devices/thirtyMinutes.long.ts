import { expect, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { createPulseSource } from '../../src/main/capture/sources/pulse/pulseSource.ts'
import { createClickFinder } from '../../testing/capture/driftingSource.ts'
import { startPulseServer } from '../../testing/pulse/pulseServer.ts'

const MINUTES = Number(process.env['CAPTURE_MINUTES'] ?? 30)
const EVERY_S = 5
const RATE_HZ = 16_000

it(`a call of ${MINUTES} minutes through a real PulseAudio loses no sound, and its channels stay together`, async () => {
  await using pulse = await startPulseServer()
  await pulse.pactl('load-module', 'module-remap-source', 'master=speaker.monitor', 'source_name=ear')
  const found = { agent: createClickFinder(), caller: createClickFinder() }
  const userErrors: string[] = []
  let gaps = 0
  let next: number | undefined
  let skips = 0
  let begin: () => void = () => undefined
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const source = createPulseSource({
    choices: () => ({ agent: { kind: 'device', name: 'ear' }, caller: { kind: 'follow' } }),
    clock: systemClock,
    environment: pulse.environment,
    onUserError: (_channel, { message }) => userErrors.push(message),
  })
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  const capture = source.start({
    block(block) {
      if (next !== undefined && block.firstSample !== next) skips += 1
      next = block.firstSample + block.agent.length
      found.agent.take(block.agent, block.firstSample)
      found.caller.take(block.caller, block.firstSample)
      begin()
    },
    gap: () => (gaps += next === undefined ? 0 : 1), // the devices are still opening before the first sound
    deviceChange: () => undefined,
    failed: (error) => userErrors.push(error.message),
  })
  await begun
  const bursts = Math.floor((MINUTES * 60) / EVERY_S)
  const track = new Int16Array((bursts * EVERY_S + 1) * RATE_HZ)
  for (let burst = 0; burst < bursts; burst++)
    for (let index = 0; index < 320; index++)
      track[(burst * EVERY_S + 1) * RATE_HZ + index] = Math.round(
        12_000 * Math.sin((2 * Math.PI * 1_000 * index) / RATE_HZ),
      )
  await pulse.play('speaker', track)
  await new Promise((resolve) => setTimeout(resolve, 1_000)) // the last played sound still has to arrive
  await capture.stop()

  const seconds = (performance.now() - startedMs) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  const { agent, caller } = { agent: found.agent.found, caller: found.caller.found }
  const apart = agent.map((at, index) => at - caller[index]!)
  const spread = Math.max(...apart) - Math.min(...apart)
  const rhythm = caller.slice(1).map((at, index) => Math.abs(at - caller[index]! - EVERY_S * 1_000))
  console.log(
    `${MINUTES} min: ${agent.length} and ${caller.length} of ${bursts} bursts, channels ${spread.toFixed(2)} ms apart at most, ` +
      `rhythm off by ${Math.max(...rhythm).toFixed(2)} ms at most, CPU ${(((user + system) / 1e6 / seconds) * 100).toFixed(1)} % of a core (joiner, parsing and this test)`,
  )
  expect([agent.length, caller.length]).toEqual([bursts, bursts])
  expect(spread).toBeLessThan(20)
  expect({ gaps, skips, userErrors }).toEqual({ gaps: 0, skips: 0, userErrors: [] })
})

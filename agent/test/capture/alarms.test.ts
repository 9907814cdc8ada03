import { describe, expect, it } from 'vitest'
import { SECOND_MS } from '@3cx-ninja/protocol'
import { captureTuning } from '../../src/main/capture/recording/tuning.ts'
import { aSoundDesk, counting } from '../../testing/capture/soundDesk.ts'

type Desk = Awaited<ReturnType<typeof aSoundDesk>>

/** Feeds sound for the given time, and returns after how many milliseconds each change of the alarms came. */
async function listen(desk: Desk, seconds: number, agent: number, caller: number) {
  const changes: { afterMs: number; alarms: readonly string[] }[] = []
  const startMs = desk.clock.monotonicMs()
  for (let n = 0; n < seconds * 10; n++) {
    const before = desk.alarms.length
    await desk.clock.advance(100)
    desk.hand.block(agent, caller)
    for (const alarms of desk.alarms.slice(before))
      changes.push({ afterMs: desk.clock.monotonicMs() - startMs, alarms })
  }
  return changes
}

describe('while a call is being talked', () => {
  it.each([
    { agent: 800, caller: 0, alarm: 'caller-silent' },
    { agent: 0, caller: 800, alarm: 'microphone-silent' },
    { agent: 2, caller: 800, alarm: 'microphone-silent' }, // the noise of a converter is no voice
  ])(
    'the alarm $alarm is reported within five seconds (microphone $agent, caller $caller)',
    async ({ agent, caller, alarm }) => {
      await using desk = await aSoundDesk()
      desk.recorder.arm(true)
      const changes = await listen(desk, 6, agent, caller)
      expect(changes.map(({ alarms }) => alarms)).toEqual([[alarm]])
      expect(changes[0]!.afterMs).toBeLessThanOrEqual(5 * SECOND_MS)
    },
  )

  it('a silence alarm ends with the first sound, and later needs a minute of silence: people listen for long', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await listen(desk, 6, 800, 0)
    expect((await listen(desk, 1, 800, 500))[0]).toEqual({ afterMs: 100, alarms: [] })
    const changes = await listen(desk, 61, 800, 0)
    expect(changes.map(({ alarms }) => alarms)).toEqual([['caller-silent']])
    expect(changes[0]!.afterMs).toBeGreaterThanOrEqual(captureTuning.laterSoundMs)
  })

  it('a source that hangs is reported within five seconds for both sides, and opened again until it gives sound', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.begin()
    await desk.feed(...counting(800, 10))
    const hungMs = desk.clock.monotonicMs()
    while (desk.alarms.length === 0 && desk.clock.monotonicMs() < hungMs + 10_000)
      await desk.clock.advance(100)
    expect(desk.clock.monotonicMs() - hungMs).toBeLessThanOrEqual(5 * SECOND_MS)
    expect(desk.alarms).toEqual([['microphone-silent', 'caller-silent']])
    expect(desk.userErrors).toEqual([expect.stringContaining('check microphone and sound server')])
    await desk.clock.advance(20 * SECOND_MS)
    expect(desk.hand.starts()).toBeGreaterThan(2)
    expect(desk.userErrors).toHaveLength(1)
    while (!desk.hand.isOpen()) await desk.clock.advance(100)
    await desk.feed(900)
    expect(desk.alarms.at(-1)).toEqual([])
    const kinds = (await desk.written()).slice(9).map(([kind]) => kind)
    expect(kinds).toEqual(['audio', 'gap', 'audio'])
  })

  it('a device that fails again and again is reported as silent too', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await desk.feed(800)
    for (let n = 0; n < 6; n++) {
      desk.hand.fail('unplugged')
      await desk.clock.advance(SECOND_MS)
    }
    expect(desk.alarms).toEqual([['microphone-silent', 'caller-silent']])
  })
})

describe('while nobody talks', () => {
  it('silence while ringing, held or after the call is no alarm', async () => {
    await using desk = await aSoundDesk()
    desk.state.talking = false
    desk.recorder.arm(true)
    expect(await listen(desk, 20, 0, 0)).toEqual([])
    await desk.clock.advance(20 * SECOND_MS)
    expect(desk.alarms).toEqual([])
  })

  it('a silence alarm does not count the time before the talk, and ends with the call', async () => {
    await using desk = await aSoundDesk()
    desk.state.talking = false
    desk.recorder.arm(true)
    await listen(desk, 20, 0, 0)
    desk.state.talking = true
    const changes = await listen(desk, 6, 0, 800)
    expect(changes[0]!.afterMs).toBeGreaterThan(captureTuning.firstSoundMs - 200)
    desk.state.talking = false
    expect((await listen(desk, 1, 0, 0))[0]).toEqual({ afterMs: 100, alarms: [] })
  })

  it('a silence alarm ends also when the source is closed', async () => {
    await using desk = await aSoundDesk()
    desk.recorder.arm(true)
    await listen(desk, 6, 0, 800)
    desk.recorder.arm(false)
    await desk.clock.advance(captureTuning.disarmMs)
    expect(desk.alarms.at(-1)).toEqual([])
  })
})

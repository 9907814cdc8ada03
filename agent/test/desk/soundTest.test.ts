import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import type { AudioListener, AudioSource } from '../../src/main/capture/sources/audioSource.ts'
import { createSoundTest } from '../../src/main/desk/soundTest.ts'
import { withLevels, type Levels } from '../../src/main/capture/recording/levelMeter.ts'

function aSource() {
  const listeners: AudioListener[] = []
  let stops = 0
  const source: AudioSource = {
    name: 'fake',
    start(listener) {
      listeners.push(listener)
      return { stop: async () => void (stops += 1) }
    },
  }
  const give = (agent: number, caller: number, blocks = 1) => {
    for (let at = 0; at < blocks; at++)
      listeners.at(-1)?.block({
        firstSample: at * 1_600,
        agent: new Int16Array(1_600).fill(agent),
        caller: new Int16Array(1_600).fill(caller),
      })
  }
  return { source, listeners, give, stops: () => stops }
}

describe('the sound test', () => {
  it('a sound test records four seconds, reports the audible sides, closes the source, and keeps the sound for playback', async () => {
    const { source, give, stops } = aSource()
    const test = createSoundTest({ source, clock: createFakeClock() })
    const result = test.run()
    give(9_000, 3, 40)
    expect(await result).toEqual({ ok: true, audible: ['agent'], url: 'audio/test.wav' })
    expect(stops()).toBe(1)
    expect(test.audible()).toHaveLength(64_000)
    expect(test.audible()?.[0]).toBe(9_003)
  })

  it('a sound test ends when a source opens but gives nothing', async () => {
    const { source, stops } = aSource()
    const clock = createFakeClock()
    const result = createSoundTest({ source, clock }).run()
    await clock.advance(8_000)
    expect(await result).toMatchObject({ ok: false, why: 'failed' })
    expect(stops()).toBe(1)
  })

  it('a sound test reports the cause when the source fails', async () => {
    const { source, listeners } = aSource()
    const result = createSoundTest({ source, clock: createFakeClock() }).run()
    listeners[0]?.failed(new Error('parec is not installed'))
    expect(await result).toEqual({ ok: false, why: 'failed', detail: 'parec is not installed' })
  })

  it('a sound test runs once, however often it is requested', async () => {
    const { source, give, listeners } = aSource()
    const test = createSoundTest({ source, clock: createFakeClock() })
    const both = Promise.all([test.run(), test.run()])
    give(0, 0, 40)
    await both
    expect(listeners).toHaveLength(1)
  })
})

describe('the levels', () => {
  it('levels show the loudness of each side, and leave the sound as it was', () => {
    const { source, give } = aSource()
    const levels: Levels[] = []
    const blocks: Int16Array[] = []
    withLevels(source, (each) => levels.push(each)).start({
      block: ({ agent }) => blocks.push(agent),
      deviceChange: () => undefined,
      gap: () => undefined,
      failed: () => undefined,
    })
    give(16_384, -32_768)
    expect(levels).toEqual([{ agent: 0.5, caller: 1 }])
    expect(blocks[0]?.[0]).toBe(16_384)
  })
})

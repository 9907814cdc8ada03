import { expect, test } from 'vitest'
import { createSpeechChannel, type AudioSegment } from '../../src/endpointing/speechChannel.ts'
import { workerTuning } from '../../src/tuning.ts'
import { loudnessDetector, soundOf } from '../../testing/fakeRecognition.ts'

const FRAME = workerTuning.frameSamples
const x = (kind: string, times: number) => kind.repeat(times)

function listen(changes: { resumeSample?: number; maxPieceSeconds?: number } = {}) {
  const said: AudioSegment[] = []
  const events: string[] = []
  const channel = createSpeechChannel({
    detector: loudnessDetector,
    tuning: workerTuning,
    maxPieceSeconds: 8,
    resumeSample: 0,
    ...changes,
    onSpeech(speech) {
      events.push(speech.kind)
      if (speech.kind === 'closed') said.push(speech.segment)
    },
  })
  return { channel, said, events }
}

test('an utterance is found with its position and exactly its samples', async () => {
  const { channel, said, events } = listen()
  const sound = soundOf(x('-', 40) + x('S', 30) + x('-', 40))
  await channel.write(0, sound)
  await channel.end()
  expect(events).toEqual(['opened', 'closed'])
  const [first] = said
  expect(first?.fromSample).toBeLessThan(40 * FRAME)
  expect(first?.toSample).toBeGreaterThan(70 * FRAME)
  expect(first?.samples).toEqual(sound.subarray(first?.fromSample, first?.toSample))
})

test('a pause of more than a second closes an utterance, and times after it are right', async () => {
  const { channel, said } = listen()
  await channel.write(0, soundOf(x('S', 30)))
  const afterPause = 30 * FRAME + 480_000 // 30 s of pause
  await channel.write(afterPause, soundOf(x('-', 20) + x('S', 30), 2))
  await channel.end()
  expect(said.map(({ fromSample }) => fromSample)).toEqual([0, expect.any(Number)])
  expect(said[0]?.toSample).toBe(30 * FRAME)
  expect(said[1]?.fromSample).toBeGreaterThan(afterPause)
  expect(said[1]?.fromSample).toBeLessThan(afterPause + 20 * FRAME)
  expect(said[1]?.toSample).toBeGreaterThanOrEqual(afterPause + 50 * FRAME)
  expect((said[1]?.fromSample ?? 1) % FRAME).toBe(0)
})

test('a short gap counts as silence and shifts nothing', async () => {
  const { channel, said } = listen()
  const gap = 5 * FRAME
  await channel.write(0, soundOf(x('S', 20)))
  await channel.write(20 * FRAME + gap, soundOf(x('S', 20), 2))
  await channel.end()
  expect(said).toHaveLength(1)
  expect(said[0]?.toSample).toBe(45 * FRAME)
  expect(said[0]?.samples.subarray(20 * FRAME, 25 * FRAME).every((sample) => sample === 0)).toBe(true)
})

test('audio that arrives twice is processed once', async () => {
  const { channel, said } = listen()
  const sound = soundOf(x('S', 40))
  await channel.write(0, sound.subarray(0, 20 * FRAME))
  await channel.write(10 * FRAME, sound.subarray(10 * FRAME))
  await channel.write(0, sound)
  await channel.end()
  expect(said.map(({ samples }) => samples)).toEqual([sound])
})

test('a long monologue is cut into pieces that fit the model, without a sample lost or doubled', async () => {
  const { channel, said } = listen({ maxPieceSeconds: 4 })
  const sound = soundOf(x('S', 500))
  await channel.write(0, sound)
  await channel.end()
  expect(said.length).toBeGreaterThan(3)
  said.forEach(({ fromSample, toSample }, index) => {
    expect(toSample - fromSample).toBeLessThanOrEqual(4 * 16_000)
    expect(fromSample).toBe(index === 0 ? 0 : said[index - 1]?.toSample)
  })
  expect(said.at(-1)?.toSample).toBe(sound.length)
})

test('audio before the resume point is skipped', async () => {
  const { channel, said } = listen({ resumeSample: 50 * FRAME })
  await channel.write(0, soundOf(x('S', 40) + x('-', 30) + x('S', 20) + x('-', 30)))
  await channel.end()
  expect(said).toHaveLength(1)
  expect(said[0]?.fromSample).toBeGreaterThanOrEqual(50 * FRAME)
})

test('an open utterance can be read while it grows', async () => {
  const { channel } = listen()
  expect(channel.openSegment()).toBeUndefined()
  expect(channel.openSamples()).toBe(0)
  await channel.write(0, soundOf(x('S', 20)))
  expect(channel.openSegment()?.samples).toHaveLength(20 * FRAME)
  expect(channel.openSamples()).toBe(20 * FRAME)
  await channel.end()
  expect(channel.openSamples()).toBe(0)
})

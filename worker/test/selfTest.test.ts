import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createFakeClock } from '../../protocol/testing/fakeClock.ts'
import { manifestSchema } from '../src/model/manifest.ts'
import { clipFor, selfTest, SelfTestFailed } from '../src/selfTest.ts'
import { StartupError } from '../src/startupError.ts'
import { aTranscription } from '../testing/fakeRecognition.ts'
import { realRecognition, root } from '../testing/realRecognition.ts'

const folder = path.join(root, 'resources/self-test')
const manifest = manifestSchema.parse({ name: 'fake', languages: ['fr'] })
const testWith = async (text: string | undefined) =>
  selfTest({
    clip: await clipFor(manifest, folder),
    pool: { final: async () => (text === undefined ? undefined : aTranscription(text)) },
    decoders: 1,
    manifest,
    clock: systemClock,
  })

test('the shipped model passes and reports its speed', async () => {
  await using recognition = await realRecognition(2)
  const clip = await clipFor(recognition.manifest, folder)
  expect((await selfTest({ ...recognition, decoders: 2, clip })).speed).toBeGreaterThan(1)
})

test('a wrong text is refused, and the error has the right text and the transcribed one', async () => {
  await expect(testWith('Il fait beau à Paris ce matin et demain')).rejects.toThrow(SelfTestFailed)
  await expect(testWith('Il fait beau')).rejects.toThrow(
    /"Je voudrais installer .*" was understood as "Il fait beau"\. The model fake .*npm run model/,
  )
})

test('no text at all, and a decoder that gave up, are refused alike', async () => {
  await expect(testWith('')).rejects.toThrow(SelfTestFailed)
  await expect(testWith(undefined)).rejects.toThrow(SelfTestFailed)
})

test('one decoder of several that writes nonsense is enough to refuse', async () => {
  const clip = await clipFor(manifest, folder)
  let asked = 0
  const final = async () => aTranscription(++asked % 3 === 0 ? 'euh' : clip.text)
  const outcome = selfTest({ clip, pool: { final }, decoders: 3, manifest, clock: systemClock })
  await expect(outcome).rejects.toThrow(/was understood as "euh"/)
})

test.each([
  { busy: 'at first', tookMs: [9_000, 4_000, 500, 500] },
  { busy: 'at last', tookMs: [500, 500, 4_000, 9_000] },
])('a moment in which other programs are busy, $busy, does not make the machine a slow one', async (all) => {
  const clip = await clipFor(manifest, folder)
  const clock = createFakeClock()
  const tookMs = [1_000, ...all.tookMs] // the first one loads the model
  const speedWith = async (times: number[]) => {
    const final = async () => {
      await clock.advance(times.shift() ?? 500)
      return aTranscription(clip.text)
    }
    return (await selfTest({ clip, pool: { final }, decoders: 1, manifest, clock })).speed
  }
  expect(await speedWith(tookMs)).toBe(await speedWith([]))
})

test('a small mistake is not', async () => {
  await expect(
    testWith('je voudrais installer un navigateur sur notre connexion internet'),
  ).resolves.toBeDefined()
})

test('the clip is in a language that the model knows; without one the worker says so', async () => {
  const knows = (...languages: string[]) => clipFor(manifestSchema.parse({ name: 'x', languages }), folder)
  expect((await knows('en')).language).toBe('en')
  expect((await knows()).language).toBe('fr')
  await expect(knows('ja')).rejects.toThrow(StartupError)
  await expect(knows('ja')).rejects.toThrow(/no self-test clip for ja: only for fr, en/)
})

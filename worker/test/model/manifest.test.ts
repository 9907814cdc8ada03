import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { manifestPath, stockManifest } from '../../../scripts/setup/modelManifest.ts'
import {
  audioContextFor,
  knowsLanguage,
  languageFor,
  manifestFileOf,
  manifestSchema,
  readManifest,
} from '../../src/model/manifest.ts'
import { StartupError } from '../../src/startupError.ts'
import { freshFolder } from '../../testing/freshFolder.ts'
import { demoModel } from '../../testing/realRecognition.ts'

const BYTES = 'weights'
const right = { name: 'small', bytes: 7, sha256: createHash('sha256').update(BYTES).digest('hex') }

async function aModel(manifest: unknown) {
  const folder = await freshFolder()
  const model = folder.file('small.bin')
  await writeFile(model, BYTES)
  if (manifest !== undefined)
    await writeFile(
      folder.file('small.json'),
      typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
    )
  return { model, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

test('a model that matches its manifest is accepted', async () => {
  await using it = await aModel(right)
  expect(await readManifest(it.model)).toMatchObject({ ...right, audioContext: 'full', languages: [] })
})

test('a model without manifest is used with care: whole window, any language', async () => {
  await using it = await aModel(undefined)
  expect(await readManifest(it.model)).toEqual(manifestSchema.parse({ name: 'small' }))
})

test('the shipped model is whole', async () => {
  expect((await readManifest(demoModel)).languages).toEqual(['fr'])
})

describe('refused, with what to do', () => {
  const cases: [string, unknown, RegExp][] = [
    ['another length', { ...right, bytes: 9 }, /has 7 bytes instead of 9\. Run 'npm run model' again/],
    ['another sum', { ...right, sha256: 'a'.repeat(64) }, /SHA-256 differs.*Run 'npm run model' again/],
    ['no JSON', '{', /small\.json is no manifest .*correct it, or remove it/],
    ['a field of a wrong kind', { ...right, maxPieceSeconds: 300 }, /maxPieceSeconds/],
    ['a sum that is none', { ...right, sha256: 'G'.repeat(64) }, /sha256/],
    ['no name', {}, /name/],
  ]
  test.each(cases)('%s', async (_name, manifest, message) => {
    await using it = await aModel(manifest)
    const asked = readManifest(it.model)
    await expect(asked).rejects.toThrow(StartupError)
    await expect(asked).rejects.toThrow(message)
  })

  test('a missing model, and a folder of its name', async () => {
    await using folder = await freshFolder()
    await expect(readManifest(folder.file('none.bin'))).rejects.toThrow(
      /missing: get one with 'npm run model'/,
    )
    await expect(readManifest(folder.folder)).rejects.toThrow(/missing/)
  })
})

describe('the language that the engine is asked for', () => {
  const knows = (...languages: string[]) => manifestSchema.parse({ name: 'x', languages })
  test.each([
    ['fr', knows('fr', 'en'), 'fr'],
    ['de', knows(), 'de'],
    ['auto', knows('fr'), 'fr'],
    ['auto', knows('fr', 'en'), 'auto'],
    ['auto', knows(), 'auto'],
  ])('for %s', (wanted, manifest, language) => {
    expect(languageFor(manifest, wanted)).toBe(language)
    expect(knowsLanguage(manifest.languages, wanted)).toBe(true)
  })
  test('a language that the model does not know is not its work', () => {
    expect(knowsLanguage(['fr'], 'de')).toBe(false)
  })
})

describe('the window of the encoder', () => {
  const byLength = manifestSchema.parse({ name: 'x', audioContext: 'by-length' })

  test('stays whole unless the model was measured with less', () => {
    expect(audioContextFor(manifestSchema.parse({ name: 'x' }), 1)).toBeUndefined()
  })
  test.each([0.3, 1, 2.5, 3.84, 4, 8, 15, 29])(
    'for %d s has room for the sound and 1.28 s more',
    (seconds) => {
      const units = audioContextFor(byLength, seconds) ?? 0
      expect(units).toBeGreaterThanOrEqual(Math.min(1_500, seconds * 50 + 64))
      // With fewer units whisper.cpp pads with audio of the piece before, perhaps of another call.
      expect(units === 1_500 || units % 256 === 0).toBe(true)
    },
  )
})

test('the manifest that `npm run model` writes is the one that the worker reads', () => {
  const written = stockManifest({ name: 'base.en', sha256: 'a'.repeat(64), bytes: 10 })
  expect(manifestSchema.parse(written)).toEqual(written)
  expect(written.languages).toEqual(['en'])
  expect(manifestPath('models/ggml-base.en.bin')).toBe(manifestFileOf('models/ggml-base.en.bin'))
})

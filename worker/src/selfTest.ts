import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { SAMPLE_RATE_HZ, type Clock } from '@3cx-ninja/protocol'
import { FLACDecoder } from '@wasm-audio-decoders/flac'
import { z } from 'zod'
import type { DecoderPool } from './decoders/decoderPool.ts'
import { audioContextFor, type Manifest } from './model/manifest.ts'
import { StartupError } from './startupError.ts'
import { wordErrorRate } from './wordErrorRate.ts'

export interface SelfTestClip {
  readonly file: string
  readonly text: string
  readonly language: string
}

/** The worker's text for a known clip is wrong: the model, the engine or the machine cannot transcribe. */
export class SelfTestFailed extends StartupError {}

/** At most this share of the words may be wrong: a working model of any size is far below, a broken one far above. */
const MAX_WRONG = 0.4

/** At least so many rounds; more while there is time, since a fast machine finishes them in a moment. */
const LEAST_ROUNDS = 3
const MOST_ROUNDS = 6
const ENOUGH_MS = 2_000

/**
 * Makes every decoder transcribe a clip whose text is known, all at once: so memory that is missing for one of them is noticed
 * now and not in the middle of a call, and the speed is that of a machine at work. Resolves with that speed: seconds of audio
 * per second of one decoder, the best of several rounds. Another program's busy moment makes a round slow, nothing makes one
 * too fast; and the number of slots depends on it until the worker starts again. Rejects with SelfTestFailed for a wrong text.
 */
export async function selfTest(needs: {
  readonly clip: SelfTestClip
  readonly pool: Pick<DecoderPool, 'final'>
  readonly decoders: number
  readonly manifest: Manifest
  readonly clock: Clock
}): Promise<{ readonly speed: number }> {
  const { clip, pool, decoders, manifest, clock } = needs
  const samples = await readClip(clip.file)
  const seconds = samples.length / SAMPLE_RATE_HZ
  const piece = {
    samples,
    language: clip.language,
    prompt: '',
    audioContext: audioContextFor(manifest, seconds),
    signal: new AbortController().signal,
  }
  const all = () => Promise.all(Array.from({ length: decoders }, () => pool.final(piece)))
  await all() // This first round includes loading the model.
  const startedMs = clock.monotonicMs()
  const texts: string[] = []
  let bestMs = Infinity
  const isEnough = (rounds: number) =>
    rounds >= LEAST_ROUNDS && (rounds >= MOST_ROUNDS || clock.monotonicMs() - startedMs >= ENOUGH_MS)
  for (let rounds = 0; !isEnough(rounds); rounds++) {
    const fromMs = clock.monotonicMs()
    texts.push(...(await all()).map((transcription) => transcription?.text ?? ''))
    bestMs = Math.min(bestMs, clock.monotonicMs() - fromMs)
  }
  const wrong = texts.find((text) => wordErrorRate(clip.text, text) > MAX_WRONG)
  if (wrong !== undefined) {
    throw new SelfTestFailed(
      `The self-test failed: "${clip.text}" was understood as "${wrong}". ` +
        `The model ${manifest.name} is damaged or does not fit this engine or language: get it again with 'npm run model'.`,
    )
  }
  return { speed: seconds / Math.max(0.001, bestMs / 1_000) }
}

const clips = z.array(z.object({ file: z.string(), text: z.string(), language: z.string() })).min(1)

/** Resolves with the shipped clip in a language that the model knows. Rejects with StartupError when there is none. */
export async function clipFor({ languages }: Manifest, folder: string): Promise<SelfTestClip> {
  const all = clips.parse(JSON.parse(await readFile(path.join(folder, 'clips.json'), 'utf8')))
  const clip = all.find(({ language }) => languages.length === 0 || languages.includes(language))
  if (!clip)
    throw new StartupError(
      `There is no self-test clip for ${languages.join(', ')}: only for ${all.map((one) => one.language).join(', ')}.`,
    )
  return { ...clip, file: path.join(folder, clip.file) }
}

async function readClip(file: string): Promise<Int16Array> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new StartupError(`The self-test clip ${file} is missing: install the worker again.`, { cause })
  })
  const decoder = new FLACDecoder()
  await decoder.ready
  try {
    const { channelData } = await decoder.decodeFile(bytes)
    return Int16Array.from(channelData[0] ?? [], (value) =>
      Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))),
    )
  } finally {
    decoder.free()
  }
}

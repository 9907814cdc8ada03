import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { FLACDecoder } from '@wasm-audio-decoders/flac'
import { root } from './realRecognition.ts'

/** The sentence of the French self-test clip, and its sound. */
export const clipText = 'Je voudrais installer le navigateur sur notre connexion internet.'

export async function clipSamples(): Promise<Int16Array> {
  const decoder = new FLACDecoder()
  await decoder.ready
  try {
    const { channelData } = await decoder.decodeFile(
      await readFile(path.join(root, 'resources/self-test/fr.flac')),
    )
    return Int16Array.from(channelData[0] ?? [], (value) => Math.round(value * 32_767))
  } finally {
    decoder.free()
  }
}

export const anyOptions = () => ({
  language: 'fr',
  prompt: '',
  audioContext: undefined,
  signal: new AbortController().signal,
})

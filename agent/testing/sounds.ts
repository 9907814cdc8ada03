import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import type { StereoAudio } from '../src/main/capture/sources/readStereoFile.ts'

/** Returns two tones, so that a test can tell the channels apart. */
export function aSound({
  seconds,
  agentHz = 440,
  callerHz = 620,
}: {
  seconds: number
  agentHz?: number
  callerHz?: number
}): StereoAudio {
  const tone = (hz: number) =>
    Int16Array.from({ length: seconds * SAMPLE_RATE_HZ }, (_, index) =>
      Math.round(8_000 * Math.sin((2 * Math.PI * hz * index) / SAMPLE_RATE_HZ)),
    )
  return { agent: tone(agentHz), caller: tone(callerHz) }
}

export function aWav(sound: StereoAudio, { rateHz = SAMPLE_RATE_HZ, channels = 2 } = {}): Buffer {
  const samples = Math.max(sound.agent.length, sound.caller.length)
  const data = Buffer.alloc(samples * 2 * channels)
  for (let index = 0; index < samples; index++) {
    data.writeInt16LE(sound.agent[index] ?? 0, index * 2 * channels)
    if (channels === 2) data.writeInt16LE(sound.caller[index] ?? 0, index * 4 + 2)
  }
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(channels, 22)
  head.writeUInt32LE(rateHz, 24)
  head.writeUInt32LE(rateHz * 2 * channels, 28)
  head.writeUInt16LE(2 * channels, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

/** Resolves with a fresh folder, which is removed with the test. */
export async function aFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), `agent-${randomBytes(3).toString('hex')}-`))
  return {
    path: folder,
    file: async (name: string, content: string | Buffer) => {
      const file = path.join(folder, name)
      await writeFile(file, content)
      return file
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

import { readFile } from 'node:fs/promises'
import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'

/** A whole two-party audio file: left is the agent, right the caller. */
export interface StereoAudio {
  readonly agent: Int16Array
  readonly caller: Int16Array
}

/** Resolves with a WAV (PCM16) or FLAC file, 16 kHz, stereo. Rejects with cause and remedy for any other file. */
export async function readStereoFile(path: string): Promise<StereoAudio> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new Error(`Cannot read the sound file ${path}: check the path.`, { cause })
  })
  const magic = bytes.subarray(0, 4).toString('latin1')
  if (magic === 'RIFF') return parseWav(bytes, path)
  if (magic === 'fLaC') return decodeFlac(bytes, path)
  throw new Error(
    `${path} is neither WAV nor FLAC: convert it, such as with 'ffmpeg -i in -ar 16000 -ac 2 out.flac'.`,
  )
}

async function decodeFlac(bytes: Uint8Array, path: string): Promise<StereoAudio> {
  const { FLACDecoder } = await import('@wasm-audio-decoders/flac')
  const decoder = new FLACDecoder()
  await decoder.ready
  try {
    const { channelData, sampleRate, samplesDecoded } = await decoder.decodeFile(bytes)
    const [left, right] = channelData
    if (samplesDecoded === 0) throw new Error(`${path} holds no sound: the file is damaged.`)
    checkShape({ path, rateHz: sampleRate, channels: channelData.length })
    if (!left || !right) throw new Error(`${path} holds no sound: the file is damaged.`)
    return { agent: toInt16(left), caller: toInt16(right) }
  } finally {
    decoder.free()
  }
}

/** Returns the audio of the common case only: RIFF, `fmt ` with PCM16, `data`. A truncated file gives what is there; others throw. */
export function parseWav(bytes: Buffer, path: string): StereoAudio {
  let at = 12
  let format: { channels: number; rateHz: number; bits: number; tag: number } | undefined
  while (at + 8 <= bytes.length) {
    const id = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    const body = at + 8
    if (id === 'fmt ' && body + 16 <= bytes.length) {
      format = {
        tag: bytes.readUInt16LE(body),
        channels: bytes.readUInt16LE(body + 2),
        rateHz: bytes.readUInt32LE(body + 4),
        bits: bytes.readUInt16LE(body + 14),
      }
    }
    if (id === 'data') {
      // 0xfffe: the extensible form that many recorders write for plain PCM.
      if (!format || ![1, 0xfffe].includes(format.tag) || format.bits !== 16) {
        throw new Error(
          `${path} is not PCM16: convert it, such as with 'ffmpeg -i in -ar 16000 -ac 2 -c:a pcm_s16le out.wav'.`,
        )
      }
      checkShape({ path, ...format })
      return splitStereo(bytes.subarray(body, Math.min(bytes.length, body + size)))
    }
    at = body + size + (size % 2)
  }
  throw new Error(`${path} holds no sound: the file is cut or damaged.`)
}

function checkShape({ path, rateHz, channels }: { path: string; rateHz: number; channels: number }): void {
  if (rateHz === SAMPLE_RATE_HZ && channels === 2) return
  throw new Error(
    `${path} has ${channels} channel(s) at ${rateHz} Hz: two at ${SAMPLE_RATE_HZ} Hz are needed (left agent, right caller), such as from 'ffmpeg -i in -ar 16000 -ac 2 out.flac'.`,
  )
}

function splitStereo(bytes: Buffer): StereoAudio {
  const length = Math.floor(bytes.length / 4)
  const agent = new Int16Array(length)
  const caller = new Int16Array(length)
  for (let index = 0; index < length; index++) {
    agent[index] = bytes.readInt16LE(index * 4)
    caller[index] = bytes.readInt16LE(index * 4 + 2)
  }
  return { agent, caller }
}

function toInt16(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) =>
    Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))),
  )
}

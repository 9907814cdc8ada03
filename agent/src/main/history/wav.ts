import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'

export const WAV_HEAD_BYTES = 44
export const BYTES_PER_SAMPLE = 2

/** Returns the head of a mono WAV file, PCM16 at 16 kHz. */
export function wavHead(samples: number): Buffer {
  const head = Buffer.alloc(WAV_HEAD_BYTES)
  const dataBytes = samples * BYTES_PER_SAMPLE
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + dataBytes, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(SAMPLE_RATE_HZ, 24)
  head.writeUInt32LE(SAMPLE_RATE_HZ * BYTES_PER_SAMPLE, 28)
  head.writeUInt16LE(BYTES_PER_SAMPLE, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(dataBytes, 40)
  return head
}

/** Returns samples in memory as a WAV file that a player can read. */
export function playSamples(samples: Int16Array) {
  const file = Buffer.concat([
    wavHead(samples.length),
    Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength),
  ])
  return {
    bytes: file.length,
    async *read(from: number, to: number): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(file.subarray(from, to))
    },
  }
}

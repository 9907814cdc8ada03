import { Decoder } from '@evan/opus'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import type { AudioBlock } from '../../src/main/capture/sources/audioSource.ts'
import { loadBlockCodec, pcm16Codec } from '../../src/main/capture/recording/blockCodec.ts'
import { createFileSource } from '../../src/main/capture/sources/fileSource.ts'
import { readStereoFile } from '../../src/main/capture/sources/readStereoFile.ts'
import { aFolder, aSound, aWav } from '../../testing/sounds.ts'

const REPOSITORY = path.resolve(import.meta.dirname, '../../..')

/** Returns the packets in the payload of an audio record, each behind its u16 length. */
function packetsOf(payload: Uint8Array): readonly Uint8Array[] {
  const packets: Uint8Array[] = []
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  for (let at = 0; at < payload.length;) {
    const length = view.getUint16(at)
    packets.push(payload.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return packets
}
const powerOf = (samples: Int16Array) =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)

describe('[R12] 100 ms of sound as a record', () => {
  it('[R12] a record of 100 ms is five Opus packets of 20 ms that decode to the same loudness, at a fraction of the size', async () => {
    const codec = await loadBlockCodec((cause) => expect.unreachable(cause.message))
    expect(codec.codec).toBe('opus')
    const encode = codec.createEncoder()
    const decoder = new Decoder({ channels: 1, sample_rate: SAMPLE_RATE_HZ })
    const { agent } = aSound({ seconds: 2 })
    const decoded: number[] = []
    let bytes = 0
    for (let at = 0; at < agent.length; at += SAMPLES_PER_RECORD) {
      const payload = encode(agent.subarray(at, at + SAMPLES_PER_RECORD))
      const packets = packetsOf(payload)
      expect(packets).toHaveLength(5)
      bytes += payload.length
      for (const packet of packets) {
        const pcm = decoder.decode(packet)
        decoded.push(...new Int16Array(pcm.buffer, pcm.byteOffset, pcm.byteLength / 2))
      }
    }
    expect(decoded).toHaveLength(agent.length)
    const ratio = powerOf(Int16Array.from(decoded.slice(SAMPLE_RATE_HZ))) / powerOf(agent)
    expect(ratio).toBeGreaterThan(0.8)
    expect(ratio).toBeLessThan(1.25)
    expect(bytes).toBeLessThan(agent.length / 4)
  })

  it.each([
    ['cannot be loaded', () => Promise.reject(new Error('wrong libc'))],
    [
      'loads but cannot encode',
      () =>
        Promise.resolve({
          Encoder: class {
            encode() {
              throw new Error('no opus here')
            }
          } as never,
        }),
    ],
  ])(
    'a record is PCM where the Opus module %s: a call is recorded in any case, and the cause is logged',
    async (_, load) => {
      const causes: string[] = []
      const codec = await loadBlockCodec((cause) => causes.push(cause.message), load)
      expect(codec).toBe(pcm16Codec)
      expect(causes).toHaveLength(1)
      const payload = codec.createEncoder()(Int16Array.from([1, -2, 32_767, -32_768]))
      expect([...payload]).toEqual([1, 0, 0xfe, 0xff, 0xff, 0x7f, 0, 0x80])
    },
  )
})

describe('a sound file', () => {
  it('a stereo file gives both sides as they were written', async () => {
    await using folder = await aFolder()
    const sound = aSound({ seconds: 1 })
    const read = await readStereoFile(await folder.file('call.wav', aWav(sound)))
    expect(Buffer.from(read.agent.buffer).equals(Buffer.from(sound.agent.buffer))).toBe(true)
    expect(Buffer.from(read.caller.buffer).equals(Buffer.from(sound.caller.buffer))).toBe(true)
  })

  it('a stereo file may be FLAC, as the demonstration call is', async () => {
    const { agent, caller } = await readStereoFile(path.join(REPOSITORY, 'resources/audio/demo-call-1.flac'))
    expect(agent.length).toBe(caller.length)
    expect(agent.length).toBeGreaterThan(10 * SAMPLE_RATE_HZ)
    expect(powerOf(agent)).toBeGreaterThan(100)
  })

  it('a stereo file truncated while it was written gives the sound that is there', async () => {
    await using folder = await aFolder()
    const wav = aWav(aSound({ seconds: 1 }))
    const { agent } = await readStereoFile(await folder.file('call.wav', wav.subarray(0, 44 + 4_000)))
    expect(agent).toHaveLength(1_000)
  })

  const wav = aWav(aSound({ seconds: 1 }))
  const without = (at: number, value: number) => {
    const bytes = Buffer.from(wav)
    bytes.writeUInt16LE(value, at)
    return bytes
  }
  it.each([
    [
      'of one channel',
      aWav(aSound({ seconds: 1 }), { channels: 1 }),
      /1 channel\(s\) at 16000 Hz: two at 16000/,
    ],
    ['at another rate', aWav(aSound({ seconds: 1 }), { rateHz: 44_100 }), /2 channel\(s\) at 44100 Hz/],
    ['of another sample size', without(34, 24), /is not PCM16: convert it/],
    ['of another coding', without(20, 85), /is not PCM16: convert it/],
    ['without sound', wav.subarray(0, 40), /holds no sound/],
    ['of another kind', Buffer.from('ID3\x04 a song'), /neither WAV nor FLAC: convert it/],
    ['that is empty', Buffer.alloc(0), /neither WAV nor FLAC/],
    [
      'that only begins as FLAC',
      Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(5_000, 7)]),
      /holds no sound: the file is damaged/,
    ],
  ])('a stereo file %s is refused with cause and remedy', async (_, bytes, words) => {
    await using folder = await aFolder()
    await expect(readStereoFile(await folder.file('call', bytes))).rejects.toThrow(words)
  })

  it('a missing stereo file is refused by name', async () => {
    await expect(readStereoFile('/nowhere/call.wav')).rejects.toThrow(
      'Cannot read the sound file /nowhere/call.wav',
    )
  })
})

describe('a recorded call in place of microphone and telephone', () => {
  it('a played recording is silent before its start, keeps time though timers come late, and ends', async () => {
    const clock = createFakeClock()
    const source = createFileSource({ sound: aSound({ seconds: 1 }), clock, speed: 1 })
    const blocks: AudioBlock[] = []
    const capture = source.start({
      block: (block) => blocks.push(block),
      deviceChange: () => undefined,
      gap: () => undefined,
      failed: (error) => expect.unreachable(error.message),
    })
    await clock.advance(500)
    expect(blocks.map(({ agent }) => powerOf(agent))).toEqual([0, 0, 0, 0, 0])
    let isPlayed = false
    void source.played.then(() => (isPlayed = true))
    source.play()
    await clock.advance(900)
    expect(isPlayed).toBe(false)
    await clock.advance(1_100)
    expect(isPlayed).toBe(true)
    expect(blocks.map(({ firstSample }) => firstSample)).toEqual(
      Array.from({ length: 25 }, (_, n) => n * SAMPLES_PER_RECORD),
    )
    expect(blocks.filter(({ agent }) => powerOf(agent) > 1_000)).toHaveLength(10)
    await capture.stop()
    expect(clock.pending).toBe(0)
  })
})

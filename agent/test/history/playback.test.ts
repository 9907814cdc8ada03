import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { callId, recordingId, type Codec } from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { encodeSilence } from '@3cx-ninja/recording-log/timeline.ts'
import { describe, expect, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { loadBlockCodec, pcm16Codec, type BlockCodec } from '../../src/main/capture/recording/blockCodec.ts'
import { answerAudio } from '../../src/main/history/audioAnswer.ts'
import { loadBlockDecoders } from '../../src/main/history/blockDecoder.ts'
import { createPlayback } from '../../src/main/history/playback.ts'
import { openLocalCopy } from '../../src/main/history/playedRecording.ts'
import { playSamples } from '../../src/main/history/wav.ts'
import { openRecordings } from '../../src/main/recordings/recordingFile.ts'
import { aFolder, aSound } from '../../testing/sounds.ts'

const ID = recordingId.parse('recording-0001')

/** Returns a real recording on disk: each part is a list of blocks, `undefined` is a pause of a second. */
async function aRecording(parts: readonly (readonly ('tone' | 'pause')[])[], codec: BlockCodec = pcm16Codec) {
  const folder = await aFolder()
  const recordings = await openRecordings({
    folder: path.join(folder.path, 'recordings'),
    masterKey: createMasterKey(randomBytes(32)),
    clock: systemClock,
  })
  const sound = aSound({ seconds: 1 })
  for (const blocks of parts) {
    const writer = await recordings.begin({
      recordingId: ID,
      callId: callId.parse('call-0001'),
      codec: codec.codec,
      extension: '201',
      language: 'fr',
      consent: { basis: 'demonstration', ruleVersion: 1 },
    })
    const encoders = { agent: codec.createEncoder(), caller: codec.createEncoder() }
    let at = 0
    for (const block of blocks) {
      if (block === 'pause') {
        const payload = encodeSilence(16_000)
        await writer.append(
          (['agent', 'caller'] as const).map((channel) => ({
            kind: 'pause',
            channel,
            firstSample: at,
            payload,
          })),
        )
        at += 16_000
        continue
      }
      for (let from = 0; from < 16_000; from += 1_600, at += 1_600)
        await writer.append(
          (['agent', 'caller'] as const).map((channel) => ({
            kind: 'audio',
            channel,
            firstSample: at,
            payload: encoders[channel](sound[channel].slice(from, from + 1_600)),
          })),
        )
    }
    await writer.close()
  }
  const createDecoder = await loadBlockDecoders()
  return {
    recordings,
    sound,
    async open() {
      const copy = await openLocalCopy(recordings, ID)
      return copy && createPlayback({ recording: copy, createDecoder: (of: Codec) => createDecoder(of) })
    },
    async [Symbol.asyncDispose]() {
      await recordings.stop()
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const samplesOf = (bytes: Buffer, fromByte = 44) =>
  Array.from({ length: (bytes.length - fromByte) / 2 }, (_, at) => bytes.readInt16LE(fromByte + at * 2))

describe('a recording on this disk, played', () => {
  it('a played recording is a WAV file of both voices in one, with silence where it was paused', async () => {
    await using recording = await aRecording([['tone', 'pause', 'tone']])
    const playback = (await recording.open())!
    const bytes = await bytesOf(playback.read(0, playback.bytes))
    expect(bytes.length).toBe(playback.bytes)
    expect([bytes.toString('latin1', 0, 4), bytes.readUInt32LE(40), playback.durationMs]).toEqual([
      'RIFF',
      96_000,
      3_000,
    ])
    const samples = samplesOf(bytes)
    const { agent, caller } = recording.sound
    expect(samples.slice(0, 16_000)).toEqual([...agent].map((sample, at) => sample + (caller[at] ?? 0)))
    expect(samples.slice(16_000, 32_000).every((sample) => sample === 0)).toBe(true)
    expect(samples.slice(32_000)).toEqual(samples.slice(0, 16_000))
  })

  it('a played recording gives the same bytes for any requested range', async () => {
    await using recording = await aRecording([
      ['tone', 'tone'],
      ['tone', 'pause', 'tone'],
    ])
    const playback = (await recording.open())!
    const whole = await bytesOf(playback.read(0, playback.bytes))
    for (const [from, to] of [
      [0, 10],
      [30, 60],
      [44, 45],
      [45, 3_333],
      [31_001, 64_047],
      [127_990, playback.bytes],
      [100_000, 999_999],
    ] as const)
      expect((await bytesOf(playback.read(from, to))).equals(whole.subarray(from, to)), `${from}-${to}`).toBe(
        true,
      )
  })

  it('a played recording joins the parts of a restarted recording in order, and gives the start of each', async () => {
    await using recording = await aRecording([['tone'], ['pause', 'tone']])
    const playback = (await recording.open())!
    expect(playback.starts).toEqual([
      { part: 1, atMs: 0 },
      { part: 2, atMs: 1_000 },
    ])
    expect(playback.durationMs).toBe(3_000)
  })

  it('a played recording decodes Opus from any offset on', async () => {
    const opus = await loadBlockCodec((cause) => {
      throw cause
    })
    await using recording = await aRecording([['tone', 'tone', 'tone']], opus)
    const playback = (await recording.open())!
    const [whole, late] = [
      samplesOf(await bytesOf(playback.read(0, playback.bytes))),
      samplesOf(await bytesOf(playback.read(44 + 64_000, playback.bytes)), 0),
    ]
    const loudness = (samples: number[]) =>
      Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length)
    expect(loudness(whole)).toBeGreaterThan(4_000)
    const difference = late.map((sample, at) => sample - (whole[32_000 + at] ?? 0))
    expect(loudness(difference)).toBeLessThan(loudness(late) / 10)
  })

  it('a removed recording is reported as missing, and its playback ends when the removal comes in the middle', async () => {
    await using recording = await aRecording([['tone', 'tone']])
    const playback = (await recording.open())!
    await recording.recordings.remove(ID)
    expect(await recording.open()).toBeUndefined()
    await expect(bytesOf(playback.read(0, playback.bytes))).rejects.toThrow('not on this disk any more')
  })
})

describe('sound over HTTP', () => {
  const file = playSamples(Int16Array.from({ length: 100 }, (_, at) => at))

  it.each([
    [undefined, 200, 244, undefined],
    ['bytes=0-', 206, 244, 'bytes 0-243/244'],
    ['bytes=10-19', 206, 10, 'bytes 10-19/244'],
    ['bytes=200-999', 206, 44, 'bytes 200-243/244'],
    ['bytes=-4', 206, 4, 'bytes 240-243/244'],
    ['bytes=9-2', 416, 0, 'bytes */244'],
    ['bytes=500-', 416, 0, 'bytes */244'],
    ['bytes=-', 200, 244, undefined],
    ['bytes=0-1,5-6', 200, 244, undefined],
    ['lines=1-2', 200, 244, undefined],
  ])('a request for the range %s is answered %i with %i bytes', async (range, status, length, content) => {
    const answer = answerAudio(file, range)
    expect(answer.status).toBe(status)
    expect(answer.headers['content-range']).toBe(content)
    expect((await bytesOf(answer.body)).length).toBe(length)
  })
})

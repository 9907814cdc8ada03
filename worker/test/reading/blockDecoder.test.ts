import { SAMPLES_PER_RECORD } from '@3cx-ninja/protocol'
import { Encoder } from '@evan/opus'
import { describe, expect, test } from 'vitest'
import { createBlockDecoder, splitPackets } from '../../src/reading/blockDecoder.ts'
import { createLeaseReader } from '../../src/reading/leaseReader.ts'
import { rmsOf } from '../../src/endpointing/endpointer.ts'
import { fakeRecognition } from '../../testing/fakeRecognition.ts'
import { aLease, aPartHeader } from '../../testing/transcribe.ts'

const PACKET = SAMPLES_PER_RECORD / 5

/** A record of five packets with a tone, as an agent writes it. */
function tone(encoder = new Encoder({ channels: 1, sample_rate: 16_000 }), startSample = 0): Uint8Array[] {
  return Array.from({ length: 5 }, (_, packet) => {
    const samples = Int16Array.from(
      { length: PACKET },
      (_value, index) =>
        8_000 * Math.sin(((startSample + packet * PACKET + index) * 440 * 2 * Math.PI) / 16_000),
    )
    return encoder.encode(samples)
  })
}
const join = (packets: readonly Uint8Array[]) =>
  new Uint8Array(packets.flatMap((packet) => [packet.length >> 8, packet.length & 255, ...packet]))

test('[R12] five packets give one record of sound', async () => {
  const decoder = await createBlockDecoder('opus')
  const encoder = new Encoder({ channels: 1, sample_rate: 16_000 })
  decoder.decode(join(tone(encoder)))
  const samples = decoder.decode(join(tone(encoder, SAMPLES_PER_RECORD)))
  expect(samples).toHaveLength(SAMPLES_PER_RECORD)
  expect(rmsOf(samples)).toBeGreaterThan(4_000)
  expect(decoder.brokenPackets()).toBe(0)
  decoder.free()
})

test('[R12] sixteen bit audio passes unchanged', async () => {
  const decoder = await createBlockDecoder('pcm16')
  const samples = Int16Array.from({ length: SAMPLES_PER_RECORD }, (_, index) => index - 800)
  expect(decoder.decode(new Uint8Array(samples.buffer))).toEqual(samples)
  expect(decoder.brokenPackets()).toBe(0)
})

describe('a payload that is no sound becomes silence of the same length and is counted', () => {
  const encoder = () => new Encoder({ channels: 1, sample_rate: 16_000 })
  const whole = join(tone())
  const long = new Encoder({ channels: 1, sample_rate: 16_000 }).encode(new Int16Array(960))
  const cases: [string, Uint8Array, number][] = [
    ['empty', new Uint8Array(), 5],
    ['cut off in the third packet', join(tone()).subarray(0, Math.floor(whole.length / 2)), 3],
    ['only lengths', new Uint8Array(10), 5],
    ['a length beyond the end', Uint8Array.of(0xff, 0xff, 1, 2, 3), 5],
    ['a packet of 60 ms', join([long, ...tone(encoder()).slice(1)]), 1],
    ['text', new TextEncoder().encode('HTTP/1.1 200 OK'), 5],
  ]
  test.each(cases)('%s', async (_name, payload, broken) => {
    const decoder = await createBlockDecoder('opus')
    expect(decoder.decode(payload)).toHaveLength(SAMPLES_PER_RECORD)
    expect(decoder.brokenPackets()).toBe(broken)
    // The decoder lives on.
    decoder.decode(join(tone()))
    expect(rmsOf(decoder.decode(join(tone())))).toBeGreaterThan(3_000)
    expect(decoder.brokenPackets()).toBe(broken)
    decoder.free()
  })

  test('a broken packet leaves the others of its record where they belong', async () => {
    const decoder = await createBlockDecoder('opus')
    const packets = tone()
    packets[2] = Uint8Array.of(0xff) // code 3 without its count: no packet at all
    const samples = decoder.decode(join(packets))
    expect(decoder.brokenPackets()).toBe(1)
    expect(rmsOf(samples.subarray(2 * PACKET, 3 * PACKET))).toBe(0)
    expect(rmsOf(samples.subarray(3 * PACKET, 4 * PACKET))).toBeGreaterThan(1_000)
    decoder.free()
  })

  test('sixteen bit sound of a wrong length', async () => {
    const decoder = await createBlockDecoder('pcm16')
    expect(decoder.decode(Uint8Array.of(1, 2, 3))).toHaveLength(SAMPLES_PER_RECORD)
    expect(decoder.brokenPackets()).toBe(1)
  })

  test('random bytes, a thousand times', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    let state = seed
    const byte = () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 24
    const decoder = await createBlockDecoder('opus')
    for (let round = 0; round < 1_000; round++) {
      const packets = Array.from({ length: 5 }, () => Uint8Array.from({ length: 1 + byte() }, byte))
      expect(decoder.decode(join(packets)), `seed ${seed}, round ${round}`).toHaveLength(SAMPLES_PER_RECORD)
    }
    decoder.free()
  })
})

test('packets are read up to the first break', () => {
  expect(splitPackets(Uint8Array.of(0, 1, 7, 0, 2, 8, 9, 0, 3, 1))).toEqual([
    Uint8Array.of(7),
    Uint8Array.of(8, 9),
  ])
})

test('a call with broken packets goes on to its end, and the log counts them', async () => {
  const lines: [string, Readonly<Record<string, unknown>>][] = []
  const log = {
    info: () => undefined,
    error: () => undefined,
    warn: (fields: Readonly<Record<string, unknown>>, event: string) => void lines.push([event, fields]),
  }
  await new Promise<void>((resolve, reject) => {
    const reader = createLeaseReader({
      lease: aLease(),
      recognition: fakeRecognition({ log }),
      onUtterance: () => undefined,
      onAcknowledge: () => undefined,
      onDone: resolve,
      onBroken: reject,
    })
    reader.partFollows(aPartHeader({ codec: 'opus' }))
    const payload = Uint8Array.of(9, 9, 9)
    reader.records(
      1,
      [0, 1].map((sequence) => ({
        sequence,
        kind: 'audio',
        channel: 'caller',
        firstSample: sequence * 1_600,
        payload,
      })),
    )
    reader.partEnds(1, 2, true)
  })
  expect(lines).toEqual([
    ['audio.broken-packets', { recordingId: 'recording-1', part: 1, channel: 'caller', packets: 10 }],
  ])
})

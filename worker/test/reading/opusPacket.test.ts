import { Encoder } from '@evan/opus'
import { expect, test } from 'vitest'
import { opusPacketMs } from '../../src/reading/opusPacket.ts'

const bytes = (...values: readonly number[]) => Uint8Array.from(values)
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0)

test.each([
  [10, 160],
  [20, 320],
  [40, 640],
  [60, 960],
])('a packet of %i ms is known as such', (ms, samples) => {
  const encoder = new Encoder({ channels: 1, sample_rate: 16_000 })
  expect(opusPacketMs(encoder.encode(new Int16Array(samples)))).toBe(ms)
})

test.each([
  ['one frame of 20 ms', bytes((1 << 3) | 0, 1, 2, 3), 20],
  ['a frame left out because nobody speaks', bytes(1 << 3), 20],
  ['two equal frames of 10 ms', bytes((0 << 3) | 1, 1, 2, 3, 4), 20],
  ['two frames of their own lengths', bytes((0 << 3) | 2, 1, 9, 9, 9), 20],
  ['two frames, the first with a long length', bytes((0 << 3) | 2, 252, 0, ...zeros(252), 1), 20],
  ['eight frames of 2.5 ms', bytes((16 << 3) | 3, 8, ...zeros(16)), 20],
  ['one frame with padding', bytes((1 << 3) | 3, 64 | 1, 2, 7, 7, 0, 0), 20],
  ['frames with a length each', bytes((0 << 3) | 3, 128 | 2, 1, 5, 6, 6), 20],
])('%s', (_name, packet, ms) => {
  expect(opusPacketMs(packet)).toBe(ms)
})

test.each([
  ['nothing', bytes()],
  ['two equal frames of odd length together', bytes(1, 1, 2, 3)],
  ['a first frame longer than the packet', bytes(2, 9, 1)],
  ['a length cut off', bytes(2, 252)],
  ['many frames without their count', bytes(3)],
  ['many frames that are none', bytes(3, 0)],
  ['more than 120 ms', bytes((3 << 3) | 3, 3, ...zeros(3))],
  ['more padding than packet', bytes(3, 64 | 1, 9, 1)],
  ['padding without its length', bytes(3, 64 | 1)],
  ['a frame too long for any', bytes(0, ...zeros(1_276))],
])('no packet: %s', (_name, packet) => {
  expect(opusPacketMs(packet)).toBeUndefined()
})

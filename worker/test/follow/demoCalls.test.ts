import { CHANNELS, type Utterance } from '@3cx-ninja/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wordErrorRate } from '../../src/wordErrorRate.ts'
import { demoCall } from '../../testing/demoCall.ts'
import { realHearing } from '../../testing/realHearing.ts'
import { finalsOf, textOf, transcribe } from '../../testing/transcribe.ts'

const countOf = (text: string) => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0

describe('the demonstration calls, by the shipped model in real decoders', () => {
  let hearing: Awaited<ReturnType<typeof realHearing>>
  beforeAll(async () => {
    hearing = await realHearing(2)
  })
  afterAll(() => hearing[Symbol.asyncDispose]())

  test('call 1 is understood with at most 10 % wrong words on each channel', async () => {
    const call = await demoCall(1)
    const said = await transcribe(hearing, call.records)
    for (const channel of CHANNELS)
      expect(wordErrorRate(call.words[channel], textOf(said, channel)), channel).toBeLessThanOrEqual(0.1)
  })

  test.each([2, 3] as const)('call %i is understood with at most 15 % wrong words in all', async (number) => {
    const call = await demoCall(number)
    const said = await transcribe(hearing, call.records)
    const words = CHANNELS.map((channel) => countOf(call.words[channel]))
    const wrong = CHANNELS.map(
      (channel, index) => wordErrorRate(call.words[channel], textOf(said, channel)) * (words[index] ?? 0),
    )
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
    expect(sum(wrong) / sum(words)).toBeLessThanOrEqual(0.15)
  })

  test('two calls read at once keep their texts, and each is what it is alone', async () => {
    const calls = await Promise.all([demoCall(1), demoCall(2)])
    const alone: Utterance[][] = []
    for (const call of calls) alone.push(await transcribe(hearing, call.records))
    const together = await Promise.all(calls.map((call) => transcribe(hearing, call.records)))
    expect(together.map(finalsOf)).toEqual(alone.map(finalsOf))
  })
})

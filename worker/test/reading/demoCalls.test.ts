import { CHANNELS, type Channel, type Utterance } from '@3cx-ninja/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wordErrorRate } from '../../src/wordErrorRate.ts'
import { demoCall } from '../../testing/demoCall.ts'
import { realRecognition } from '../../testing/realRecognition.ts'
import { finalsOf, textOf, transcribe } from '../../testing/transcribe.ts'

const countOf = (text: string) => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0

describe('the demonstration calls, by the shipped model in real decoders', () => {
  let recognition: Awaited<ReturnType<typeof realRecognition>>
  beforeAll(async () => {
    recognition = await realRecognition(2)
  })
  afterAll(() => recognition[Symbol.asyncDispose]())

  test('call 1 is understood with at most 10 % wrong words on each channel', async () => {
    const call = await demoCall(1)
    const said = await transcribe(recognition, call.records)
    for (const channel of CHANNELS)
      expect(wordErrorRate(call.words[channel], textOf(said, channel)), channel).toBeLessThanOrEqual(0.1)
  })

  test.each([2, 3] as const)('call %i is understood with at most 15 % wrong words in all', async (number) => {
    const call = await demoCall(number)
    const said = await transcribe(recognition, call.records)
    const words = CHANNELS.map((channel) => countOf(call.words[channel]))
    const wrong = CHANNELS.map(
      (channel, index) => wordErrorRate(call.words[channel], textOf(said, channel)) * (words[index] ?? 0),
    )
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
    expect(sum(wrong) / sum(words)).toBeLessThanOrEqual(0.15)
  })

  test('[W7] a worker that takes over in the middle of a call goes on with the same text', async () => {
    const { records } = await demoCall(1)
    const whole = finalsOf(await transcribe(recognition, records))
    const kept = whole.slice(0, 6)
    const last = (channel: Channel) => {
      const { toMs, text } = kept.filter((one) => one.channel === channel).at(-1) ?? { toMs: 0, text: '' }
      return { part: 1, toMs, text }
    }
    const resume = { agent: last('agent'), caller: last('caller') }
    const fromMs = Math.min(resume.agent.toMs, resume.caller.toMs) - 1_000
    const rest = records.filter(({ firstSample }) => firstSample + 1_600 > fromMs * 16)
    expect(rest.length).toBeLessThan(records.length)
    const taken = finalsOf(await transcribe(recognition, rest, { lease: { resume } }))
    expect(taken).toEqual(whole.filter(({ channel, fromMs: at }) => at >= resume[channel].toMs))
    expect(taken.length).toBeGreaterThan(4)
  })

  test('two calls read at once keep their texts, and each is what it is alone', async () => {
    const calls = await Promise.all([demoCall(1), demoCall(2)])
    const beginnings = calls.map(({ records }) => records.slice(0, 500)) // 25 s
    const alone: Utterance[][] = []
    for (const records of beginnings) alone.push(await transcribe(recognition, records))
    const together = await Promise.all(beginnings.map((records) => transcribe(recognition, records)))
    expect(alone.flat().length).toBeGreaterThan(8)
    expect(together.map(finalsOf)).toEqual(alone.map(finalsOf))
  })
})

import { CHANNELS, type Channel, type LogRecord } from '@3cx-ninja/protocol'
import { describe, expect, it } from 'vitest'
import { loadBlockCodec } from '../../agent/src/main/capture/recording/blockCodec.ts'
import { wordErrorRate } from '../../worker/src/wordErrorRate.ts'
import { demoCall } from '../../worker/testing/demoCall.ts'
import { withEcho } from '../../worker/testing/echoed.ts'
import { realRecognition } from '../../worker/testing/realRecognition.ts'
import { textOf, transcribe } from '../../worker/testing/transcribe.ts'

const ROOM = [
  { share: 0.5, laterMs: 7 },
  { share: -0.4, laterMs: 19 },
  { share: 0.3, laterMs: 43 },
]

describe('the caller’s echo, recorded as agents record', () => {
  it.each([
    { call: 1, decibels: -20, delayMs: 80 },
    { call: 2, decibels: -8, delayMs: 150 },
    { call: 3, decibels: -12, delayMs: 250 },
  ] as const)(
    'is not in the agent’s text: call $call, $decibels dB, $delayMs ms, with noise and a room’s reflections, through Opus',
    async ({ call: number, ...path }) => {
      await using recognition = await realRecognition(2)
      const call = await demoCall(number)
      const records = await asOpus(withEcho(call.records, { ...path, reflections: ROOM, noise: 80 }))
      const said = await transcribe(recognition, records, { header: { codec: 'opus' } })
      const rates = CHANNELS.map((channel) => wordErrorRate(call.words[channel], textOf(said, channel)))
      console.log(
        `call ${number}: wrong words agent, caller: ${rates.map((rate) => rate.toFixed(3)).join(', ')}`,
      )
      for (const rate of rates) expect(rate).toBeLessThanOrEqual(0.1)
    },
  )
})

async function asOpus(records: readonly LogRecord[]): Promise<readonly LogRecord[]> {
  const codec = await loadBlockCodec((cause) => {
    throw cause
  })
  const encoders: Record<Channel, ReturnType<typeof codec.createEncoder>> = {
    agent: codec.createEncoder(),
    caller: codec.createEncoder(),
  }
  return records.map((record) => {
    const samples = new Int16Array(record.payload.slice().buffer)
    return { ...record, payload: encoders[record.channel](samples) }
  })
}

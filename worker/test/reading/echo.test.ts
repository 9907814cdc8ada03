import { CHANNELS, type Channel } from '@3cx-ninja/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RecognitionContext } from '../../src/reading/leaseReader.ts'
import { wordErrorRate } from '../../src/wordErrorRate.ts'
import { demoCall } from '../../testing/demoCall.ts'
import { withEcho, type EchoPath } from '../../testing/echoed.ts'
import { createKeptLog } from '../../testing/keptLog.ts'
import { fakeRecognition, aTranscription, recordsOf, soundOf } from '../../testing/fakeRecognition.ts'
import { realRecognition } from '../../testing/realRecognition.ts'
import { finalsOf, textOf, transcribe } from '../../testing/transcribe.ts'

const paths: readonly (EchoPath & { readonly what: string })[] = [
  { what: 'a headset that leaks', decibels: -20, delayMs: 80 },
  { what: 'a loudspeaker in a noisy room', decibels: -14, delayMs: 190, noise: 80, reflections: [{ share: 0.5, laterMs: 7 }, { share: -0.4, laterMs: 19 }, { share: 0.3, laterMs: 43 }] }, // prettier-ignore
]

describe('the caller’s voice in the agent’s microphone', () => {
  let recognition: RecognitionContext & AsyncDisposable
  beforeAll(async () => {
    recognition = await realRecognition(2)
  })
  afterAll(() => recognition[Symbol.asyncDispose]())

  test.each(paths)('$what: the agent’s text holds the agent’s words and no others', async (path) => {
    const call = await demoCall(1)
    const said = await transcribe(recognition, withEcho(call.records, path))
    for (const channel of CHANNELS)
      expect(wordErrorRate(call.words[channel], textOf(said, channel)), channel).toBeLessThanOrEqual(0.1)
    expect(textOf(said, 'agent')).not.toMatch(
      /Menuiserie|imprimante|devis|quarante-deux|combien|bonne journée/i,
    )
  })

  test('[W7] a worker that takes over in the middle leaves the same echo away', async () => {
    const records = withEcho((await demoCall(1)).records, { decibels: -20, delayMs: 80 })
    const whole = finalsOf(await transcribe(recognition, records))
    const kept = whole.slice(0, 6)
    const last = (channel: Channel) => {
      const { toMs, text } = kept.filter((one) => one.channel === channel).at(-1) ?? { toMs: 0, text: '' }
      return { part: 1, toMs, text }
    }
    const resume = { agent: last('agent'), caller: last('caller') }
    const fromMs = Math.min(resume.agent.toMs, resume.caller.toMs) - 1_000
    const rest = records.filter(({ firstSample }) => firstSample + 1_600 > fromMs * 16)
    const taken = finalsOf(await transcribe(recognition, rest, { lease: { resume } }))
    expect(taken).toEqual(whole.filter(({ channel, fromMs: at }) => at >= resume[channel].toMs))
    expect(taken.length).toBeGreaterThan(4)
  })

  test('without an echo nothing is left away', async () => {
    const log = createKeptLog()
    for (const number of [1, 2, 3] as const) {
      const { records } = await demoCall(number)
      await transcribe({ ...recognition, log: log.log }, records)
    }
    expect(log.lines.filter(({ event }) => event === 'echo.removed')).toEqual([])
  })
})

describe('the same words on both channels, in sound that is not alike', () => {
  const words = 'Zéro deux quarante, onze vingt-deux.'
  const speech = 'S'.repeat(60)
  const quieter = (samples: Int16Array) => samples.map((sample) => Math.round(sample * 0.3))
  const textsOf = async (agent: Int16Array) => {
    const log = createKeptLog()
    const recognition = fakeRecognition({
      transcribe: () => Promise.resolve(aTranscription(words)),
      log: log.log,
    })
    const caller = soundOf(`${'-'.repeat(30)}${speech}${'-'.repeat(90)}`, 1)
    const said = await transcribe(recognition, recordsOf({ agent, caller }))
    return { agent: textOf(said, 'agent'), caller: textOf(said, 'caller'), log: log.lines }
  }

  test('are an echo where they come at once and quieter; the log has their number, and no word', async () => {
    const echo = quieter(soundOf(`${'-'.repeat(34)}${speech}${'-'.repeat(86)}`, 2))
    const { agent, caller, log } = await textsOf(echo)
    expect({ agent, caller }).toEqual({ agent: '', caller: words })
    expect(log.find(({ event }) => event === 'echo.removed')?.fields).toMatchObject({ utterances: 1 })
    expect(JSON.stringify(log)).not.toContain('quarante')
  })

  test('are the technician’s where they come a second later, though quieter: a number repeated aloud', async () => {
    const repeated = quieter(soundOf(`${'-'.repeat(62)}${speech}${'-'.repeat(58)}`, 2))
    const { agent, caller } = await textsOf(repeated)
    expect({ agent, caller }).toEqual({ agent: words, caller: words })
  })
})

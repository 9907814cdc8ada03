import { CHANNELS } from '@3cx-ninja/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hearing } from '../../src/follow/leaseReader.ts'
import { wordErrorRate } from '../../src/wordErrorRate.ts'
import { demoCall } from '../../testing/demoCall.ts'
import { withEcho, type EchoPath } from '../../testing/echoed.ts'
import { createKeptLog } from '../../testing/keptLog.ts'
import { realHearing } from '../../testing/realHearing.ts'
import { textOf, transcribe } from '../../testing/transcribe.ts'

const paths: readonly (EchoPath & { readonly what: string })[] = [
  { what: 'a headset that leaks', decibels: -20, delayMs: 80 },
  { what: 'a loudspeaker in a room', decibels: -14, delayMs: 190, reflections: [{ share: 0.5, laterMs: 7 }, { share: -0.4, laterMs: 19 }, { share: 0.3, laterMs: 43 }] }, // prettier-ignore
]

describe('the caller’s voice in the agent’s microphone', () => {
  let hearing: Hearing & AsyncDisposable
  beforeAll(async () => {
    hearing = await realHearing(2)
  })
  afterAll(() => hearing[Symbol.asyncDispose]())

  test.each(paths)('$what: the agent’s text holds the agent’s words and no others', async (path) => {
    const call = await demoCall(1)
    const said = await transcribe(hearing, withEcho(call.records, path))
    for (const channel of CHANNELS)
      expect(wordErrorRate(call.words[channel], textOf(said, channel)), channel).toBeLessThanOrEqual(0.1)
    expect(textOf(said, 'agent')).not.toMatch(
      /Menuiserie|imprimante|devis|quarante-deux|combien|bonne journée/i,
    )
  })

  test('without an echo nothing is left away', async () => {
    const log = createKeptLog()
    for (const number of [1, 2, 3] as const) {
      const { records } = await demoCall(number)
      await transcribe({ ...hearing, log: log.log }, records)
    }
    expect(log.lines.filter(({ event }) => event === 'echo.left-away')).toEqual([])
  })
})

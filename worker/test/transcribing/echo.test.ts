import { beforeAll, describe, expect, test } from 'vitest'
import type { Channel } from '@3cx-ninja/protocol'
import { findEcho } from '../../src/transcribing/echo.ts'
import { isEchoOf, type Spoken } from '../../src/transcribing/echoedWords.ts'
import { createRecentSound } from '../../src/transcribing/lowBand.ts'
import { demoCall } from '../../testing/demoCall.ts'
import { samplesOf } from '../../testing/echoed.ts'

const MS = 16
/** One sentence of the caller, from call 1. */
const [FROM_MS, TO_MS] = [12_700, 18_300]

describe('sound of the agent’s channel while or after the caller speaks', () => {
  let sides: Record<Channel, Int16Array>
  let caller: ReturnType<typeof createRecentSound>
  beforeAll(async () => {
    const { records } = await demoCall(1)
    sides = { agent: samplesOf(records, 'agent'), caller: samplesOf(records, 'caller') }
    caller = createRecentSound(60)
    for (let at = 0; at < sides.caller.length; at += 1_600)
      caller.add(at, sides.caller.subarray(at, at + 1_600))
  })
  /** The microphone's audio from `FROM_MS` on, mixed from stretches of the demonstration call. */
  const microphone = (
    ...transcription: readonly { of: Channel; fromMs: number; decibels: number; atMs?: number; ms?: number }[]
  ) => {
    const samples = new Int16Array((TO_MS - FROM_MS) * MS)
    for (const { of, fromMs, decibels, atMs = 0, ms = Infinity } of transcription) {
      const gain = 10 ** (decibels / 20)
      for (let index = atMs * MS; index < Math.min(samples.length, (atMs + ms) * MS); index++)
        samples[index] =
          (samples[index] ?? 0) + Math.round(gain * (sides[of][fromMs * MS + index - atMs * MS] ?? 0))
    }
    return { fromSample: FROM_MS * MS, toSample: TO_MS * MS, samples }
  }

  test.each([10, 80, 300, 480])('the same sound %i ms later and quieter is an echo', (delayMs) => {
    const echo = microphone({ of: 'caller', fromMs: FROM_MS - delayMs, decibels: -20 })
    const beganMs = performance.now()
    const verdict = findEcho(echo, caller)
    console.log(`5.6 s looked through in ${(performance.now() - beganMs).toFixed(0)} ms`)
    expect(verdict.at).toBe('all')
    const turned = { ...echo, samples: echo.samples.map((sample) => -sample) }
    expect(findEcho(turned, caller).at).toBe('all')
  })

  test('the same audio much later is a recording or a person that repeats it: kept', () => {
    for (const delayMs of [900, 1_500, 3_000])
      expect(findEcho(microphone({ of: 'caller', fromMs: FROM_MS - delayMs, decibels: -10 }), caller)).toEqual({ at: 'none' }) // prettier-ignore
  })

  test('the same sound as loud as the caller’s is no echo: kept', () => {
    expect(findEcho(microphone({ of: 'caller', fromMs: FROM_MS - 80, decibels: 0 }), caller)).toEqual({
      at: 'none',
    })
  })

  test('another voice at the same time is kept, however quiet', () => {
    for (const fromMs of [9_300, 18_200, 27_400, 36_300, 51_600])
      for (const decibels of [0, -10, -20, -26])
        expect(findEcho(microphone({ of: 'agent', fromMs, decibels }), caller), `${fromMs}`).toEqual({
          at: 'none',
        })
  })

  test('an own voice over the echo is kept where it speaks', () => {
    const verdict = findEcho(
      microphone(
        { of: 'caller', fromMs: FROM_MS - 80, decibels: -20 },
        { of: 'agent', fromMs: 27_400, decibels: 0, atMs: 3_000, ms: 2_000 },
      ),
      caller,
    )
    if (verdict.at !== 'part') throw new Error(verdict.at)
    const fromMs = verdict.segment.fromSample / MS - FROM_MS
    const toMs = verdict.segment.toSample / MS - FROM_MS
    expect(fromMs).toBeGreaterThan(2_300)
    expect(fromMs).toBeLessThan(3_300)
    expect(toMs).toBeGreaterThan(4_700)
    const own = microphone({ of: 'agent', fromMs: 27_400, decibels: 0, atMs: 3_000, ms: 2_000 })
    const energy = ({ samples }: { samples: Int16Array }) =>
      samples.reduce((sum, sample) => sum + sample ** 2, 0)
    expect(energy(verdict.segment) / energy(own)).toBeGreaterThan(0.97)
  })

  test('a silent caller has no echo', () => {
    expect(
      findEcho(microphone({ of: 'agent', fromMs: 27_400, decibels: -20 }), createRecentSound(10)),
    ).toEqual({
      at: 'none',
    })
  })
})

describe('words of the agent’s channel that resemble the caller’s', () => {
  const number = 'Zéro deux quarante, onze vingt-deux trente-trois.'
  const spoken = (text: string, changes: Partial<Spoken> = {}): Spoken => ({
    text,
    fromMs: 10_000,
    toMs: 13_000,
    level: 1_000,
    ...changes,
  })
  const quiet = { level: 120 }

  test('said at the same time and quieter are an echo, a misunderstood word included', () => {
    const transcription = 'zero deux quarante onze vingt-deux trente-toi'
    expect(
      isEchoOf(spoken(transcription, { ...quiet, fromMs: 10_200, toMs: 13_200 }), [spoken(number)]),
    ).toBe(true)
  })

  test.each([
    ['begin when the number was said', { ...quiet, fromMs: 13_400, toMs: 16_400 }],
    ['begin a moment into the number', { ...quiet, fromMs: 10_900, toMs: 13_900 }],
    ['begin before the caller', { ...quiet, fromMs: 9_500, toMs: 12_500 }],
    ['are as loud as the caller', { level: 700, fromMs: 10_200, toMs: 13_200 }],
    ['end long after the caller', { ...quiet, fromMs: 10_200, toMs: 15_000 }],
  ])('are kept where they %s: the technician repeats', (_when, changes) => {
    expect(isEchoOf(spoken(number, changes), [spoken(number)])).toBe(false)
  })

  test('that are few, or others, are kept', () => {
    const at = { ...quiet, fromMs: 10_200, toMs: 13_200 }
    expect(isEchoOf(spoken('oui c’est ça', at), [spoken('oui c’est ça')])).toBe(true)
    expect(isEchoOf(spoken('oui très bien', at), [spoken('oui très bien')])).toBe(false)
    expect(isEchoOf(spoken('le onze vingt-deux quarante-quatre, non', at), [spoken(number)])).toBe(false)
    expect(isEchoOf(spoken(number, at), [])).toBe(false)
  })
})

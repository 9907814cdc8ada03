import type { Channel, LastFinal, LogRecord } from '@3cx-ninja/protocol'
import { describe, expect, test } from 'vitest'
import { fakeRecognition, recordsOf, soundOf } from '../../testing/fakeRecognition.ts'
import { finalsOf, transcribe } from '../../testing/transcribe.ts'

/** Numbers in [0, 1) that only depend on the seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** About two minutes of turns, breaths, clicks and monologues on both channels, with gaps in the log. */
function aCall(random: () => number): LogRecord[] {
  const pattern = () => {
    let made = ''
    while (made.length < 3_500) {
      made += '-'.repeat(Math.floor(random() * 60))
      made += 'S'.repeat(Math.floor(random() ** 3 * 600))
    }
    return made
  }
  const records = recordsOf({
    agent: soundOf(pattern(), 1 + Math.floor(random() * 1_000)),
    caller: soundOf(pattern(), 2_000 + Math.floor(random() * 1_000)),
  })
  const holes = Array.from({ length: 6 }, () => ({
    from: Math.floor(random() * records.length),
    length: Math.floor(random() ** 2 * 60),
  }))
  return records
    .filter((_, index) => !holes.some(({ from, length }) => index >= from && index < from + length))
    .map((record, sequence) => ({ ...record, sequence }))
}

const seeds = [1, 2, 3, 4]

describe.each(seeds)('a random call, seed %i', (seed) => {
  test('gives the same text however its records are grouped', async () => {
    const random = randomOf(seed)
    const records = aCall(random)
    const whole = finalsOf(await transcribe(fakeRecognition(), records, { size: () => records.length }))
    expect(whole.length).toBeGreaterThan(10)
    const pieces = await transcribe(fakeRecognition(), records, { size: () => 1 + Math.floor(random() * 64) })
    expect(finalsOf(pieces)).toEqual(whole)
    expect(finalsOf(await transcribe(fakeRecognition(), records, { size: () => 1 }))).toEqual(whole)
  })

  test('[W7] a worker that takes over after any final goes on with the same text, no gap, none twice', async () => {
    const random = randomOf(seed + 100)
    const records = aCall(random)
    const whole = finalsOf(await transcribe(fakeRecognition(), records))
    for (let round = 0; round < 4; round++) {
      const lost = Math.floor(random() * whole.length)
      const kept = whole.slice(0, lost)
      const lastOf = (channel: Channel): LastFinal | null => {
        const last = kept.filter((one) => one.channel === channel).at(-1)
        return last ? { part: 1, toMs: last.toMs, text: last.text } : null
      }
      const resume = { agent: lastOf('agent'), caller: lastOf('caller') }
      // The hub sends records from a second before the earlier of both points.
      const fromMs = Math.min(resume.agent?.toMs ?? 0, resume.caller?.toMs ?? 0) - 1_000
      const rest = records.filter(({ firstSample }) => firstSample + 1_600 > fromMs * 16)
      const taken = finalsOf(await transcribe(fakeRecognition(), rest, { lease: { resume } }))
      const behind = (one: (typeof whole)[number]) => one.fromMs >= (resume[one.channel]?.toMs ?? 0)
      expect(taken, `seed ${seed}, round ${round}`).toEqual(whole.filter(behind))
    }
  })
})

test('the previous final is the prompt of the next one, also for a worker that takes over', async () => {
  const prompts: string[] = []
  const recognition = () =>
    fakeRecognition({
      transcribe: async ({ prompt, samples }) => {
        prompts.push(prompt)
        return { text: `texte ${samples.length}`, words: [], noSpeech: 0 }
      },
    })
  const records = recordsOf({ agent: soundOf(`${'S'.repeat(40)}${'-'.repeat(40)}${'S'.repeat(50)}`) })
  const [first, second] = finalsOf(
    await transcribe(recognition(), records, { lease: { vocabulary: 'Teams Outlook' } }),
  )
  expect(prompts).toEqual(['Teams Outlook', `Teams Outlook ${first?.text ?? ''}`])
  prompts.length = 0
  const resume = { agent: { part: 1, toMs: first?.toMs ?? 0, text: first?.text ?? '' }, caller: null }
  const taken = finalsOf(await transcribe(recognition(), records, { lease: { resume } }))
  expect(taken).toEqual([second])
  expect(prompts).toEqual([first?.text])
})

test('a model that is not helped by prompts gets none', async () => {
  const prompts: string[] = []
  const recognition = fakeRecognition({
    model: { prompt: false },
    transcribe: async ({ prompt }) => {
      prompts.push(prompt)
      return { text: 'texte', words: [], noSpeech: 0 }
    },
  })
  const records = recordsOf({ agent: soundOf(`${'S'.repeat(40)}${'-'.repeat(40)}${'S'.repeat(40)}`) })
  await transcribe(recognition, records, { lease: { vocabulary: 'Teams' } })
  expect(prompts).toEqual(['', ''])
})

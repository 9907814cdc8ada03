import { expect, it } from 'vitest'
import { recordingId, utteranceId, type Channel } from '@3cx-ninja/protocol'
import { inSpeakingOrder } from '../../src/transcripts/speakingOrder.ts'
import type { FinalUtterance } from '../../src/transcripts/finalUtterance.ts'

const START_MS = Date.UTC(2026, 0, 5, 9)

/** Returns a final utterance; `partAtMs` counts from the beginning of the call by the PC's clock. */
function said(
  text: string,
  at: { part?: number; fromMs: number; partAtMs?: number; channel?: Channel },
): FinalUtterance {
  const { part = 1, fromMs, partAtMs = 0, channel = 'agent' } = at
  return {
    utteranceId: utteranceId.parse(`utterance-${text}`),
    recordingId: recordingId.parse('recording-1'),
    channel,
    part,
    state: 'final',
    fromMs,
    toMs: fromMs + 1_000,
    text,
    words: [],
    atMs: START_MS + partAtMs + fromMs,
  }
}
const texts = (lines: readonly FinalUtterance[]) => inSpeakingOrder(lines).map(({ text }) => text)

it('orders the utterances of both channels by time', () => {
  const lines = [
    said('answer', { fromMs: 2_000, channel: 'caller' }),
    said('hello', { fromMs: 0 }),
    said('thanks', { fromMs: 4_000 }),
  ]
  expect(texts(lines)).toEqual(['hello', 'answer', 'thanks'])
})

it('keeps the time of a silence between two parts', () => {
  const lines = [said('before', { fromMs: 0 }), said('after', { part: 2, fromMs: 0, partAtMs: 60_000 })]
  expect(inSpeakingOrder(lines).map(({ atMs }) => atMs - START_MS)).toEqual([0, 60_000])
})

it('orders a part after the previous one, also when the PC’s clock was set back in between', () => {
  const lines = [
    said('second', { fromMs: 50_000, channel: 'caller' }),
    said('first', { fromMs: 10_000 }),
    said('fourth', { part: 2, fromMs: 3_000, partAtMs: -3_600_000 }),
    said('third', { part: 2, fromMs: 0, partAtMs: -3_600_000, channel: 'caller' }),
  ]
  expect(texts(lines)).toEqual(['first', 'second', 'third', 'fourth'])
})

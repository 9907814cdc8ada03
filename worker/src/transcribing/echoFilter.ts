import type { Utterance } from '@3cx-ninja/protocol'
import type { AudioSegment } from '../endpointing/speechChannel.ts'
import { SAMPLES_PER_MS } from '../tuning.ts'
import { findEcho } from './echo.ts'
import { isEchoOf, mayEcho, type Spoken } from './echoedWords.ts'
import { createRecentSound, levelOf, lowBandOf, LOW_BAND_STEP } from './lowBand.ts'

/**
 * Keeps the caller's voice from the agent's text, where a loudspeaker plays it into the microphone. Never the other way round:
 * the caller's channel is not filtered. Lives as long as one part is read.
 */
export interface EchoFilter {
  addCallerSound(firstSample: number, samples: Int16Array): void
  addCallerUtterance(utterance: Utterance): void
  /** Returns the segment without echo; undefined if nothing else remains. */
  removeEcho(this: void, segment: AudioSegment): AudioSegment | undefined
  isEcho(this: void, text: string, segment: AudioSegment): Promise<boolean>
  /** Returns how much was removed since the start of the part: numbers only, no words. */
  removed(): { readonly utterances: number; readonly soundMs: number }
}

/** The caller's audio is kept this long: longer than the longest utterance and its echo. */
const KEPT_SECONDS = 15
/** So many finals of the caller are kept: an echo is compared with what was said meanwhile. */
const KEPT_FINALS = 6

/** Creates a filter that knows no audio of the caller yet, and therefore finds no echo. */
export function createEchoFilter({
  callerFinalsSettled,
}: {
  /** Resolves when the finals of the caller's closed utterances are sent. */
  readonly callerFinalsSettled: () => Promise<void>
}): EchoFilter {
  const recent = createRecentSound(KEPT_SECONDS)
  let finals: readonly Spoken[] = []
  /** The agent's segments by their first sample, so that a partial and its final count once. */
  const echoes = new Map<number, number>()
  const echoOnly = new Set<number>()

  const levelBetween = (fromMs: number, toMs: number) => {
    const first = Math.floor((fromMs * SAMPLES_PER_MS) / LOW_BAND_STEP)
    return levelOf(recent.from(first, Math.floor(((toMs - fromMs) * SAMPLES_PER_MS) / LOW_BAND_STEP)))
  }
  return {
    addCallerSound: (firstSample, samples) => recent.add(firstSample, samples),
    addCallerUtterance({ state, fromMs, toMs, text }) {
      if (state !== 'final') return
      finals = [...finals.slice(1 - KEPT_FINALS), { fromMs, toMs, text, level: levelBetween(fromMs, toMs) }]
    },
    removeEcho(segment) {
      const verdict = findEcho(segment, recent)
      if (verdict.at === 'none') return segment
      echoes.set(segment.fromSample, verdict.echoMs)
      if (verdict.at === 'part') return verdict.segment
      echoOnly.add(segment.fromSample)
      return undefined
    },
    async isEcho(text, segment) {
      const spoken: Spoken = {
        fromMs: segment.fromSample / SAMPLES_PER_MS,
        toMs: segment.toSample / SAMPLES_PER_MS,
        text,
        level: levelOf(lowBandOf(segment.fromSample, segment.samples).values),
      }
      // Waiting for the caller's finals costs time, so it happens only where these words might be theirs.
      if (!mayEcho(spoken, levelBetween(spoken.fromMs, spoken.toMs))) return false
      await callerFinalsSettled()
      const isEcho = isEchoOf(spoken, finals)
      if (isEcho) echoOnly.add(segment.fromSample)
      return isEcho
    },
    removed: () => ({
      utterances: echoOnly.size,
      soundMs: [...echoes.values()].reduce((sum, ms) => sum + ms, 0),
    }),
  }
}

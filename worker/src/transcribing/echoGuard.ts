import type { Utterance } from '@3cx-ninja/protocol'
import type { Sound } from '../segmenting/speechChannel.ts'
import { SAMPLES_PER_MS } from '../tuning.ts'
import { findEcho } from './echo.ts'
import { isEchoOf, mayEcho, type Spoken } from './echoedWords.ts'
import { createRecentSound, levelOf, lowBandOf, LOW_BAND_STEP } from './lowBand.ts'

/** Keeps the caller's voice, come out of a loudspeaker, from the agent's text. Never the other way round. */
export interface EchoGuard {
  callerSounded(firstSample: number, samples: Int16Array): void
  callerSaid(utterance: Utterance): void
  /** What of the agent's sound is the agent's; nothing where all of it is echo. */
  withoutEcho(this: void, sound: Sound): Sound | undefined
  isEcho(this: void, text: string, sound: Sound): Promise<boolean>
  /** Since the start of the part, without a word of it. */
  leftAway(): { readonly utterances: number; readonly soundMs: number }
}

/** Longer than the longest utterance and its echo. */
const KEPT_SECONDS = 15
/** Of the caller: an echo is compared with what was said meanwhile. */
const KEPT_FINALS = 6

export function createEchoGuard({
  callersWords,
}: {
  /** Resolves when the caller's utterances that have ended are written down. */
  readonly callersWords: () => Promise<void>
}): EchoGuard {
  const recent = createRecentSound(KEPT_SECONDS)
  let finals: readonly Spoken[] = []
  /** Pieces of the agent's sound by their beginning, so that a partial and its final count once. */
  const echoes = new Map<number, number>()
  const wordless = new Set<number>()

  const levelBetween = (fromMs: number, toMs: number) => {
    const first = Math.floor((fromMs * SAMPLES_PER_MS) / LOW_BAND_STEP)
    return levelOf(recent.from(first, Math.floor(((toMs - fromMs) * SAMPLES_PER_MS) / LOW_BAND_STEP)))
  }
  return {
    callerSounded: (firstSample, samples) => recent.add(firstSample, samples),
    callerSaid({ state, fromMs, toMs, text }) {
      if (state !== 'final') return
      finals = [...finals.slice(1 - KEPT_FINALS), { fromMs, toMs, text, level: levelBetween(fromMs, toMs) }]
    },
    withoutEcho(sound) {
      const verdict = findEcho(sound, recent)
      if (verdict.at === 'none') return sound
      echoes.set(sound.fromSample, verdict.echoMs)
      if (verdict.at === 'part') return verdict.sound
      wordless.add(sound.fromSample)
      return undefined
    },
    async isEcho(text, sound) {
      const said: Spoken = {
        fromMs: sound.fromSample / SAMPLES_PER_MS,
        toMs: sound.toSample / SAMPLES_PER_MS,
        text,
        level: levelOf(lowBandOf(sound.fromSample, sound.samples).values),
      }
      // Waiting for the caller's words costs time, so only where they might be these.
      if (!mayEcho(said, levelBetween(said.fromMs, said.toMs))) return false
      await callersWords()
      const isEcho = isEchoOf(said, finals)
      if (isEcho) wordless.add(sound.fromSample)
      return isEcho
    },
    leftAway: () => ({
      utterances: wordless.size,
      soundMs: [...echoes.values()].reduce((sum, ms) => sum + ms, 0),
    }),
  }
}

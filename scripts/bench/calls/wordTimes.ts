import type { Utterance } from '@3cx-ninja/protocol'
import { WORKER } from '../partTuning.ts'
import type { Said } from './callSound.ts'
import type { PlayedCall } from './playCall.ts'

/** Delays of text on the agent, per utterance. */
export interface WordTimes {
  /** Time from the end of the speech to its final text. */
  readonly finalMs: readonly number[]
  /** Time from the speech onset to the first provisional word that is also the first word of the final. */
  readonly onsetMs: readonly number[]
  /** Words of provisional texts, and how many of them stand at the same position in the final. */
  readonly shownWords: number
  readonly survivingWords: number
}

/** Playback starts with a block of 100 ms that may have begun before the call was reported as talking. */
const BLOCK_MS = 100
const { samplesPerMs, frameSamples, leadFrames, trailFrames } = WORKER
/** Padding of an utterance before and after the detected speech. */
const LEAD_MS = (leadFrames * frameSamples) / samplesPerMs
const TRAIL_MS = (trailFrames * frameSamples) / samplesPerMs
/** Maximum distance between an utterance's edge and the true edge of the speech. */
const NEAR_MS = 700

/** More pre-roll than any agent keeps. */
const MAX_SHIFT_MS = 3_000

type Seen = PlayedCall['utterances'][number]

/** Returns the delays between speech and text; every ambiguity counts against the product. */
export function wordTimes({ utterances, playedAtMs }: PlayedCall, said: readonly Said[]): WordTimes {
  const soundMs = playedAtMs - BLOCK_MS
  const byId = new Map<string, Seen[]>()
  for (const one of utterances) {
    const { utteranceId } = one.utterance
    byId.set(utteranceId, [...(byId.get(utteranceId) ?? []), one])
  }
  // The recording's clock starts with a pre-roll, the reference's with the audio: the finals give the shift.
  const shiftMs = shiftOf(
    utterances.map(({ utterance }) => utterance),
    said,
  )
  const finalMs: number[] = []
  const onsetMs: number[] = []
  let shownWords = 0
  let survivingWords = 0
  for (const seen of byId.values()) {
    const final = seen.find(({ utterance }) => utterance.state === 'final')
    if (!final || final.utterance.text === '') continue
    const { channel, text } = final.utterance
    const fromMs = final.utterance.fromMs + LEAD_MS - shiftMs
    const toMs = final.utterance.toMs - TRAIL_MS - shiftMs
    const mine = said.filter((one) => one.channel === channel)
    const ended = nearest(
      mine.map((one) => one.toMs),
      toMs,
    )
    // An utterance cut in the middle of speech ends at the cut.
    finalMs.push(final.atMs - (soundMs + (ended ?? toMs)))
    const words = wordsOf(text)
    for (const { utterance } of seen.filter((one) => one.utterance.state === 'partial')) {
      const shown = wordsOf(utterance.text)
      shownWords += shown.length
      survivingWords += shown.filter((word, index) => word === words[index]).length
    }
    const begun = nearest(
      mine.map((one) => one.fromMs),
      fromMs,
    )
    const first = seen.find(({ utterance }) => wordsOf(utterance.text)[0] === words[0])
    if (begun !== undefined && first) onsetMs.push(first.atMs - (soundMs + begun))
  }
  return { finalMs, onsetMs, shownWords, survivingWords }
}

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

function nearest(times: readonly number[], ms: number): number | undefined {
  const found = times.reduce<number | undefined>(
    (best, time) => (best === undefined || Math.abs(time - ms) < Math.abs(best - ms) ? time : best),
    undefined,
  )
  return found !== undefined && Math.abs(found - ms) <= NEAR_MS ? found : undefined
}

/** Returns the shift at which the most finals end together with a spoken segment. */
function shiftOf(utterances: readonly Utterance[], said: readonly Said[]): number {
  const ends = utterances.filter(({ state, text }) => state === 'final' && text !== '')
  let best = { shift: 0, fits: -1, off: Infinity }
  for (let shift = 0; shift <= MAX_SHIFT_MS; shift += 50) {
    const offs = ends.flatMap(({ channel, toMs }) => {
      const near = nearest(
        said.filter((one) => one.channel === channel).map((one) => one.toMs),
        toMs - TRAIL_MS - shift,
      )
      return near === undefined ? [] : [Math.abs(near - (toMs - TRAIL_MS - shift))]
    })
    const off = offs.reduce((sum, one) => sum + one, 0)
    if (offs.length > best.fits || (offs.length === best.fits && off < best.off))
      best = { shift, fits: offs.length, off }
  }
  return best.shift
}

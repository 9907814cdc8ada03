import type { WorkerTuning } from '../tuning.ts'

/** One frame (32 ms) as the cutter sees it. */
export interface FrameFacts {
  /** Of speech, 0 to 1. */
  readonly probability: number
  /** Root mean square of the 16 bit samples. */
  readonly rms: number
}

/** Frames are numbered from sample 0 of the part; `to` is exclusive. */
export type Cut =
  | { readonly kind: 'opened'; readonly from: number }
  | { readonly kind: 'closed'; readonly from: number; readonly to: number }

/**
 * Finds the next utterance, and only that one: behind its end a new cutter begins. So who takes a call over at the end of
 * an utterance cuts what follows exactly as the first reader would have.
 */
export interface Cutter {
  frame(facts: FrameFacts): Cut | undefined
  /** Where the open utterance ends if nothing more is said; undefined while somebody speaks or just did. */
  endIfOver(): number | undefined
  /** The sound is over: an open utterance ends here. */
  end(): Cut | undefined
}

export type CutterTuning = Pick<
  WorkerTuning,
  | 'speechFrom'
  | 'silenceBelow'
  | 'openFrames'
  | 'closeFrames'
  | 'leadFrames'
  | 'trailFrames'
  | 'quietFrames'
  | 'quietRms'
> & {
  /** The longest utterance; longer speech is cut where it is quietest in the last `searchFrames` of it. */
  readonly maxFrames: number
  readonly searchFrames: number
}

/** Frames before the present one of which an utterance that opens now may take its lead. */
export const framesRemembered = ({
  leadFrames,
  openFrames,
}: Pick<CutterTuning, 'leadFrames' | 'openFrames'>) => leadFrames + openFrames * 4

interface Open {
  readonly from: number
  lastSpeech: number
  /** RMS per frame since `from`. */
  readonly rms: number[]
}

/** Frames are handed in one after the other, beginning with number `first`. */
export function createCutter(tuning: CutterTuning, first: number): Cutter {
  let next = first
  let run = { from: first, speech: 0 }
  let recentRms: number[] = []
  let open: Open | undefined

  /** Silence behind it says nothing; so an utterance is the same whether a pause or the end of the sound closes it. */
  const endBehind = (lastSpeech: number) => Math.min(next, lastSpeech + 1 + tuning.trailFrames)

  const listen = (now: number, { probability, rms }: FrameFacts): Cut | undefined => {
    recentRms = [...recentRms.slice(-framesRemembered(tuning)), rms]
    if (probability >= tuning.speechFrom && rms >= tuning.quietRms)
      run = { from: run.speech === 0 ? now : run.from, speech: run.speech + 1 }
    else if (probability < tuning.silenceBelow) run = { from: now, speech: 0 }
    if (run.speech < tuning.openFrames) return undefined
    const from = Math.max(first, run.from - tuning.leadFrames, now + 1 - recentRms.length)
    open = { from, lastSpeech: now, rms: recentRms.slice(recentRms.length - (now + 1 - from)) }
    return { kind: 'opened', from }
  }

  const speak = (now: number, { from, rms, ...was }: Open, facts: FrameFacts): Cut | undefined => {
    rms.push(facts.rms)
    const speaks = facts.probability >= tuning.silenceBelow && facts.rms >= tuning.quietRms
    const lastSpeech = speaks ? now : was.lastSpeech
    open = { from, rms, lastSpeech }
    if (now - lastSpeech >= tuning.closeFrames) return { kind: 'closed', from, to: endBehind(lastSpeech) }
    return rms.length < tuning.maxFrames
      ? undefined
      : { kind: 'closed', from, to: from + quietest(rms, tuning) }
  }

  return {
    frame(facts) {
      const now = next
      next += 1
      return open ? speak(now, open, facts) : listen(now, facts)
    },
    endIfOver: () =>
      open && next > open.lastSpeech + tuning.trailFrames ? endBehind(open.lastSpeech) : undefined,
    end: () => open && { kind: 'closed', from: open.from, to: endBehind(open.lastSpeech) },
  }
}

/** The middle of the quietest stretch, in frames after the first. */
function quietest(rms: readonly number[], tuning: CutterTuning): number {
  const { quietFrames, openFrames, searchFrames } = tuning
  const start = Math.max(openFrames, rms.length - searchFrames)
  let best = { at: rms.length - quietFrames, sum: Infinity }
  for (let at = start; at + quietFrames <= rms.length; at++) {
    const sum = rms.slice(at, at + quietFrames).reduce((total, value) => total + value, 0)
    if (sum < best.sum) best = { at, sum }
  }
  return best.at + Math.floor(quietFrames / 2)
}

/** Root mean square of samples. */
export function rmsOf(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return Math.sqrt(sum / Math.max(1, samples.length))
}

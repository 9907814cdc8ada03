import type { WorkerTuning } from '../tuning.ts'

/** What the endpointer needs of one frame (32 ms). */
export interface FrameFacts {
  /** The probability of speech, 0 to 1. */
  readonly probability: number
  /** Root mean square of the 16 bit samples. */
  readonly rms: number
}

/** The beginning of an utterance, or its end. Frames are numbered from sample 0 of the part; `to` is exclusive. */
export type UtteranceBoundary =
  | { readonly kind: 'opened'; readonly from: number }
  | { readonly kind: 'closed'; readonly from: number; readonly to: number }

/**
 * Finds the next utterance, and only that one: after its end a new endpointer starts. So a worker that takes a call over at
 * the end of an utterance finds the same utterances as the first reader. It waits for speech until it returns `opened`,
 * follows the utterance until it returns `closed`, and is of no use afterwards. Pure: knows nothing of samples, only of
 * the facts of each frame.
 */
export interface Endpointer {
  /** Returns the boundary that this frame decides, if any. Frames must come in order, without a hole. */
  frame(facts: FrameFacts): UtteranceBoundary | undefined
  /** Returns the frame at which the open utterance ends if nothing more is said; undefined during speech and just after it. */
  endIfOver(): number | undefined
  /** Returns the end of an open utterance, because the audio is over. */
  end(): UtteranceBoundary | undefined
}

export type EndpointerTuning = Pick<
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

/** Returns how many frames before the present one may become the lead of an utterance that opens now. */
export const framesRemembered = ({
  leadFrames,
  openFrames,
}: Pick<EndpointerTuning, 'leadFrames' | 'openFrames'>) => leadFrames + openFrames * 4

interface Open {
  readonly from: number
  lastSpeech: number
  /** RMS per frame since `from`. */
  readonly rms: number[]
}

/** Creates an endpointer that waits for speech; its first frame has the number `first`. */
export function createEndpointer(tuning: EndpointerTuning, first: number): Endpointer {
  let next = first
  let run = { from: first, speech: 0 }
  let recentRms: number[] = []
  let open: Open | undefined

  /** Silence after the trail is left out, so that an utterance is the same whether a pause or the end of the audio closes it. */
  const endAfter = (lastSpeech: number) => Math.min(next, lastSpeech + 1 + tuning.trailFrames)

  const waitForSpeech = (now: number, { probability, rms }: FrameFacts): UtteranceBoundary | undefined => {
    recentRms = [...recentRms.slice(-framesRemembered(tuning)), rms]
    if (probability >= tuning.speechFrom && rms >= tuning.quietRms)
      run = { from: run.speech === 0 ? now : run.from, speech: run.speech + 1 }
    else if (probability < tuning.silenceBelow) run = { from: now, speech: 0 }
    if (run.speech < tuning.openFrames) return undefined
    const from = Math.max(first, run.from - tuning.leadFrames, now + 1 - recentRms.length)
    open = { from, lastSpeech: now, rms: recentRms.slice(recentRms.length - (now + 1 - from)) }
    return { kind: 'opened', from }
  }

  const followUtterance = (
    now: number,
    { from, rms, ...previous }: Open,
    facts: FrameFacts,
  ): UtteranceBoundary | undefined => {
    rms.push(facts.rms)
    const speaks = facts.probability >= tuning.silenceBelow && facts.rms >= tuning.quietRms
    const lastSpeech = speaks ? now : previous.lastSpeech
    open = { from, rms, lastSpeech }
    if (now - lastSpeech >= tuning.closeFrames) return { kind: 'closed', from, to: endAfter(lastSpeech) }
    return rms.length < tuning.maxFrames
      ? undefined
      : { kind: 'closed', from, to: from + quietest(rms, tuning) }
  }

  return {
    frame(facts) {
      const now = next
      next += 1
      return open ? followUtterance(now, open, facts) : waitForSpeech(now, facts)
    },
    endIfOver: () =>
      open && next > open.lastSpeech + tuning.trailFrames ? endAfter(open.lastSpeech) : undefined,
    end: () => open && { kind: 'closed', from: open.from, to: endAfter(open.lastSpeech) },
  }
}

/** Returns the middle of the quietest stretch, in frames after the first. */
function quietest(rms: readonly number[], tuning: EndpointerTuning): number {
  const { quietFrames, openFrames, searchFrames } = tuning
  const start = Math.max(openFrames, rms.length - searchFrames)
  let best = { at: rms.length - quietFrames, sum: Infinity }
  for (let at = start; at + quietFrames <= rms.length; at++) {
    const sum = rms.slice(at, at + quietFrames).reduce((total, value) => total + value, 0)
    if (sum < best.sum) best = { at, sum }
  }
  return best.at + Math.floor(quietFrames / 2)
}

/** Returns the root mean square of samples; 0 for none. */
export function rmsOf(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return Math.sqrt(sum / Math.max(1, samples.length))
}

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
  /** What was opened turned out to be nothing. */
  | { readonly kind: 'dropped'; readonly from: number }

/** Finds utterances in a stretch of sound. The same sound gives the same cuts, however it arrives. */
export interface Cutter {
  frame(facts: FrameFacts): readonly Cut[]
  /** The stretch is over: an open utterance ends here. */
  end(): readonly Cut[]
}

type CutterTuning = Pick<
  WorkerTuning,
  | 'speechFrom'
  | 'silenceBelow'
  | 'openFrames'
  | 'closeFrames'
  | 'leadFrames'
  | 'trailFrames'
  | 'quietFrames'
  | 'quietRms'
>

interface Open {
  from: number
  lastSpeech: number
  speechFrames: number
  /** RMS per frame since `from`. */
  rms: number[]
}

/** A stretch begins at frame `first`. `maxFrames` is the longest utterance; longer speech is cut in the last `searchFrames` of it. */
export function createCutter(
  tuning: CutterTuning & { readonly maxFrames: number; readonly searchFrames: number },
  first: number,
): Cutter {
  const { openFrames, closeFrames, leadFrames, trailFrames, quietFrames, maxFrames } = tuning
  let next = first
  /** Sound before this frame is already told. */
  let free = first
  let run = { from: first, speech: 0 }
  let recentRms: number[] = []
  let open: Open | undefined

  const listen = (now: number, { probability, rms }: FrameFacts): Cut[] => {
    recentRms = [...recentRms.slice(-(leadFrames + openFrames * 4)), rms]
    if (probability >= tuning.speechFrom && rms >= tuning.quietRms) {
      if (run.speech === 0) run = { from: now, speech: 0 }
      run = { ...run, speech: run.speech + 1 }
    } else if (probability < tuning.silenceBelow) run = { from: now, speech: 0 }
    if (run.speech < openFrames) return []
    const from = Math.max(free, run.from - leadFrames, now + 1 - recentRms.length)
    open = {
      from,
      lastSpeech: now,
      speechFrames: run.speech,
      rms: recentRms.slice(recentRms.length - (now + 1 - from)),
    }
    return [{ kind: 'opened', from }]
  }

  const close = (to: number): Cut[] => {
    if (!open) return []
    const { from, speechFrames } = open
    free = to
    run = { from: to, speech: 0 }
    recentRms = []
    open = undefined
    return speechFrames < openFrames ? [{ kind: 'dropped', from }] : [{ kind: 'closed', from, to }]
  }

  const cutAtQuietest = (now: number): Cut[] => {
    if (!open) return []
    const { from, rms } = open
    const start = Math.max(openFrames, rms.length - tuning.searchFrames)
    let best = { at: rms.length - quietFrames, sum: Infinity }
    for (let at = start; at + quietFrames <= rms.length; at++) {
      const sum = rms.slice(at, at + quietFrames).reduce((total, value) => total + value, 0)
      if (sum < best.sum) best = { at, sum }
    }
    const cutAt = best.at + Math.floor(quietFrames / 2)
    const to = from + cutAt
    free = to
    open = {
      from: to,
      lastSpeech: open.lastSpeech,
      speechFrames: Math.max(0, open.lastSpeech + 1 - to),
      rms: rms.slice(cutAt),
    }
    return [{ kind: 'closed', from, to }, ...(now >= to ? [{ kind: 'opened' as const, from: to }] : [])]
  }

  const speak = (now: number, { probability, rms }: FrameFacts): Cut[] => {
    if (!open) return []
    open.rms.push(rms)
    if (probability >= tuning.silenceBelow && rms >= tuning.quietRms) {
      open.lastSpeech = now
      open.speechFrames += 1
    }
    if (now - open.lastSpeech >= closeFrames)
      return close(Math.min(now + 1, open.lastSpeech + 1 + trailFrames))
    return open.rms.length >= maxFrames ? cutAtQuietest(now) : []
  }

  return {
    frame(facts) {
      const now = next
      next += 1
      return open ? speak(now, facts) : listen(now, facts)
    },
    end: () => close(next),
  }
}

/** Root mean square of samples. */
export function rmsOf(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return Math.sqrt(sum / Math.max(1, samples.length))
}

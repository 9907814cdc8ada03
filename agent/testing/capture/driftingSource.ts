import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'

/** Returns a random source that gives the same numbers for the same seed, so that a failing run can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface DriftingPiece {
  readonly samples: Int16Array
  /** Time at which the piece arrives. */
  readonly atMs: number
}

export interface DriftingSource {
  /** Deviation of the clock from nominal; positive is faster. */
  readonly ppm: number
  /** Returns the value of the sound, within ±1, at this true time. */
  readonly sound: (trueMs: number) => number
  /** Returns whether the sound is silent between these times, which saves a call per sample. */
  readonly quiet?: (fromMs: number, toMs: number) => boolean
  readonly startMs: number
  readonly endMs: number
  readonly pieceMs: number
  /** Delay of a piece, at least 0. */
  readonly delayMs: (atMs: number) => number
  /** Stalls: spans of time without delivery; their sound arrives all at once afterwards. */
  readonly stalls?: readonly { readonly fromMs: number; readonly toMs: number }[]
  /** Losses: spans of time whose sound never arrives. */
  readonly losses?: readonly { readonly fromMs: number; readonly toMs: number }[]
}

/** Yields the pieces of a sound card in simulated time, in order of arrival: own crystal, late pieces, stalls and losses. */
export function* driftingSource(source: DriftingSource): Generator<DriftingPiece> {
  const perMs = (SAMPLE_RATE_HZ / 1_000) * (1 + source.ppm / 1e6)
  const length = Math.round(source.pieceMs * perMs)
  let arrivedMs = source.startMs
  for (let first = 0; ; first += length) {
    const trueMs = (index: number) => source.startMs + index / perMs
    const capturedMs = trueMs(first + length)
    if (capturedMs > source.endMs) return
    if (source.losses?.some(({ fromMs, toMs }) => capturedMs > fromMs && capturedMs <= toMs)) continue
    const stall = source.stalls?.find(({ fromMs, toMs }) => capturedMs >= fromMs && capturedMs < toMs)
    arrivedMs = Math.max(arrivedMs, (stall?.toMs ?? capturedMs) + source.delayMs(capturedMs))
    const samples = new Int16Array(length)
    const isQuiet = source.quiet?.(trueMs(first), capturedMs) ?? false
    for (let index = 0; index < length && !isQuiet; index++)
      samples[index] = Math.round(32_000 * source.sound(trueMs(first + index)))
    yield { samples, atMs: arrivedMs }
  }
}

const CLICK_MS = 2

/** Returns a click of 2 ms every `everyMs`: a test counts the clicks and measures their times. */
export function clicks(everyMs: number): (trueMs: number) => number {
  return (trueMs) => {
    const into = trueMs % everyMs
    return into < CLICK_MS ? Math.sin((Math.PI * into) / CLICK_MS) ** 2 : 0
  }
}

/** Returns whether no click of `clicks(everyMs)` lies between two times. */
export const quietBetween = (everyMs: number) => (fromMs: number, toMs: number) =>
  fromMs % everyMs > CLICK_MS && Math.floor(fromMs / everyMs) === Math.floor(toMs / everyMs)

/** Collects the milliseconds at which the clicks have their centers, over consecutive pieces of samples. */
export function createClickFinder() {
  const found: number[] = []
  let weight = 0
  let moment = 0
  let quietMs = Infinity
  return {
    found,
    take(samples: Int16Array, firstSample: number) {
      for (let index = 0; index < samples.length; index++) {
        const loud = Math.abs(samples[index] ?? 0)
        if (loud <= 1_000) {
          quietMs += 1_000 / SAMPLE_RATE_HZ
          if (weight > 0 && quietMs > 3) {
            found.push(moment / weight)
            weight = 0
            moment = 0
          }
          continue
        }
        weight += loud
        moment += loud * (((firstSample + index) * 1_000) / SAMPLE_RATE_HZ)
        quietMs = 0
      }
    },
  }
}

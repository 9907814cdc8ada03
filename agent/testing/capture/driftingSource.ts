import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'

/** The same numbers for the same seed, so that a failing run can be repeated. */
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
  /** When it reaches us. */
  readonly atMs: number
}

export interface DriftingSource {
  /** How much faster (+) than nominal its clock runs. */
  readonly ppm: number
  /** Value, within ±1, of the sound at this true time. */
  readonly sound: (trueMs: number) => number
  /** Whether nothing sounds between these times: saves asking for each sample. */
  readonly quiet?: (fromMs: number, toMs: number) => boolean
  readonly startMs: number
  readonly endMs: number
  readonly pieceMs: number
  /** Delay of a piece, at least 0. */
  readonly delayMs: (atMs: number) => number
  /** Stretches of time in which nothing is delivered; it comes all at once afterwards. */
  readonly stalls?: readonly { readonly fromMs: number; readonly toMs: number }[]
  /** Stretches of time whose sound is lost for good. */
  readonly losses?: readonly { readonly fromMs: number; readonly toMs: number }[]
}

/** A sound card in simulated time: its own crystal, pieces that come late, stalls and losses. Pieces in order of arrival. */
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

/** A click of 2 ms every `everyMs`: each can be counted and its place measured. */
export function clicks(everyMs: number): (trueMs: number) => number {
  return (trueMs) => {
    const into = trueMs % everyMs
    return into < CLICK_MS ? Math.sin((Math.PI * into) / CLICK_MS) ** 2 : 0
  }
}

/** No click of `clicks(everyMs)` lies between. */
export const quietBetween = (everyMs: number) => (fromMs: number, toMs: number) =>
  fromMs % everyMs > CLICK_MS && Math.floor(fromMs / everyMs) === Math.floor(toMs / everyMs)

/** Milliseconds at which the clicks of `samples` have their centres, given what was heard before. */
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

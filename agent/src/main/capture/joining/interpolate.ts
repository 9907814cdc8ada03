import { kaiser, sinc } from '../../../dsp/windowedSinc.ts'

/** Samples that the filter needs on each side of a position. */
export const REACH = 16
/** Rows of weights per sample: with so many the nearest row is enough, its error stays 60 dB below speech at half the work of mixing two. */
const PHASES = 1_024
/** Share of half the rate from which the kernel fades out: 7.6 kHz at 16 kHz; speech engines use up to 8. */
const PASS = 0.95
const KAISER_BETA = 8

/** One row of weights per fraction of a sample, computed at the first use. */
let rows: readonly Float64Array[] | undefined
const makeRows = () => Array.from({ length: PHASES + 1 }, (_, phase) => row(phase / PHASES))

/**
 * Returns the value between samples, at `at + fraction` (0 to below 1) of `samples`, by a windowed sinc over 32 samples and
 * clipped to 16 bits. Samples outside of the array count as silence.
 */
export function interpolate(samples: Int16Array, at: number, fraction: number): number {
  rows ??= makeRows()
  const weights = rows[Math.round(fraction * PHASES)] ?? new Float64Array()
  const first = at - REACH + 1
  let sum = 0
  for (let tap = 0; tap < 2 * REACH; tap++) sum += (weights[tap] ?? 0) * (samples[first + tap] ?? 0)
  return sum < -32_768 ? -32_768 : sum > 32_767 ? 32_767 : Math.round(sum)
}

function row(fraction: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * REACH }, (_, tap) => {
    const distance = tap - (REACH - 1) - fraction
    return PASS * sinc(PASS * distance) * kaiser(distance / REACH, KAISER_BETA)
  })
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum) // the same loudness at every fraction
}

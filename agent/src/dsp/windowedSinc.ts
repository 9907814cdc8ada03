/**
 * The two curves of a windowed-sinc filter, pure arithmetic for the main process and for the hidden sound page alike. Knows
 * nothing of rates, samples and memory: those live in `capture/joining/interpolate.ts` and `renderer-audio/resample.ts`.
 */

/** Returns the normalized sinc of `x`: 1 at 0, and 0 at every other whole number. */
export const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

/** Returns the Kaiser window at `x`, 1 in the middle and 0 from -1 and 1 outward; a higher `beta` rejects more and passes less. */
export function kaiser(x: number, beta: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(beta * Math.sqrt(1 - x * x)) / bessel(beta)
}

/** Returns the modified Bessel function of order 0, by its series; 40 terms are enough for any `beta` that filters use. */
function bessel(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; k < 40; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

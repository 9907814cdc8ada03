import { kaiser, sinc } from '../dsp/windowedSinc.ts'

export const RATE_HZ = 16_000
/** Samples of the slower rate on each side of a position. */
const REACH = 16
const PHASES = 512
const PASS = 0.92
const KAISER_BETA = 8

/**
 * Returns a converter from the device's rate to 16 kHz that keeps its state: each call consumes the next samples and returns
 * what is complete by then. A windowed sinc keeps aliases 70 dB below the signal.
 */
export function createResampler(fromHz: number): (samples: Float32Array) => Float32Array {
  if (fromHz === RATE_HZ) return (samples) => samples
  const ratio = fromHz / RATE_HZ
  const stretch = Math.max(1, ratio)
  const reach = Math.ceil(REACH * stretch)
  const rows = Array.from({ length: PHASES + 1 }, (_, phase) => weights(phase / PHASES, reach, stretch))
  let pending = new Float32Array(reach)
  /** Position, in `pending`, of the next sample to compute. */
  let position = reach
  return (samples) => {
    const all = new Float32Array(pending.length + samples.length)
    all.set(pending)
    all.set(samples, pending.length)
    const out: number[] = []
    while (position + reach < all.length) {
      const whole = Math.floor(position)
      const row = rows[Math.round((position - whole) * PHASES)] ?? new Float32Array()
      let sum = 0
      for (let tap = 0; tap < row.length; tap++) sum += (row[tap] ?? 0) * (all[whole - reach + 1 + tap] ?? 0)
      out.push(sum)
      position += ratio
    }
    const done = Math.max(0, Math.floor(position) - reach)
    pending = all.slice(done)
    position -= done
    return Float32Array.from(out)
  }
}

function weights(fraction: number, reach: number, stretch: number): Float32Array {
  const row = Float32Array.from({ length: 2 * reach }, (_, tap) => {
    const distance = (tap - (reach - 1) - fraction) / stretch
    return sinc(PASS * distance) * kaiser(distance / REACH, KAISER_BETA)
  })
  const sum = row.reduce((total, weight) => total + weight, 0)
  return row.map((weight) => weight / sum)
}

export const RATE_HZ = 16_000
/** Samples of the slower rate on each side of a position. */
const REACH = 16
const PHASES = 512
const PASS = 0.92
const KAISER_BETA = 8

/** Turns the device's rate into 16 kHz: sound in as it comes, out what is complete by then. A windowed sinc, 70 dB clean. */
export function createResampler(fromHz: number): (samples: Float32Array) => Float32Array {
  if (fromHz === RATE_HZ) return (samples) => samples
  const ratio = fromHz / RATE_HZ
  const stretch = Math.max(1, ratio)
  const reach = Math.ceil(REACH * stretch)
  const rows = Array.from({ length: PHASES + 1 }, (_, phase) => weights(phase / PHASES, reach, stretch))
  let held = new Float32Array(reach)
  /** Where, in `held`, the next sample is to be taken. */
  let position = reach
  return (samples) => {
    const all = new Float32Array(held.length + samples.length)
    all.set(held)
    all.set(samples, held.length)
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
    held = all.slice(done)
    position -= done
    return Float32Array.from(out)
  }
}

function weights(fraction: number, reach: number, stretch: number): Float32Array {
  const row = Float32Array.from({ length: 2 * reach }, (_, tap) => {
    const distance = (tap - (reach - 1) - fraction) / stretch
    return sinc(PASS * distance) * kaiser(distance / REACH)
  })
  const sum = row.reduce((total, weight) => total + weight, 0)
  return row.map((weight) => weight / sum)
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA)
}

/** Modified Bessel function of order 0, by its series. */
function bessel(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; k < 40; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'

/**
 * Sound that carries its own position: each second begins with a chirp (measurable to a fraction of a millisecond) and then
 * encodes its number in tones, three times. The sound is never quiet, so that a gap of 20 ms is measurable.
 */
const SLOT = SAMPLE_RATE_HZ / 10
const RAMP = SAMPLE_RATE_HZ / 500
const AMPLITUDE = 9_000
const DIGITS = 3
const BASE = 16
const CHIRP_HZ = [400, 3_400] as const
const toneHz = (digit: number) => 500 + 150 * digit
/** Length (in samples) and loudness (relative to the sound) of the shortest gap that the search detects. */
const HOLE = SAMPLE_RATE_HZ / 50
const HOLE_LEVEL = 0.1
/** Correlation of a chirp with itself after encoding and decoding; tones reach 0.3. */
const LIKENESS = 0.6

export const MAX_SECONDS = BASE ** DIGITS

const chirp = shaped((index) => {
  const seconds = index / SAMPLE_RATE_HZ
  const [from, to] = CHIRP_HZ
  return Math.sin(
    2 * Math.PI * (from * seconds + ((to - from) * seconds ** 2) / (2 * (SLOT / SAMPLE_RATE_HZ))),
  )
})
const tones = Array.from({ length: BASE }, (_, digit) =>
  shaped((index) => Math.sin((2 * Math.PI * toneHz(digit) * index) / SAMPLE_RATE_HZ)),
)

/** Returns a plain tone, during which devices and players start. */
export function leadIn(seconds: number): Int16Array {
  return Int16Array.from({ length: seconds * SAMPLE_RATE_HZ }, (_, index) =>
    Math.round(AMPLITUDE * Math.sin((2 * Math.PI * toneHz(0) * index) / SAMPLE_RATE_HZ)),
  )
}

export function countedSound(seconds: number): Int16Array {
  if (seconds > MAX_SECONDS) throw new RangeError(`at most ${MAX_SECONDS} seconds can be counted`)
  const samples = new Int16Array(seconds * SAMPLE_RATE_HZ)
  for (let second = 0; second < seconds; second++) {
    for (let slot = 0; slot < 10; slot++) {
      const wave = slot === 0 ? chirp : tones[digitOf(second, (slot - 1) % DIGITS)]
      wave?.forEach((value, index) => {
        samples[second * SAMPLE_RATE_HZ + slot * SLOT + index] = Math.round(AMPLITUDE * value)
      })
    }
  }
  return samples
}

export interface CountedSecond {
  readonly number: number
  /** The start of its chirp. */
  readonly atMs: number
}
export interface Counted {
  readonly seconds: readonly CountedSecond[]
  /** Positions of gaps between the first and the last second. */
  readonly holesMs: readonly number[]
}

/** Returns the numbered seconds of a recording in their order; other sound before, between and after them is ignored. */
export function count(samples: Int16Array): Counted {
  const seconds: CountedSecond[] = []
  let expected: number | undefined
  for (;;) {
    const found =
      expected === undefined ? undefined : bestChirp(samples, expected - SLOT / 2, expected + SLOT / 2)
    // not at the expected position: search everywhere after the last second
    const chirpAt = found ?? nextChirp(samples, expected === undefined ? 0 : expected - 0.9 * SAMPLE_RATE_HZ)
    if (chirpAt === undefined) break
    seconds.push({ number: numberAt(samples, Math.round(chirpAt)), atMs: (chirpAt / SAMPLE_RATE_HZ) * 1_000 })
    expected = Math.round(chirpAt) + SAMPLE_RATE_HZ
  }
  const [first, last] = [seconds[0], seconds.at(-1)]
  return { seconds, holesMs: first && last ? holes(samples, first.atMs, last.atMs + 1_000) : [] }
}

/** Returns the sample, with a fraction, where a chirp starts between two positions, or undefined without a chirp. */
function bestChirp(samples: Int16Array, from: number, to: number): number | undefined {
  let best = { at: -1, likeness: LIKENESS }
  for (let at = Math.max(0, from); at <= to && at + SLOT <= samples.length; at++) {
    const likeness = likenessAt(samples, at)
    if (likeness > best.likeness) best = { at, likeness }
  }
  if (best.at < 0) return undefined
  // the vertex of the parabola through the best value and its neighbors
  const [before, after] = [likenessAt(samples, best.at - 1), likenessAt(samples, best.at + 1)]
  const curve = before - 2 * best.likeness + after
  return best.at + (curve === 0 ? 0 : (before - after) / (2 * curve))
}

function nextChirp(samples: Int16Array, from: number): number | undefined {
  for (let at = Math.max(0, from); at + SLOT <= samples.length; at += SLOT) {
    const found = bestChirp(samples, at, at + SLOT - 1)
    if (found !== undefined) return found
  }
  return undefined
}

/** Returns the correlation with the chirp at a position: 1 is the chirp at any loudness. */
function likenessAt(samples: Int16Array, at: number): number {
  let [product, energy] = [0, 1]
  for (let index = 0; index < SLOT; index++) {
    const sample = samples[at + index] ?? 0
    product += sample * (chirp[index] ?? 0)
    energy += sample * sample
  }
  return product / Math.sqrt(energy * CHIRP_ENERGY)
}

function numberAt(samples: Int16Array, chirpAt: number): number {
  let number = 0
  for (let offset = 0; offset < DIGITS; offset++) {
    const powers = tones.map((_, digit) => {
      let sum = 0
      for (let slot = 1 + offset; slot < 10; slot += DIGITS)
        sum += power(samples, chirpAt + slot * SLOT, toneHz(digit))
      return sum
    })
    number = number * BASE + powers.indexOf(Math.max(...powers))
  }
  return number
}

/** Returns the power of a frequency over the middle of a slot (Goertzel). */
function power(samples: Int16Array, slotAt: number, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / SAMPLE_RATE_HZ)
  let [last, before] = [0, 0]
  for (let index = SLOT / 4; index < (3 * SLOT) / 4; index++) {
    const now = (samples[slotAt + index] ?? 0) + turn * last - before
    before = last
    last = now
  }
  return last * last + before * before - turn * last * before
}

function holes(samples: Int16Array, fromMs: number, toMs: number): readonly number[] {
  const found: number[] = []
  const sampleAt = (ms: number) => Math.round((ms / 1_000) * SAMPLE_RATE_HZ)
  for (let at = sampleAt(fromMs); at + HOLE <= sampleAt(toMs); at += HOLE) {
    let energy = 0
    for (let index = at; index < at + HOLE; index++) energy += (samples[index] ?? 0) ** 2
    if (Math.sqrt(energy / HOLE) < (HOLE_LEVEL * AMPLITUDE) / Math.SQRT2)
      found.push(Math.round((at / SAMPLE_RATE_HZ) * 1_000))
  }
  return found
}

/** Returns one slot of a wave with faded edges. */
function shaped(wave: (index: number) => number): Float64Array {
  return Float64Array.from({ length: SLOT }, (_, index) => {
    const edge = Math.min(1, (index + 0.5) / RAMP, (SLOT - index - 0.5) / RAMP)
    return wave(index) * Math.sin((Math.PI / 2) * edge) ** 2
  })
}

const digitOf = (second: number, offset: number) => Math.floor(second / BASE ** (DIGITS - 1 - offset)) % BASE
const CHIRP_ENERGY = chirp.reduce((sum, value) => sum + value * value, 0)

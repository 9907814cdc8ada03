import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'

/**
 * Sound that tells its own place: each second begins with a chirp (its time can be measured to a fraction of a
 * millisecond) and then says its number in tones, three times. It is never quiet, so that a hole of 20 ms shows.
 */
const SLOT = SAMPLE_RATE_HZ / 10
const RAMP = SAMPLE_RATE_HZ / 500
const AMPLITUDE = 9_000
const DIGITS = 3
const BASE = 16
const CHIRP_HZ = [400, 3_400] as const
const toneHz = (digit: number) => 500 + 150 * digit
/** Loudness of the shortest hole that is looked for, against that of the sound. */
const HOLE = SAMPLE_RATE_HZ / 50
const HOLE_LEVEL = 0.1
/** A chirp that was coded and decoded is still this much like itself; tones reach 0.3. */
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

/** A plain tone: devices and players start within it. */
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
  /** Where its chirp begins. */
  readonly atMs: number
}
export interface Counted {
  readonly seconds: readonly CountedSecond[]
  /** Where the sound is missing between its first and its last second. */
  readonly holesMs: readonly number[]
}

/** Finds the seconds in what was recorded, in their order, whatever stands before, between and after them. */
export function count(samples: Int16Array): Counted {
  const seconds: CountedSecond[] = []
  let expected: number | undefined
  for (;;) {
    const found =
      expected === undefined ? undefined : bestChirp(samples, expected - SLOT / 2, expected + SLOT / 2)
    // not where it should be: looked for everywhere behind the last one
    const chirpAt = found ?? nextChirp(samples, expected === undefined ? 0 : expected - 0.9 * SAMPLE_RATE_HZ)
    if (chirpAt === undefined) break
    seconds.push({ number: numberAt(samples, Math.round(chirpAt)), atMs: (chirpAt / SAMPLE_RATE_HZ) * 1_000 })
    expected = Math.round(chirpAt) + SAMPLE_RATE_HZ
  }
  const [first, last] = [seconds[0], seconds.at(-1)]
  return { seconds, holesMs: first && last ? holes(samples, first.atMs, last.atMs + 1_000) : [] }
}

/** Sample, with a fraction, at which the chirp between these two begins; undefined when there is none. */
function bestChirp(samples: Int16Array, from: number, to: number): number | undefined {
  let best = { at: -1, likeness: LIKENESS }
  for (let at = Math.max(0, from); at <= to && at + SLOT <= samples.length; at++) {
    const likeness = likenessAt(samples, at)
    if (likeness > best.likeness) best = { at, likeness }
  }
  if (best.at < 0) return undefined
  // the top of the parabola through the best value and its neighbors
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

/** 1: the chirp, however loud. */
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

/** Goertzel, over the middle of a slot. */
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

/** One slot of a wave that begins and ends softly. */
function shaped(wave: (index: number) => number): Float64Array {
  return Float64Array.from({ length: SLOT }, (_, index) => {
    const edge = Math.min(1, (index + 0.5) / RAMP, (SLOT - index - 0.5) / RAMP)
    return wave(index) * Math.sin((Math.PI / 2) * edge) ** 2
  })
}

const digitOf = (second: number, offset: number) => Math.floor(second / BASE ** (DIGITS - 1 - offset)) % BASE
const CHIRP_ENERGY = chirp.reduce((sum, value) => sum + value * value, 0)

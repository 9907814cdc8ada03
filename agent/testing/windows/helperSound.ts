import { createHelperReader, type HelperFrame } from '../../src/main/capture/sources/helperProtocol.ts'

/** The output of the helper, joined from its frames. */
export interface HelperSound {
  readonly frames: readonly HelperFrame[]
  readonly samples: Int16Array
}

/** Parses the helper's output as the agent does; throws where the bytes break the protocol. */
export function readHelperSound(output: Uint8Array): HelperSound {
  const frames = createHelperReader()(output)
  const samples = new Int16Array(frames.reduce((sum, frame) => sum + frame.samples.length, 0))
  let at = 0
  for (const frame of frames) {
    samples.set(frame.samples, at)
    at += frame.samples.length
  }
  return { frames, samples }
}

const RATE_HZ = 16_000

/** Returns the level of a piece of sound in dB below full scale; -Infinity for digital silence. */
export function levelDb(samples: Int16Array): number {
  const sum = samples.reduce((total, sample) => total + (sample / 32_768) ** 2, 0)
  return 10 * Math.log10(sum / samples.length)
}

/**
 * Returns how far the piece from `fromMs` to `toMs` is from the scenarios' tone, whose phase is the true time: the remainder
 * after subtraction of the tone, in dB below full scale. `offsetMs` is the start of the helper after the scenario. A tone that
 * is 1 ms off leaves some +5 dB of itself.
 */
export function distanceFromToneDb(
  { samples }: HelperSound,
  {
    fromMs,
    toMs,
    hz = 440,
    amplitude = 0.5,
    offsetMs = 0,
  }: { fromMs: number; toMs: number; hz?: number; amplitude?: number; offsetMs?: number },
): number {
  const from = (fromMs * RATE_HZ) / 1_000
  const piece = samples.slice(from, (toMs * RATE_HZ) / 1_000)
  return levelDb(
    piece.map((sample, index) => {
      const seconds = (from + index) / RATE_HZ + offsetMs / 1_000
      return sample - Math.round(32_767 * amplitude * Math.sin(2 * Math.PI * hz * seconds))
    }),
  )
}

/** Returns how much later (+) than its true time the tone stands in the piece, in ms; by its phase, so within half a period. */
export function tonesDelayMs(
  { samples }: HelperSound,
  { fromMs, toMs, hz = 440 }: { fromMs: number; toMs: number; hz?: number },
): number {
  let sine = 0
  let cosine = 0
  for (let index = (fromMs * RATE_HZ) / 1_000; index < (toMs * RATE_HZ) / 1_000; index++) {
    const phase = (2 * Math.PI * hz * index) / RATE_HZ
    sine += (samples[index] ?? 0) * Math.sin(phase)
    cosine += (samples[index] ?? 0) * Math.cos(phase)
  }
  return (-Math.atan2(cosine, sine) / (2 * Math.PI * hz)) * 1_000
}

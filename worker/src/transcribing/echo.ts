import type { Sound } from '../segmenting/speechChannel.ts'
import { SAMPLES_PER_MS } from '../tuning.ts'
import { echoTuning } from './echoTuning.ts'
import { LOW_BAND_STEP, lowBandOf, type RecentSound } from './lowBand.ts'

export type EchoVerdict =
  | { readonly at: 'none' }
  /** Part of it: what is the agent's, without the echo around it, and silent where there is some between. */
  | { readonly at: 'part'; readonly sound: Sound; readonly echoMs: number }
  /** Nobody spoke here. */
  | { readonly at: 'all'; readonly echoMs: number }

/** Values per frame: 32 ms, as the speech detector's. */
const FRAME = 64
const FRAME_SAMPLES = FRAME * LOW_BAND_STEP
const FRAME_MS = FRAME_SAMPLES / SAMPLES_PER_MS
/** Kept before and behind the own voice, as around any utterance. */
const LEAD_FRAMES = 9
/** Frames to either side of one that are compared with it: 256 ms in all. */
const AROUND = 4
/** The delay is sought in so many frames, the loudest of the caller's: the rest tells little more. */
const SOUGHT_FRAMES = 100
/** Low band RMS below which nobody speaks (after the pre-emphasis). */
const QUIET = 20
const EMPHASIS = 0.9
/** A voice stands out of the noise by this much (10 dB); less is lost on a speech engine too. */
const NOISE_MARGIN = 3
const perMs = SAMPLES_PER_MS / LOW_BAND_STEP

/**
 * What of an utterance of the agent's channel is the caller, come out of a loudspeaker. Decided by the sound alone: the same
 * waveform a short while later, and quieter. So a technician who repeats what the caller said is never taken for one. Pure.
 */
export function findEcho(sound: Sound, caller: Pick<RecentSound, 'from'>): EchoVerdict {
  const [earliest, latest] = [echoTuning.earliestMs * perMs, echoTuning.latestMs * perMs]
  const { first, values } = lowBandOf(sound.fromSample, sound.samples)
  const agent = emphasise(values)
  /** played[i + latest - delay] is what the caller said `delay` before agent[i]. */
  const played = emphasise(caller.from(first - latest, values.length + latest - earliest))
  const frames = Math.floor(agent.length / FRAME)
  const delay = likeliestDelay(agent, played, { frames, earliest, latest })
  if (delay === undefined) return { at: 'none' }

  const shift = latest - delay
  const matches = Array.from({ length: frames }, (_, frame) =>
    matchAround(agent, played, shift, frame, frames),
  )
  const proven = matches.filter(isEcho)
  if (proven.length * FRAME_MS < echoTuning.provenMs) return { at: 'none' }
  const gain = median(proven.map((match) => match.gain))
  const isSilenced = matches.map((match, frame) => {
    const echo = gain * levelOf(played, frame * FRAME + shift)
    return isEcho(match) || levelOf(agent, frame * FRAME) <= echoTuning.margin * echo
  })
  const echoMs = proven.length * FRAME_MS
  const voiceLevel = Math.max(QUIET, NOISE_MARGIN * noiseOf(agent, frames))
  const own = Array.from({ length: frames }, (_, frame) => frame).filter(
    (frame) => !isSilenced[frame] && levelOf(agent, frame * FRAME) >= voiceLevel,
  )
  if (own.length * FRAME_MS < echoTuning.ownVoiceMs) return { at: 'all', echoMs }
  const from = Math.max(0, (own[0] ?? 0) - LEAD_FRAMES)
  const to = Math.min(frames, (own.at(-1) ?? 0) + 1 + LEAD_FRAMES)
  return { at: 'part', sound: without(sound, isSilenced, { from, to }), echoMs }
}

interface Match {
  readonly likeness: number
  readonly gain: number
}
const isEcho = ({ likeness, gain }: Match) => likeness >= echoTuning.likeness && gain <= echoTuning.maxGain

/** Flattens the spectrum: else two low voices are alike by their pitch alone. */
function emphasise(values: Float32Array): Float32Array {
  return values.map((value, index) => value - EMPHASIS * (values[index - 1] ?? value))
}

/** Each frame counts the same, however loud: an own voice is many times louder than an echo. */
function likeliestDelay(
  agent: Float32Array,
  played: Float32Array,
  { frames, earliest, latest }: { frames: number; earliest: number; latest: number },
): number | undefined {
  const voiced = Array.from({ length: frames }, (_, frame) => frame)
    .filter((frame) => levelOf(agent, frame * FRAME) > 0)
    .map((frame) => ({ frame, level: levelOf(played, frame * FRAME + latest) }))
    .filter(({ level }) => level >= QUIET)
    .sort((a, b) => b.level - a.level)
    .slice(0, SOUGHT_FRAMES)
  if (voiced.length * FRAME_MS < echoTuning.provenMs / 2) return undefined
  let best = { delay: latest, sum: 0 }
  for (let delay = earliest; delay <= latest; delay++) {
    const sum = voiced.reduce((total, { frame }) => {
      const { likeness } = compare(agent, played, frame * FRAME, frame * FRAME + latest - delay, FRAME)
      return total + likeness
    }, 0)
    if (sum > best.sum) best = { delay, sum }
  }
  return best.delay
}

function matchAround(
  agent: Float32Array,
  played: Float32Array,
  shift: number,
  frame: number,
  frames: number,
): Match {
  const from = Math.max(0, frame - AROUND + 1) * FRAME
  const to = Math.min(frames, frame + AROUND + 1) * FRAME
  return compare(agent, played, from, from + shift, to - from)
}

function compare(
  agent: Float32Array,
  played: Float32Array,
  at: number,
  playedAt: number,
  length: number,
): Match {
  let [product, own, others] = [0, 0, 0]
  for (let index = 0; index < length; index++) {
    const a = agent[at + index] ?? 0
    const b = played[playedAt + index] ?? 0
    product += a * b
    own += a * a
    others += b * b
  }
  if (own === 0 || others < length * QUIET ** 2) return { likeness: 0, gain: Infinity }
  // a microphone or a loudspeaker may turn the sound's sign
  return { likeness: Math.abs(product) / Math.sqrt(own * others), gain: Math.sqrt(own / others) }
}

function levelOf(values: Float32Array, at: number): number {
  let sum = 0
  for (let index = Math.max(0, at); index < at + FRAME; index++) sum += (values[index] ?? 0) ** 2
  return Math.sqrt(sum / FRAME)
}

/** Of the microphone and its room: the level of the quietest tenth. */
function noiseOf(agent: Float32Array, frames: number): number {
  const levels = Array.from({ length: frames }, (_, frame) => levelOf(agent, frame * FRAME))
  return levels.sort((a, b) => a - b)[Math.floor(frames / 10)] ?? 0
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Models lose the first words behind a long silence, so what is silent at the ends goes altogether. */
function without(
  { fromSample, samples }: Sound,
  isSilenced: readonly boolean[],
  { from, to }: { readonly from: number; readonly to: number },
): Sound {
  const kept = samples.slice(from * FRAME_SAMPLES, to * FRAME_SAMPLES)
  for (let frame = from; frame < to; frame++)
    if (isSilenced[frame]) kept.fill(0, (frame - from) * FRAME_SAMPLES, (frame - from + 1) * FRAME_SAMPLES)
  const first = fromSample + from * FRAME_SAMPLES
  return { fromSample: first, toSample: first + kept.length, samples: kept }
}

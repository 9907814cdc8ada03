import type { AudioSegment } from '../endpointing/speechChannel.ts'
import { SAMPLES_PER_MS } from '../tuning.ts'
import { echoTuning } from './echoTuning.ts'
import { LOW_BAND_STEP, lowBandOf, type RecentSound } from './lowBand.ts'

export type EchoVerdict =
  | { readonly at: 'none' }
  /** Some of it is echo: `segment` is the agent's speech without the echo before and after it, silenced where echo lies between. */
  | { readonly at: 'part'; readonly segment: AudioSegment; readonly echoMs: number }
  /** All of it is echo: the agent did not speak. */
  | { readonly at: 'all'; readonly echoMs: number }

/** Values per frame: 32 ms, as the speech detector's. */
const FRAME = 64
const FRAME_SAMPLES = FRAME * LOW_BAND_STEP
const FRAME_MS = FRAME_SAMPLES / SAMPLES_PER_MS
/** Kept before and after the agent's voice, as with any utterance. */
const LEAD_FRAMES = 9
/** Frames on either side of a frame that are compared together with it: 256 ms in all. */
const NEIGHBOR_FRAMES = 4
/** The delay is searched in so many frames, the loudest of the caller's: more of them change the result little. */
const SEARCHED_FRAMES = 100
/** The low band RMS below which nobody speaks (after the pre-emphasis). */
const QUIET = 20
const EMPHASIS = 0.9
/** A voice is louder than the noise by this factor (10 dB); a speech engine does not understand a quieter one either. */
const NOISE_MARGIN = 3
const perMs = SAMPLES_PER_MS / LOW_BAND_STEP

/**
 * Returns how much of an utterance on the agent's channel is the caller's voice from a loudspeaker. The waveform alone
 * decides: the same one, a short while later and quieter. So a technician who repeats the caller's words never counts as echo.
 * Pure.
 */
export function findEcho(segment: AudioSegment, caller: Pick<RecentSound, 'from'>): EchoVerdict {
  const [earliest, latest] = [echoTuning.earliestMs * perMs, echoTuning.latestMs * perMs]
  const { first, values } = lowBandOf(segment.fromSample, segment.samples)
  const agent = emphasize(values)
  /** played[i + latest - delay] is the caller's audio `delay` before agent[i]. */
  const played = emphasize(caller.from(first - latest, values.length + latest - earliest))
  const frames = Math.floor(agent.length / FRAME)
  const delay = likeliestDelay(agent, played, { frames, earliest, latest })
  if (delay === undefined) return { at: 'none' }

  const shift = latest - delay
  const matches = Array.from({ length: frames }, (_, frame) =>
    matchWithNeighbors(agent, played, shift, frame, frames),
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
  const voiced = Array.from({ length: frames }, (_, frame) => frame).filter(
    (frame) => !isSilenced[frame] && levelOf(agent, frame * FRAME) >= voiceLevel,
  )
  if (voiced.length * FRAME_MS < echoTuning.ownVoiceMs) return { at: 'all', echoMs }
  const from = Math.max(0, (voiced[0] ?? 0) - LEAD_FRAMES)
  const to = Math.min(frames, (voiced.at(-1) ?? 0) + 1 + LEAD_FRAMES)
  return { at: 'part', segment: cutOut(segment, isSilenced, { from, to }), echoMs }
}

interface Match {
  readonly likeness: number
  readonly gain: number
}
const isEcho = ({ likeness, gain }: Match) => likeness >= echoTuning.likeness && gain <= echoTuning.maxGain

/** Flattens the spectrum: without this, two low voices are alike by their pitch alone. */
function emphasize(values: Float32Array): Float32Array {
  return values.map((value, index) => value - EMPHASIS * (values[index - 1] ?? value))
}

/** Each frame counts the same, however loud: the agent's voice is many times louder than an echo. */
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
    .slice(0, SEARCHED_FRAMES)
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

function matchWithNeighbors(
  agent: Float32Array,
  played: Float32Array,
  shift: number,
  frame: number,
  frames: number,
): Match {
  const from = Math.max(0, frame - NEIGHBOR_FRAMES + 1) * FRAME
  const to = Math.min(frames, frame + NEIGHBOR_FRAMES + 1) * FRAME
  return compare(agent, played, from, from + shift, to - from)
}

function compare(
  agent: Float32Array,
  played: Float32Array,
  at: number,
  playedAt: number,
  length: number,
): Match {
  let [product, agentPower, playedPower] = [0, 0, 0]
  for (let index = 0; index < length; index++) {
    const a = agent[at + index] ?? 0
    const b = played[playedAt + index] ?? 0
    product += a * b
    agentPower += a * a
    playedPower += b * b
  }
  if (agentPower === 0 || playedPower < length * QUIET ** 2) return { likeness: 0, gain: Infinity }
  // A microphone or a loudspeaker may invert the signal's sign.
  return {
    likeness: Math.abs(product) / Math.sqrt(agentPower * playedPower),
    gain: Math.sqrt(agentPower / playedPower),
  }
}

function levelOf(values: Float32Array, at: number): number {
  let sum = 0
  for (let index = Math.max(0, at); index < at + FRAME; index++) sum += (values[index] ?? 0) ** 2
  return Math.sqrt(sum / FRAME)
}

/** Returns the noise of the microphone and its room: the level of the quietest tenth. */
function noiseOf(agent: Float32Array, frames: number): number {
  const levels = Array.from({ length: frames }, (_, frame) => levelOf(agent, frame * FRAME))
  return levels.sort((a, b) => a - b)[Math.floor(frames / 10)] ?? 0
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Models lose the first words after a long silence, so silenced frames at both ends are cut off. */
function cutOut(
  { fromSample, samples }: AudioSegment,
  isSilenced: readonly boolean[],
  { from, to }: { readonly from: number; readonly to: number },
): AudioSegment {
  const kept = samples.slice(from * FRAME_SAMPLES, to * FRAME_SAMPLES)
  for (let frame = from; frame < to; frame++)
    if (isSilenced[frame]) kept.fill(0, (frame - from) * FRAME_SAMPLES, (frame - from + 1) * FRAME_SAMPLES)
  const first = fromSample + from * FRAME_SAMPLES
  return { fromSample: first, toSample: first + kept.length, samples: kept }
}

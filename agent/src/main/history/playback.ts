import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, SECOND_MS, type Codec } from '@3cx-ninja/protocol'
import type { BlockDecoder } from './blockDecoder.ts'
import { fromRunUp, type PlayedRecording } from './playedRecording.ts'
import { BYTES_PER_SAMPLE, WAV_HEAD_BYTES, wavHead } from './wav.ts'

type Part = PlayedRecording['parts'][number]

interface PlayedPart extends Part {
  readonly startSample: number
}

/** A recording as one mono WAV file that is never written: each stretch is made on demand. */
export interface Playback {
  readonly bytes: number
  readonly durationMs: number
  readonly starts: readonly { readonly part: number; readonly atMs: number }[]
  /** Yields the bytes from `from` up to, not including, `to`. Throws when the recording cannot be read further. */
  read(from: number, to: number): AsyncGenerator<Uint8Array>
}

interface PlaybackState {
  readonly recording: PlayedRecording
  readonly createDecoder: (codec: Codec) => BlockDecoder
  readonly parts: readonly PlayedPart[]
  readonly totalSamples: number
}

/** Returns the playback of a recording, or undefined when no part of it has audio. */
export function createPlayback(needs: {
  readonly recording: PlayedRecording
  readonly createDecoder: (codec: Codec) => BlockDecoder
}): Playback | undefined {
  const parts: PlayedPart[] = []
  let totalSamples = 0
  for (const part of needs.recording.parts) {
    if (part.samples === 0) continue
    parts.push({ ...part, startSample: totalSamples })
    totalSamples += part.samples
  }
  if (totalSamples === 0) return undefined
  const state: PlaybackState = { ...needs, parts, totalSamples }
  return {
    bytes: WAV_HEAD_BYTES + totalSamples * BYTES_PER_SAMPLE,
    durationMs: Math.round((totalSamples / SAMPLE_RATE_HZ) * SECOND_MS),
    starts: parts.map(({ part, startSample }) => ({
      part,
      atMs: Math.round((startSample / SAMPLE_RATE_HZ) * SECOND_MS),
    })),
    read: (from, to) => readBytes(state, from, to),
  }
}

async function* readBytes(state: PlaybackState, from: number, to: number): AsyncGenerator<Uint8Array> {
  const { totalSamples } = state
  const end = Math.min(to, WAV_HEAD_BYTES + totalSamples * BYTES_PER_SAMPLE)
  if (from < WAV_HEAD_BYTES) yield wavHead(totalSamples).subarray(from, Math.min(WAV_HEAD_BYTES, end))
  if (end <= WAV_HEAD_BYTES) return
  const begin = Math.max(0, from - WAV_HEAD_BYTES)
  const firstSample = Math.floor(begin / BYTES_PER_SAMPLE)
  const lastSample = Math.ceil((end - WAV_HEAD_BYTES) / BYTES_PER_SAMPLE)
  let skip = begin % BYTES_PER_SAMPLE
  let left = end - WAV_HEAD_BYTES - begin
  for await (const samples of samplesOf(state, firstSample, lastSample)) {
    const chunk = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).subarray(skip)
    skip = 0
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) return
  }
}

async function* samplesOf(state: PlaybackState, from: number, to: number): AsyncGenerator<Int16Array> {
  for (const played of state.parts) {
    const begin = Math.max(from, played.startSample)
    const end = Math.min(to, played.startSample + played.samples)
    if (begin < end)
      yield* readPart(state, played, { from: begin - played.startSample, to: end - played.startSample })
  }
}

/** Yields both voices of a stretch of one part, mixed, a second at a time. */
async function* readPart(
  state: PlaybackState,
  part: PlayedPart,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<Int16Array> {
  const blocks = blocksFrom(state, part, from)
  /** Blocks that reach into the next second. */
  let ahead: Block[] = []
  let isAtEnd = false
  try {
    for (let at = from; at < to; at += SAMPLE_RATE_HZ) {
      const end = Math.min(to, at + SAMPLE_RATE_HZ)
      const mix = new Int32Array(end - at)
      const waiting = ahead
      ahead = []
      const put = (block: Block) => {
        add(mix, block.samples, block.firstSample - at)
        if (block.firstSample + SAMPLES_PER_RECORD > end) ahead.push(block)
      }
      waiting.forEach(put)
      // The log is in the order of time: the first block of the next second ends this one.
      while (!isAtEnd && !ahead.some(({ firstSample }) => firstSample >= end)) {
        const next = await blocks.next()
        if (next.done) isAtEnd = true
        else put(next.value)
      }
      yield Int16Array.from(mix, clip)
    }
  } finally {
    await blocks.return()
  }
}

async function* blocksFrom(
  { recording, createDecoder }: PlaybackState,
  { part, codec }: PlayedPart,
  sample: number,
): AsyncGenerator<Block, void> {
  const decoders = { agent: createDecoder(codec), caller: createDecoder(codec) }
  for await (const records of fromRunUp(recording.records(part, sample), sample))
    for (const { kind, channel, firstSample, payload } of records)
      if (kind === 'audio') yield { firstSample, samples: decoders[channel](payload) }
}

interface Block {
  readonly firstSample: number
  readonly samples: Int16Array
}

function add(mix: Int32Array, samples: Int16Array, at: number): void {
  samples.forEach((sample, index) => {
    const position = at + index
    if (position >= 0 && position < mix.length) mix[position] = (mix[position] ?? 0) + sample
  })
}

const clip = (sample: number) => Math.max(-32_768, Math.min(32_767, sample))

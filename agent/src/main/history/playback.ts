import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, SECOND_MS, type Codec } from '@3cx-ninja/protocol'
import type { BlockDecoder } from './blockDecoder.ts'
import { fromRunUp, type PlayedRecording } from './playedRecording.ts'
import { BYTES_PER_SAMPLE, WAV_HEAD_BYTES, wavHead } from './wav.ts'

type Part = PlayedRecording['parts'][number]

interface PlayedPart extends Part {
  readonly startSample: number
}

/** A recording as one mono WAV file that was never written: any stretch of it is made when it is asked for. */
export interface Playback {
  readonly bytes: number
  readonly durationMs: number
  readonly starts: readonly { readonly part: number; readonly atMs: number }[]
  /** Bytes `from` to `to` (not included). Throws when the recording cannot be read on. */
  read(from: number, to: number): AsyncGenerator<Uint8Array>
}

/** undefined: there is no sound in it. */
export function createPlayback(needs: {
  readonly recording: PlayedRecording
  readonly createDecoder: (codec: Codec) => BlockDecoder
}): Playback | undefined {
  const { recording, createDecoder } = needs
  const parts: PlayedPart[] = []
  let total = 0
  for (const part of recording.parts) {
    if (part.samples === 0) continue
    parts.push({ ...part, startSample: total })
    total += part.samples
  }
  if (total === 0) return undefined

  async function* samplesOf(from: number, to: number): AsyncGenerator<Int16Array> {
    for (const played of parts) {
      const begin = Math.max(from, played.startSample)
      const end = Math.min(to, played.startSample + played.samples)
      if (begin < end) yield* readPart(played, begin - played.startSample, end - played.startSample)
    }
  }
  /** Both voices of a stretch of one part in one, a second at a time. */
  async function* readPart(part: PlayedPart, from: number, to: number): AsyncGenerator<Int16Array> {
    const blocks = blocksFrom(part, from)
    /** Blocks that reach behind the second before. */
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
        // The log is in the order of time: the first block behind the second ends it.
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
  async function* blocksFrom({ part, codec }: PlayedPart, sample: number): AsyncGenerator<Block, void> {
    const decoders = { agent: createDecoder(codec), caller: createDecoder(codec) }
    for await (const records of fromRunUp(recording.records(part, sample), sample))
      for (const { kind, channel, firstSample, payload } of records)
        if (kind === 'audio') yield { firstSample, samples: decoders[channel](payload) }
  }

  const bytes = WAV_HEAD_BYTES + total * BYTES_PER_SAMPLE
  return {
    bytes,
    durationMs: Math.round((total / SAMPLE_RATE_HZ) * SECOND_MS),
    starts: parts.map(({ part, startSample: at }) => ({
      part,
      atMs: Math.round((at / SAMPLE_RATE_HZ) * SECOND_MS),
    })),
    async *read(from, to) {
      const end = Math.min(to, bytes)
      if (from < WAV_HEAD_BYTES) yield wavHead(total).subarray(from, Math.min(WAV_HEAD_BYTES, end))
      if (end <= WAV_HEAD_BYTES) return
      const begin = Math.max(0, from - WAV_HEAD_BYTES)
      const firstSample = Math.floor(begin / BYTES_PER_SAMPLE)
      const lastSample = Math.ceil((end - WAV_HEAD_BYTES) / BYTES_PER_SAMPLE)
      let skip = begin % BYTES_PER_SAMPLE
      let left = end - WAV_HEAD_BYTES - begin
      for await (const samples of samplesOf(firstSample, lastSample)) {
        const chunk = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).subarray(skip)
        skip = 0
        yield chunk.subarray(0, left)
        left -= chunk.length
        if (left <= 0) return
      }
    },
  }
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

import {
  SAMPLES_PER_RECORD,
  SAMPLE_RATE_HZ,
  SECOND_MS,
  type LogRecord,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { LocalPart, Recordings } from '../recordings/recordingFile.ts'
import type { BlockDecoder } from './blockDecoder.ts'
import { BYTES_PER_SAMPLE, WAV_HEAD_BYTES, wavHead } from './wav.ts'

export type PlayableRecordings = Pick<Recordings, 'list' | 'read'>

/** Records read at once: five seconds of both channels. */
const READ_RECORDS = 100
/** A decoder of Opus needs a moment of sound before it speaks as the encoder did. */
const RUN_UP_RECORDS = 4

interface PlayedPart {
  readonly part: LocalPart
  readonly startSample: number
  readonly samples: number
}

/** A recording on this disk as one mono WAV file that was never written: any stretch of it is made when it is asked for. */
export interface Playback {
  readonly bytes: number
  readonly durationMs: number
  readonly starts: readonly { readonly part: number; readonly atMs: number }[]
  /** Bytes `from` to `to` (not included). Ends early when the recording is removed meanwhile. */
  read(from: number, to: number): AsyncGenerator<Uint8Array>
}

/** undefined: nothing of it is on this disk (any more). */
export async function openPlayback(needs: {
  readonly recordings: PlayableRecordings
  readonly recordingId: RecordingId
  readonly createDecoder: (codec: LocalPart['header']['codec']) => BlockDecoder
}): Promise<Playback | undefined> {
  const { recordings, recordingId, createDecoder } = needs
  const found = recordings.list().find((each) => each.recordingId === recordingId)
  if (!found) return undefined
  const parts: PlayedPart[] = []
  let startSample = 0
  for (const part of found.parts) {
    const samples = await lengthOf(recordings, recordingId, part)
    if (samples === 0) continue
    parts.push({ part, startSample, samples })
    startSample += samples
  }
  const total = startSample
  if (total === 0) return undefined

  async function* samplesOf(from: number, to: number): AsyncGenerator<Int16Array> {
    for (const played of parts) {
      const begin = Math.max(from, played.startSample)
      const end = Math.min(to, played.startSample + played.samples)
      if (begin < end) yield* readPart(played, begin - played.startSample, end - played.startSample)
    }
  }
  /** Both voices of a stretch of one part in one, a second at a time. */
  async function* readPart({ part }: PlayedPart, from: number, to: number): AsyncGenerator<Int16Array> {
    const blocks = blocksFrom(part, from)
    /** Blocks that reach behind the second before. */
    let ahead: Block[] = []
    let over = false
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
      while (!over && !ahead.some(({ firstSample }) => firstSample >= end)) {
        const next = await blocks.next()
        if (next.done) over = true
        else put(next.value)
      }
      yield Int16Array.from(mix, clip)
    }
  }
  async function* blocksFrom({ header }: LocalPart, sample: number): AsyncGenerator<Block, void> {
    const decoders = { agent: createDecoder(header.codec), caller: createDecoder(header.codec) }
    const held = recordings.list().find((each) => each.recordingId === recordingId)
    const part = held?.parts.find((each) => each.header.part === header.part)
    if (!part) return
    let sequence = Math.max(0, (await seek(recordings, recordingId, part, sample)) - RUN_UP_RECORDS)
    for (;;) {
      const records = await recordings.read(recordingId, header.part, sequence, READ_RECORDS)
      if (records.length === 0) return
      sequence += records.length
      for (const { kind, channel, firstSample, payload } of records)
        if (kind === 'audio') yield { firstSample, samples: decoders[channel](payload) }
    }
  }

  const bytes = WAV_HEAD_BYTES + total * BYTES_PER_SAMPLE
  return {
    bytes,
    durationMs: Math.round((total / SAMPLE_RATE_HZ) * SECOND_MS),
    starts: parts.map(({ part, startSample: at }) => ({
      part: part.header.part,
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
    const place = at + index
    if (place >= 0 && place < mix.length) mix[place] = (mix[place] ?? 0) + sample
  })
}

const clip = (sample: number) => Math.max(-32_768, Math.min(32_767, sample))

async function lengthOf(recordings: PlayableRecordings, id: RecordingId, part: LocalPart): Promise<number> {
  // The last records tell where the part ends; a seal or a mark has no sound of its own.
  for (let from = Math.max(0, part.position - READ_RECORDS); ; from = Math.max(0, from - READ_RECORDS)) {
    const records = await recordings.read(id, part.header.part, from, READ_RECORDS)
    const ends = records.map((record) =>
      record.kind === 'audio' ? record.firstSample + SAMPLES_PER_RECORD : record.firstSample,
    )
    if (ends.length > 0) return Math.max(...ends)
    if (from === 0) return 0
  }
}

/** The sequence of a record at or before the sample: the log is sorted by time, so halving finds it in a dozen reads. */
async function seek(
  recordings: PlayableRecordings,
  id: RecordingId,
  part: LocalPart,
  sample: number,
): Promise<number> {
  let low = 0
  let high = part.position
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [record]: readonly (LogRecord | undefined)[] = await recordings.read(
      id,
      part.header.part,
      middle,
      1,
    )
    if (record && record.firstSample + SAMPLES_PER_RECORD <= sample) low = middle + 1
    else high = middle
  }
  return low
}

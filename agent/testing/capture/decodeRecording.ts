import { Decoder } from '@evan/opus'
import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, type LogRecord, type PartHeader } from '@3cx-ninja/protocol'
import type { StereoAudio } from '../../src/main/capture/sources/readStereoFile.ts'

/** Resolves with the sound of a part as a worker decodes it: each channel, with silence where nothing was recorded. */
export async function decodeRecording(part: {
  readonly header: PartHeader
  readonly records: readonly LogRecord[]
}): Promise<StereoAudio> {
  const end = Math.max(...part.records.map(({ firstSample }) => firstSample)) + SAMPLES_PER_RECORD
  const side = (channel: 'agent' | 'caller') => {
    const samples = new Int16Array(end)
    const decoder = new Decoder({ channels: 1, sample_rate: SAMPLE_RATE_HZ })
    for (const record of part.records) {
      if (record.kind !== 'audio' || record.channel !== channel) continue
      samples.set(
        part.header.codec === 'opus' ? opus(decoder, record.payload) : pcm(record.payload),
        record.firstSample,
      )
    }
    return samples
  }
  return Promise.resolve({ agent: side('agent'), caller: side('caller') })
}

function opus(decoder: Decoder, payload: Uint8Array): Int16Array {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const samples: number[] = []
  for (let at = 0; at < payload.length;) {
    const length = view.getUint16(at)
    samples.push(...pcm(decoder.decode(payload.subarray(at + 2, at + 2 + length))))
    at += 2 + length
  }
  return Int16Array.from(samples)
}

function pcm(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Int16Array.from({ length: bytes.length >> 1 }, (_, index) => view.getInt16(index * 2, true))
}

import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, type Codec } from '@3cx-ninja/protocol'
import { OpusDecoder } from 'opus-decoder'

/** Decodes the audio records of one channel of one part, in order. */
export interface BlockDecoder {
  /** The samples of one record; silence for a payload that is no sound. */
  decode(payload: Uint8Array): Int16Array
  free(): void
}

export async function createBlockDecoder(codec: Codec): Promise<BlockDecoder> {
  if (codec === 'pcm16') return { decode: fromPcm16, free: () => undefined }
  const decoder = new OpusDecoder({ sampleRate: SAMPLE_RATE_HZ, channels: 1 })
  await decoder.ready
  return {
    decode(payload) {
      const packets = splitPackets(payload)
      if (packets.length === 0) return new Int16Array(SAMPLES_PER_RECORD)
      const { channelData } = decoder.decodeFrames(packets)
      return toRecord(channelData[0])
    },
    free: () => decoder.free(),
  }
}

/** Five packets, each behind its u16 length (rule R12 of PROTOCOL.md). A broken payload gives the packets before the break. */
export function splitPackets(payload: Uint8Array): Uint8Array[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const packets: Uint8Array[] = []
  let at = 0
  while (at + 2 <= payload.length) {
    const end = at + 2 + view.getUint16(at)
    if (end > payload.length || end === at + 2) break
    packets.push(payload.subarray(at + 2, end))
    at = end
  }
  return packets
}

function fromPcm16(payload: Uint8Array): Int16Array {
  const samples = new Int16Array(SAMPLES_PER_RECORD)
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const count = Math.min(SAMPLES_PER_RECORD, payload.length >> 1)
  for (let index = 0; index < count; index++) samples[index] = view.getInt16(index * 2, true)
  return samples
}

/** Exactly one record's samples: a packet lost or too much inside a record must not shift what follows. */
function toRecord(decoded: Float32Array | undefined): Int16Array {
  const samples = new Int16Array(SAMPLES_PER_RECORD)
  const count = Math.min(SAMPLES_PER_RECORD, decoded?.length ?? 0)
  for (let index = 0; index < count; index++) {
    const value = Math.round((decoded?.[index] ?? 0) * 32_768)
    samples[index] = Math.max(-32_768, Math.min(32_767, value))
  }
  return samples
}

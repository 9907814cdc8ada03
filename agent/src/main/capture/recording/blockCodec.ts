import type { Encoder } from '@evan/opus'
import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, toError, type Codec } from '@3cx-ninja/protocol'
import { OPUS_BITS_PER_SECOND, PACKET_MS } from './tuning.ts'

/** Returns 100 ms of one channel as the payload of an audio record. An encoder keeps state: there is one per channel and part. */
export type BlockEncoder = (samples: Int16Array) => Uint8Array

/** The codec of a recording's audio records, created once per process by `loadBlockCodec`. */
export interface BlockCodec {
  readonly codec: Codec
  /** Creates an encoder for one channel of one part. */
  createEncoder(): BlockEncoder
}

/** Encodes 1,600 little-endian samples per record. This codec needs no native module, and ten times the space of Opus. */
export const pcm16Codec: BlockCodec = {
  codec: 'pcm16',
  createEncoder: () => (samples) => {
    const bytes = new Uint8Array(samples.length * 2)
    const view = new DataView(bytes.buffer)
    samples.forEach((sample, index) => view.setInt16(index * 2, sample, true))
    return bytes
  },
}

const SAMPLES_PER_PACKET = (SAMPLE_RATE_HZ * PACKET_MS) / 1_000
const PACKETS_PER_RECORD = SAMPLES_PER_RECORD / SAMPLES_PER_PACKET

/**
 * Resolves with Opus where its native module loads, else calls `onFallback` with the reason and resolves with PCM16: a call is
 * recorded in any case. Never rejects. Rule R12.
 */
export async function loadBlockCodec(
  onFallback: (cause: Error) => void,
  load: () => Promise<{ readonly Encoder: typeof Encoder }> = () => import('@evan/opus'),
): Promise<BlockCodec> {
  try {
    const opus = await load()
    const create = () => {
      const encoder = new opus.Encoder({ channels: 1, sample_rate: SAMPLE_RATE_HZ, application: 'voip' })
      encoder.bitrate = OPUS_BITS_PER_SECOND
      encoder.signal = 'voice'
      return encoder
    }
    create().encode(new Int16Array(SAMPLES_PER_PACKET)) // a module that loads but cannot encode is found here
    return {
      codec: 'opus',
      createEncoder() {
        const encoder = create()
        return (samples) => {
          const packets = Array.from({ length: PACKETS_PER_RECORD }, (_, index) =>
            encoder.encode(samples.slice(index * SAMPLES_PER_PACKET, (index + 1) * SAMPLES_PER_PACKET)),
          )
          return joinPackets(packets)
        }
      },
    }
  } catch (cause) {
    onFallback(toError(cause))
    return pcm16Codec
  }
}

/** Returns the packets, each after its length (u16, big-endian). */
function joinPackets(packets: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(packets.reduce((sum, packet) => sum + 2 + packet.length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const packet of packets) {
    view.setUint16(at, packet.length)
    bytes.set(packet, at + 2)
    at += 2 + packet.length
  }
  return bytes
}

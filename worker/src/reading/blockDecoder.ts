import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, type Codec } from '@3cx-ninja/protocol'
import { OpusDecoder } from 'opus-decoder'
import { opusPacketMs } from './opusPacket.ts'

/** Decodes the audio records of one channel of one part, in order. */
export interface BlockDecoder {
  /** Returns the samples of one record, always as many; a payload or packet that is no audio becomes silence. Never throws. */
  decode(payload: Uint8Array): Int16Array
  /** Returns how many packets were no audio so far. */
  brokenPackets(): number
  free(): void
}

/** Rule R12 of PROTOCOL.md: five packets of 20 ms make a record. */
const PACKETS_PER_RECORD = 5
const PACKET_MS = 20
const SAMPLES_PER_PACKET = SAMPLES_PER_RECORD / PACKETS_PER_RECORD

/** Resolves with a decoder of the part's codec; Opus loads its WebAssembly first. */
export async function createBlockDecoder(codec: Codec): Promise<BlockDecoder> {
  if (codec === 'pcm16') return createPcmDecoder()
  const decoder = new OpusDecoder({ sampleRate: SAMPLE_RATE_HZ, channels: 1 })
  await decoder.ready
  let broken = 0

  /** Returns undefined for a packet that is not 20 ms of audio. The decoder stays usable for the next packet in any case. */
  const decodePacket = (packet: Uint8Array | undefined): Float32Array | undefined => {
    if (!packet || opusPacketMs(packet) !== PACKET_MS) return undefined
    const { channelData, samplesDecoded, errors } = decoder.decodeFrame(packet)
    return errors.length === 0 && samplesDecoded === SAMPLES_PER_PACKET ? channelData[0] : undefined
  }

  return {
    decode(payload) {
      const samples = new Int16Array(SAMPLES_PER_RECORD)
      const packets = splitPackets(payload)
      for (let index = 0; index < PACKETS_PER_RECORD; index++) {
        const sound = decodePacket(packets[index])
        // Each packet has a fixed offset: one that is lost or too long must not shift the packets after it.
        if (sound) samples.set(toInt16(sound), index * SAMPLES_PER_PACKET)
        else broken += 1
      }
      return samples
    },
    brokenPackets: () => broken,
    free: () => decoder.free(),
  }
}

/** Returns the packets of a payload; a u16 length, big-endian, precedes each. A broken payload gives the packets before the break. */
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

function createPcmDecoder(): BlockDecoder {
  let broken = 0
  return {
    decode(payload) {
      if (payload.length !== SAMPLES_PER_RECORD * 2) broken += 1
      const samples = new Int16Array(SAMPLES_PER_RECORD)
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
      const count = Math.min(SAMPLES_PER_RECORD, payload.length >> 1)
      for (let index = 0; index < count; index++) samples[index] = view.getInt16(index * 2, true)
      return samples
    },
    brokenPackets: () => broken,
    free: () => undefined,
  }
}

function toInt16(sound: Float32Array): Int16Array {
  return Int16Array.from(sound, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))))
}

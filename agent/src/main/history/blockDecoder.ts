import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, type Codec } from '@3cx-ninja/protocol'

/** Decodes the payload of an audio record to its 1,600 samples. A decoder has state: one per channel and part. Damaged audio becomes silence. */
export type BlockDecoder = (payload: Uint8Array) => Int16Array

/** Resolves with a maker of decoders for both codecs; without Opus on this PC, Opus recordings are silent. Never rejects. */
export async function loadBlockDecoders(): Promise<(codec: Codec) => BlockDecoder> {
  const opus = await import('@evan/opus').catch(() => undefined)
  return (codec) => {
    if (codec === 'pcm16') return pcm16
    if (!opus) return () => new Int16Array(SAMPLES_PER_RECORD)
    const decoder = new opus.Decoder({ channels: 1, sample_rate: SAMPLE_RATE_HZ })
    return (payload) => {
      const block = new Int16Array(SAMPLES_PER_RECORD)
      let at = 0
      for (const packet of packetsOf(payload)) {
        const samples = decode(decoder, packet)
        block.set(samples.subarray(0, Math.max(0, block.length - at)), at)
        at += samples.length
        if (at >= block.length) break
      }
      return block
    }
  }
}

function decode(decoder: { decode(packet: Uint8Array): Uint8Array }, packet: Uint8Array): Int16Array {
  try {
    const bytes = decoder.decode(packet)
    return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  } catch {
    return new Int16Array() // one damaged packet is a moment of silence, not the end of the playback
  }
}

/** Yields the packets; each follows its big-endian u16 length. Rule R12. */
function* packetsOf(payload: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  for (let at = 0; at + 2 <= payload.length;) {
    const length = view.getUint16(at)
    yield payload.subarray(at + 2, at + 2 + length)
    at += 2 + length
  }
}

function pcm16(payload: Uint8Array): Int16Array {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  return Int16Array.from({ length: Math.floor(payload.length / 2) }, (_, index) =>
    view.getInt16(index * 2, true),
  )
}

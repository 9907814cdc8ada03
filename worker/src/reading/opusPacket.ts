const MAX_FRAME_BYTES = 1_275
const SILK_FRAME_MS = [10, 20, 40, 60]
const CELT_FRAME_MS = [2.5, 5, 10, 20]

/**
 * Returns how much audio a packet holds, in ms; undefined for bytes that are no Opus packet (RFC 6716, sections 3.1 to 3.4).
 * Packets are checked here first, because the decoder writes a line to the process's error output for each one it refuses.
 */
export function opusPacketMs(packet: Uint8Array): number | undefined {
  const [head] = packet
  if (head === undefined) return undefined
  const frameMs = frameMsOf(head >> 3)
  const body = packet.subarray(1)
  switch (head & 3) {
    case 0:
      return body.length <= MAX_FRAME_BYTES ? frameMs : undefined
    case 1:
      return body.length % 2 === 0 && body.length / 2 <= MAX_FRAME_BYTES ? 2 * frameMs : undefined
    case 2: {
      const first = lengthAt(body, 0)
      const rest = first && body.length - first.next - first.length
      return rest !== undefined && rest >= 0 && rest <= MAX_FRAME_BYTES ? 2 * frameMs : undefined
    }
    default:
      return manyFramesMs(body, frameMs)
  }
}

function frameMsOf(config: number): number {
  if (config < 12) return SILK_FRAME_MS[config % 4] ?? 0
  if (config < 16) return config % 2 === 0 ? 10 : 20
  return CELT_FRAME_MS[config % 4] ?? 0
}

/** Code 3 of RFC 6716: the body has a count of frames, perhaps padding, perhaps a length for each frame but the last. */
function manyFramesMs(body: Uint8Array, frameMs: number): number | undefined {
  const [flags] = body
  if (flags === undefined) return undefined
  const count = flags & 63
  if (count === 0 || count * frameMs > 120) return undefined
  let at = 1
  let end = body.length
  if (flags & 64) {
    for (let more = 255; more === 255; at++) {
      more = body[at] ?? -1
      if (more < 0) return undefined
      end -= more === 255 ? 254 : more
    }
  }
  if (!(flags & 128)) {
    const bytes = end - at
    return bytes >= 0 && bytes % count === 0 && bytes / count <= MAX_FRAME_BYTES ? count * frameMs : undefined
  }
  let sum = 0
  for (let frame = 1; frame < count; frame++) {
    const one = lengthAt(body.subarray(0, Math.max(0, end)), at)
    if (!one) return undefined
    at = one.next
    sum += one.length
  }
  const last = end - at - sum
  return last >= 0 && last <= MAX_FRAME_BYTES ? count * frameMs : undefined
}

/** Returns the length of a frame, which one or two bytes encode. */
function lengthAt(
  bytes: Uint8Array,
  at: number,
): { readonly length: number; readonly next: number } | undefined {
  const first = bytes[at]
  if (first === undefined) return undefined
  if (first < 252) return { length: first, next: at + 1 }
  const second = bytes[at + 1]
  return second === undefined ? undefined : { length: second * 4 + first, next: at + 2 }
}

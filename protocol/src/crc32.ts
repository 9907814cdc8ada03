// Eight bytes at a time ("slicing by 8"): a table for each distance of a byte from the end of its group. Measured on
// 3,200-byte payloads (Node 24): five times as fast as byte by byte. Node's own is faster still, but this runs anywhere.
const SLICES = 8
const TABLES = makeTables()

/** Returns the CRC-32 (IEEE 802.3, as zlib's); `seed` is the checksum of the bytes before these. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  let c = ~seed
  let at = 0
  for (const whole = bytes.length - (bytes.length % SLICES); at < whole; at += SLICES) {
    c ^= word(bytes, at)
    const d = word(bytes, at + 4)
    c =
      entry(7, c) ^
      entry(6, c >>> 8) ^
      entry(5, c >>> 16) ^
      entry(4, c >>> 24) ^
      entry(3, d) ^
      entry(2, d >>> 8) ^
      entry(1, d >>> 16) ^
      entry(0, d >>> 24)
  }
  for (; at < bytes.length; at++) c = entry(0, c ^ byteAt(bytes, at)) ^ (c >>> 8)
  return ~c >>> 0
}

/** Returns the CRC-32 of one u32 in big-endian order, as a seed for `crc32`. */
export function crc32OfWord(value: number): number {
  let c = -1
  for (let shift = 24; shift >= 0; shift -= 8) c = entry(0, c ^ (value >>> shift)) ^ (c >>> 8)
  return ~c >>> 0
}

// In range by construction; `as` instead of a test per byte.
const byteAt = (bytes: Uint8Array, at: number) => bytes[at] as number
const entry = (slice: number, byte: number) => TABLES[slice * 256 + (byte & 255)] as number
const word = (bytes: Uint8Array, at: number) =>
  byteAt(bytes, at) |
  (byteAt(bytes, at + 1) << 8) |
  (byteAt(bytes, at + 2) << 16) |
  (byteAt(bytes, at + 3) << 24)

function makeTables(): Int32Array {
  const tables = new Int32Array(SLICES * 256)
  for (let n = 0; n < 256; n++) {
    let c = n
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
    tables[n] = c
  }
  for (let slice = 1; slice < SLICES; slice++) {
    for (let n = 0; n < 256; n++) {
      const previous = tables[(slice - 1) * 256 + n] ?? 0
      tables[slice * 256 + n] = (tables[previous & 255] ?? 0) ^ (previous >>> 8)
    }
  }
  return tables
}

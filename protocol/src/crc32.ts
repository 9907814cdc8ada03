const TABLE = new Uint32Array(256)
for (let n = 0; n < 256; n++) {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  TABLE[n] = c >>> 0
}

/** CRC-32 (IEEE 802.3, as zlib's); `seed` is the checksum of what came before. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  let c = ~seed
  for (const byte of bytes) c = (TABLE[(c ^ byte) & 255] ?? 0) ^ (c >>> 8)
  return ~c >>> 0
}

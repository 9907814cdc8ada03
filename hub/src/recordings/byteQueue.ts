/** Bytes that wait in one piece of memory that is used again: what waits for long as objects is costly garbage later. */
export interface ByteQueue {
  readonly length: number
  add(bytes: Uint8Array): void
  /** Everything that waits. It stays as it is until `drop`, also when more is added meanwhile. */
  peek(): Buffer
  /** The first so many bytes wait no more. Nobody may still be using what `peek` gave. */
  drop(bytes: number): void
}

const FIRST_BYTES = 4_096

/**
 * `keptBytes`: memory above this is given back once a quarter of it is enough (a disk that refused, or a fast upload, made
 * it so large); what is usual must stay below, or it is made anew again and again.
 */
export function createByteQueue(keptBytes: number): ByteQueue {
  let memory = Buffer.alloc(0)
  let length = 0
  const moveTo = (capacity: number) => {
    const next = Buffer.allocUnsafeSlow(capacity) // a piece of its own: a shared one would be held by its neighbours
    memory.copy(next, 0, 0, length)
    memory = next
  }
  return {
    get length() {
      return length
    },
    add(bytes) {
      const needed = length + bytes.length
      if (needed > memory.length) moveTo(Math.max(FIRST_BYTES, memory.length * 2, needed))
      memory.set(bytes, length)
      length = needed
    },
    peek: () => memory.subarray(0, length),
    drop(bytes) {
      memory.copyWithin(0, bytes, length)
      length -= bytes
      if (memory.length > keptBytes && length * 4 <= memory.length) moveTo(Math.max(FIRST_BYTES, length * 2))
    },
  }
}

/** Bytes that wait in one piece of memory that is used again: what waits for long as objects is costly garbage later. */
export interface ByteQueue {
  readonly length: number
  add(bytes: Uint8Array): void
  /** The same for what is written in place, at once: what stood there before is undefined. */
  space(bytes: number): Buffer
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
    const next = Buffer.allocUnsafeSlow(capacity) // a piece of its own: a shared one would be held by its neighbors
    memory.copy(next, 0, 0, length)
    memory = next
  }
  const grow = (bytes: number) => {
    const needed = length + bytes
    if (needed > memory.length) moveTo(Math.max(FIRST_BYTES, memory.length * 2, needed))
  }
  return {
    get length() {
      return length
    },
    add(bytes) {
      grow(bytes.length)
      memory.set(bytes, length)
      length += bytes.length
    },
    space(bytes) {
      grow(bytes)
      length += bytes
      return memory.subarray(length - bytes, length)
    },
    peek: () => memory.subarray(0, length),
    drop(bytes) {
      memory.copyWithin(0, bytes, length)
      length -= bytes
      if (memory.length > keptBytes && length * 4 <= memory.length) moveTo(Math.max(FIRST_BYTES, length * 2))
    },
  }
}

/** Queue of bytes in one piece of memory that is used again: bytes that wait for long as objects are costly garbage later. */
export interface ByteQueue {
  readonly length: number
  /** Copies the bytes to the end of the queue. */
  add(bytes: Uint8Array): void
  /** Returns room at the end for bytes that the caller writes in place, at once; its content is undefined until then. */
  space(bytes: number): Buffer
  /** Returns all queued bytes. They stay as they are until `drop`, also when more are added meanwhile. */
  peek(): Buffer
  /** Removes the first so many bytes. What `peek` returned must no longer be in use. */
  drop(bytes: number): void
}

const FIRST_BYTES = 4_096

/**
 * Creates an empty queue. Memory above `keptBytes` is released once a quarter of it is enough (a disk that refused, or a fast
 * upload, made it so large); the usual length must stay below, or memory is allocated again and again.
 */
export function createByteQueue(keptBytes: number): ByteQueue {
  let memory = Buffer.alloc(0)
  let length = 0
  const moveTo = (capacity: number) => {
    const next = Buffer.allocUnsafeSlow(capacity) // memory of its own: a slice of a pool would keep the whole pool alive
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

import { createSerialQueue, type SerialQueue } from './serialQueue.ts'

/** Serializes asynchronous work per key; work of different keys runs side by side. */
export interface KeyedMutex<Key> {
  /** Runs `work` after all earlier work of the same key has settled. Resolves or rejects with its outcome. */
  run<Result>(key: Key, work: () => Promise<Result> | Result): Promise<Result>
  /** Resolves once all work added so far, of every key, has settled. Never rejects. */
  idle(): Promise<void>
}

/** Creates a mutex without keys; a key takes memory only while work of it is queued. */
export function createKeyedMutex<Key>(): KeyedMutex<Key> {
  const queues = new Map<Key, { readonly queue: SerialQueue; pending: number }>()
  return {
    async run(key, work) {
      const entry = queues.get(key) ?? { queue: createSerialQueue(), pending: 0 }
      queues.set(key, entry)
      entry.pending += 1
      try {
        return await entry.queue.run(work)
      } finally {
        entry.pending -= 1
        if (entry.pending === 0) queues.delete(key)
      }
    },
    async idle() {
      await Promise.all([...queues.values()].map(({ queue }) => queue.idle()))
    },
  }
}

import type { RecordingId } from '@3cx-ninja/protocol'
import type { PartStore } from './parts/partStore.ts'

/** Which sealed recordings wait for their last flush, and who is notified. Knows nothing of disks. */
export interface DurableNotices {
  /** Waits for a recording that was sealed; one that is durable already is notified by the next `check`. */
  add(recordingId: RecordingId): void
  /** Notifies the listeners of each waiting recording that has become durable. A removed recording waits no more. */
  check(): void
  /** Calls the listener once for each recording when all of it survives a power cut. Returns the function that unsubscribes. */
  onDurable(listener: (recordingId: RecordingId) => void): () => void
}

/**
 * Creates the notices of these parts. What the last process stored may never have been flushed: such recordings wait from the
 * beginning, until a round of the checkpointer has flushed them.
 */
export function createDurableNotices(parts: Pick<PartStore, 'state' | 'list'>): DurableNotices {
  const waiting = new Set(
    parts.list().flatMap(({ recordingId, sealed, durable }) => (sealed && !durable ? [recordingId] : [])),
  )
  const listeners = new Set<(recordingId: RecordingId) => void>()
  return {
    add: (recordingId) => void waiting.add(recordingId),
    check() {
      for (const recordingId of waiting) {
        const durable = parts.state(recordingId)?.durable
        if (durable === false) continue
        waiting.delete(recordingId)
        if (durable) for (const listener of listeners) listener(recordingId)
      }
    },
    onDurable(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

import { referenceOf, type OpenPart } from './parts/openPart.ts'
import type { PartRef } from './recordingState.ts'

/** Which positions wait for which flush of the journal, and who is notified. Knows nothing of the disk. */
export interface FlushNotices {
  /** `number`: the journal line whose flush makes the part durable up to `position`. */
  add(waiting: {
    readonly number: number
    readonly ref: PartRef
    readonly part: OpenPart
    readonly position: number
  }): void
  /** Raises the watermarks of all parts whose lines up to this number are durable, then calls the listeners, once a part. */
  flushed(upTo: number): void
  /** Calls the listener for every part. Returns the function that unsubscribes. */
  onFlushed(listener: (ref: PartRef, position: number) => void): () => void
  /** Calls the listener for one part: with 1,000 agents a listener each must not run for all the others, 50 times a second. */
  onPartFlushed(ref: PartRef, listener: (position: number) => void): () => void
}

/** Creates the notices, with nothing waiting. */
export function createFlushNotices(): FlushNotices {
  const waiting: { number: number; ref: PartRef; part: OpenPart; position: number }[] = []
  const listeners = new Set<(ref: PartRef, position: number) => void>()
  const partListeners = new Map<string, Set<(position: number) => void>>()
  return {
    add: (one) => void waiting.push(one),
    flushed(upTo) {
      const first = waiting.findIndex(({ number }) => number > upTo)
      const flushed = waiting.splice(0, first < 0 ? waiting.length : first)
      for (const { part, position } of flushed)
        part.journaled = part.flushed = Math.max(part.flushed, position)
      for (const { part, ref, position } of flushed) {
        if (position !== part.journaled) continue // a later entry of the same part notifies
        for (const listener of partListeners.get(part.reference) ?? []) listener(position)
        for (const listener of listeners) listener(ref, position)
      }
    },
    onFlushed(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onPartFlushed(ref, listener) {
      const reference = referenceOf(ref)
      const ofPart = partListeners.get(reference) ?? new Set()
      partListeners.set(reference, ofPart.add(listener))
      return () => {
        if (ofPart.delete(listener) && ofPart.size === 0) partListeners.delete(reference)
      }
    },
  }
}

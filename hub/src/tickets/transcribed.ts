import type { CallId, Clock } from '@3cx-ninja/protocol'
import { TRANSCRIBED_MS } from './tuning.ts'

export interface Transcribed {
  add(callId: CallId): void
  has(callId: CallId): boolean
  delete(callId: CallId): void
}

/** Returns the set of calls whose transcript is complete and whose draft does not have it yet; entries expire after two days. */
export function createTranscribed(clock: Clock): Transcribed {
  const sinceMs = new Map<CallId, number>()
  return {
    add(callId) {
      const nowMs = clock.monotonicMs()
      sinceMs.delete(callId) // the newest is last
      sinceMs.set(callId, nowMs)
      for (const [old, atMs] of sinceMs) {
        if (nowMs - atMs <= TRANSCRIBED_MS) return
        sinceMs.delete(old)
      }
    },
    has: (callId) => sinceMs.has(callId),
    delete: (callId) => void sinceMs.delete(callId),
  }
}

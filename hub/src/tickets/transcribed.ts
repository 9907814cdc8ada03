import { DAY_MS, type CallId, type Clock } from '@3cx-ninja/protocol'

/** Longer than any call: what nobody asked for by then has no draft that waits for it. */
const KEEP_MS = 2 * DAY_MS

export interface Transcribed {
  add(callId: CallId): void
  has(callId: CallId): boolean
  delete(callId: CallId): void
}

/** Calls whose text is all there and whose draft has not taken it yet. */
export function createTranscribed(clock: Clock): Transcribed {
  const sinceMs = new Map<CallId, number>()
  return {
    add(callId) {
      const nowMs = clock.monotonicMs()
      sinceMs.delete(callId) // the newest last
      sinceMs.set(callId, nowMs)
      for (const [old, atMs] of sinceMs) {
        if (nowMs - atMs <= KEEP_MS) return
        sinceMs.delete(old)
      }
    },
    has: (callId) => sinceMs.has(callId),
    delete: (callId) => void sinceMs.delete(callId),
  }
}

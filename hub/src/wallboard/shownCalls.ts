import type { BoardCall, CallId } from '@3cx-ninja/protocol'

/**
 * The calls on the wallboard now: active ones, and those that ended a moment ago. A technician has one or two at once; of one
 * agent no more than `perAgent` are shown, so that a broken agent neither fills the screen nor makes the snapshot too large to send.
 */
export interface ShownCalls {
  /** Adds the call, or puts it in place of its older state. Returns false for a new one of an agent that has enough. */
  put(call: BoardCall): boolean
  /** Returns whether the call was shown. */
  delete(callId: CallId): boolean
  has(callId: CallId): boolean
  values(): Iterable<BoardCall>
}

/** Creates an empty set; calls without an agent count together, and may be `perAgent` times as many. */
export function createShownCalls(perAgent: number): ShownCalls {
  const calls = new Map<CallId, BoardCall>()
  const counts = new Map<string, number>()
  const ownerOf = ({ agentId }: BoardCall) => agentId ?? ''
  const boundOf = (owner: string) => (owner === '' ? perAgent * perAgent : perAgent)
  const remove = (callId: CallId): boolean => {
    const call = calls.get(callId)
    if (!call) return false
    calls.delete(callId)
    const left = (counts.get(ownerOf(call)) ?? 1) - 1
    if (left === 0) counts.delete(ownerOf(call))
    else counts.set(ownerOf(call), left)
    return true
  }
  return {
    put(call) {
      const owner = ownerOf(call)
      const known = calls.get(call.callId)
      if (known && ownerOf(known) !== owner) remove(call.callId)
      if (!calls.has(call.callId)) {
        const count = counts.get(owner) ?? 0
        if (count >= boundOf(owner)) return false
        counts.set(owner, count + 1)
      }
      calls.set(call.callId, call)
      return true
    },
    delete: remove,
    has: (callId) => calls.has(callId),
    values: () => calls.values(),
  }
}

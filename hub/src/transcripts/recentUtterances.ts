import type { CallId, Utterance, UtteranceId } from '@3cx-ninja/protocol'

/** Utterances of a call that a newly connected client gets; a wallboard shows fewer. */
const PER_CALL = 40
/** Calls remembered; those silent for longest are evicted, so that the hub's memory stays bounded. */
const MAX_CALLS = 2_000

/** The newest utterances of each call, in memory only; `forget` or eviction removes a call. */
export interface RecentUtterances {
  /** Adds an utterance; it replaces an earlier one of the same id, and an empty one removes it. */
  add(callId: CallId, utterance: Utterance): void
  hasFinal(callId: CallId, utteranceId: UtteranceId): boolean
  of(callId: CallId): readonly Utterance[]
  forget(callId: CallId): void
}

/** Creates the memory, without calls. */
export function createRecentUtterances(): RecentUtterances {
  const calls = new Map<CallId, readonly Utterance[]>()
  return {
    add(callId, utterance) {
      const known = calls.get(callId) ?? []
      const others = known.filter(({ utteranceId }) => utteranceId !== utterance.utteranceId)
      const isRevised = known.some(
        (one) => one.utteranceId === utterance.utteranceId && one.state === 'final',
      )
      calls.delete(callId)
      if (isRevised)
        calls.set(callId, known.map((one) => (one.utteranceId === utterance.utteranceId ? utterance : one))) // prettier-ignore
      else calls.set(callId, utterance.text === '' ? others : [...others, utterance].slice(-PER_CALL))
      const oldest = calls.keys().next().value
      if (calls.size > MAX_CALLS && oldest) calls.delete(oldest)
    },
    hasFinal: (callId, utteranceId) =>
      (calls.get(callId) ?? []).some((one) => one.utteranceId === utteranceId && one.state === 'final'),
    of: (callId) => calls.get(callId) ?? [],
    forget: (callId) => void calls.delete(callId),
  }
}

import type { CallId, Utterance, UtteranceId } from '@3cx-ninja/protocol'

/** Lines of a call that a newcomer gets to see; a wallboard shows fewer. */
const LINES = 40
/** Calls remembered; those that said nothing for longest are dropped, so that the hub's memory stays bounded. */
const CALLS = 2_000

export interface RecentLines {
  add(callId: CallId, said: Utterance): void
  hasFinal(callId: CallId, utteranceId: UtteranceId): boolean
  of(callId: CallId): readonly Utterance[]
  forget(callId: CallId): void
}

/** The newest lines of each call, in memory: a partial is replaced by what follows it, an empty one is taken away. */
export function createRecentLines(): RecentLines {
  const calls = new Map<CallId, readonly Utterance[]>()
  return {
    add(callId, said) {
      const others = (calls.get(callId) ?? []).filter(({ utteranceId }) => utteranceId !== said.utteranceId)
      calls.delete(callId)
      calls.set(callId, said.text === '' ? others : [...others, said].slice(-LINES))
      const oldest = calls.keys().next().value
      if (calls.size > CALLS && oldest) calls.delete(oldest)
    },
    hasFinal: (callId, utteranceId) =>
      (calls.get(callId) ?? []).some((one) => one.utteranceId === utteranceId && one.state === 'final'),
    of: (callId) => calls.get(callId) ?? [],
    forget: (callId) => void calls.delete(callId),
  }
}

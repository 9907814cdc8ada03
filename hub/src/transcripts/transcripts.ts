import {
  asWallClockMs,
  type CallId,
  type RecordingId,
  type Utterance,
  type UtteranceId,
} from '@3cx-ninja/protocol'
import { createFinalReader, type FinalUtterance, type OnUnreadable } from './finalUtterance.ts'
import { createMaskedText } from './maskedText.ts'
import { createRecentUtterances } from './recentUtterances.ts'
import type { FinalOutcome, TranscriptStore } from './ports.ts'
import { inSpeakingOrder } from './speakingOrder.ts'

/**
 * The text of calls: partials are relayed, finals are stored and then relayed. An utterance is a partial until its final, the
 * next utterance of its channel, or `withdraw`. Knows nothing of leases (dispatch/) nor of clients (sockets/).
 */
export interface Transcripts {
  /**
   * Relays a partial; stores a final, then relays it. Secrets are masked before any listener or table gets the text; where a
   * final shows that an earlier one holds a secret, that one is stored and relayed again with it masked. Rejects when the
   * database cannot write.
   */
  accept(accepted: {
    readonly utterance: Utterance
    readonly callId: CallId
    readonly fence: number
    readonly partStartedAtMs: number
  }): Promise<FinalOutcome | 'relayed'>
  /** Relays the open partials of a recording once more with empty text: its lease ended, so no final will follow. */
  withdraw(recordingId: RecordingId): void
  /** Resolves with all finals of a call in speaking order, over both channels and all parts. */
  finalsOf(callId: CallId): Promise<readonly FinalUtterance[]>
  /** Resolves with all finals of one recording in speaking order. */
  finalsOfRecording(recordingId: RecordingId): Promise<readonly FinalUtterance[]>
  /** Resolves with all utterances of an active call, for an agent that comes back; the newest ones where not all fit. */
  utterancesSoFar(callId: CallId): Promise<readonly Utterance[]>
  /** Returns the newest utterances of an active call, for wallboards that connect now. */
  recent(callId: CallId): readonly Utterance[]
  forget(callId: CallId): void
  erase(recordingId: RecordingId, callId: CallId): Promise<void>
  onUtterance(listener: (callId: CallId, utterance: Utterance) => void): () => void
}

interface OpenPartial {
  readonly callId: CallId
  readonly utterance: Utterance
}
type Partials = Map<UtteranceId, OpenPartial>

/** Creates the transcripts over a store; nothing is read before it is asked for. `onUnreadable` receives each set-aside row once. */
export function createTranscripts(
  store: TranscriptStore,
  onUnreadable: OnUnreadable = () => undefined,
): Transcripts {
  const parsed = createFinalReader(onUnreadable)
  const listeners = new Set<(callId: CallId, utterance: Utterance) => void>()
  const recent = createRecentUtterances()
  const open = new Map<RecordingId, Partials>()
  const text = createMaskedText(store, parsed)
  const relay = (callId: CallId, utterance: Utterance) => {
    recent.add(callId, utterance)
    for (const listener of listeners) listener(callId, utterance)
  }
  const closePartial = ({ recordingId, utteranceId }: Utterance) => {
    const partials = open.get(recordingId)
    partials?.delete(utteranceId)
    if (partials?.size === 0) open.delete(recordingId)
  }
  const withdraw = (recordingId: RecordingId) => {
    const partials = open.get(recordingId)
    open.delete(recordingId)
    for (const { callId, utterance } of partials?.values() ?? []) {
      text.drop(callId, utterance.utteranceId)
      relay(callId, { ...utterance, text: '', words: [] })
    }
  }

  return {
    async accept({ utterance: received, callId, fence, partStartedAtMs }) {
      const atMs = asWallClockMs(partStartedAtMs + received.fromMs)
      const known = text.mask(callId, received, atMs)
      const masked = known instanceof Promise ? await known : known
      const { utterance } = masked
      const { recordingId, utteranceId } = utterance
      if (received.state === 'final')
        return text.store({
          ...{ masked, callId, fence, atMs },
          relay(stored) {
            if (stored.utteranceId === utteranceId) closePartial(stored)
            relay(callId, stored)
          },
        })
      if (recent.hasFinal(callId, utteranceId)) return 'known'
      const partials: Partials = open.get(recordingId) ?? new Map<UtteranceId, OpenPartial>()
      // One utterance at a time is open per channel; an older one that got no final was silence after all.
      for (const [id, older] of partials)
        if (older.utterance.channel === utterance.channel && id !== utteranceId) partials.delete(id)
      open.set(recordingId, partials.set(utteranceId, { callId, utterance }))
      relay(callId, utterance)
      return 'relayed'
    },
    withdraw,
    finalsOf: async (callId) => inSpeakingOrder(parsed(await store.ofCall(callId))),
    finalsOfRecording: async (recordingId) => inSpeakingOrder(parsed(await store.ofRecording(recordingId))),
    async utterancesSoFar(callId) {
      const finals = inSpeakingOrder(parsed(await store.ofCall(callId)))
      const said = finals.map(({ atMs: _, ...utterance }) => utterance)
      const partials = recent.of(callId).filter(({ state }) => state === 'partial')
      return [...newest(said, MAX_REPEATED_CHARS), ...partials]
    },
    recent: (callId) => recent.of(callId),
    forget(callId) {
      recent.forget(callId)
      text.forget(callId)
    },
    async erase(recordingId, callId) {
      withdraw(recordingId)
      recent.forget(callId)
      text.forget(callId)
      await store.erase(recordingId, callId)
    },
    onUtterance(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Far below what may wait in a link's buffer (8 MiB), and hours of talk without the times of single words. */
const MAX_REPEATED_CHARS = 2_000_000

/** Returns the last utterances whose JSON fits, in the same order. */
function newest(utterances: readonly Utterance[], chars: number): readonly Utterance[] {
  let left = chars
  const from = utterances.findLastIndex((one) => (left -= JSON.stringify(one).length) < 0)
  return utterances.slice(from + 1)
}

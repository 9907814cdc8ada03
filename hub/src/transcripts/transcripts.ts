import {
  utterance as utteranceSchema,
  wallMs,
  type CallId,
  type Channel,
  type LastFinal,
  type RecordingId,
  type Utterance,
} from '@3cx-ninja/protocol'
import { maskSecrets } from './maskSecrets.ts'

/** A final with the wall-clock time at which it began: what orders both channels and all parts. */
export const line = utteranceSchema.extend({ atMs: wallMs })
export interface Line extends Utterance {
  readonly atMs: number
}

export type FinalOutcome = 'stored' | 'known' | 'old-fence' | 'overlaps' | 'erased'

export interface TranscriptStore {
  addFinal(line: Line, callId: CallId, fence: number): Promise<FinalOutcome>
  lastFinals(recordingId: RecordingId): Promise<Readonly<Record<Channel, LastFinal | null>>>
  ofCall(callId: CallId): Promise<readonly unknown[]>
  erase(recordingId: RecordingId, callId: CallId): Promise<void>
}

export interface Transcripts {
  /** Relays a partial; stores a final, then relays it. Secrets are masked before anybody sees or stores them. */
  accept(said: {
    readonly utterance: Utterance
    readonly callId: CallId
    readonly fence: number
    readonly partStartedAtMs: number
  }): Promise<FinalOutcome | 'relayed'>
  /** All finals of a call in speaking order. */
  linesOf(callId: CallId): Promise<readonly Line[]>
  /** The newest lines of a call that is on, for walls that connect now. */
  recent(callId: CallId): readonly Utterance[]
  forget(callId: CallId): void
  erase(recordingId: RecordingId, callId: CallId): Promise<void>
  onUtterance(listener: (callId: CallId, utterance: Utterance) => void): () => void
}

const RECENT = 40

/** What was said: partials pass through, finals are kept. */
export function createTranscripts(store: TranscriptStore): Transcripts {
  const listeners = new Set<(callId: CallId, utterance: Utterance) => void>()
  const recent = new Map<CallId, Utterance[]>()
  const relay = (callId: CallId, said: Utterance) => {
    const lines = (recent.get(callId) ?? []).filter(({ utteranceId }) => utteranceId !== said.utteranceId)
    recent.set(callId, [...lines, said].slice(-RECENT))
    for (const listener of listeners) listener(callId, said)
  }
  return {
    async accept({ utterance, callId, fence, partStartedAtMs }) {
      const said = masked(utterance)
      if (said.state === 'final') {
        const outcome = await store.addFinal({ ...said, atMs: partStartedAtMs + said.fromMs }, callId, fence)
        if (outcome !== 'stored') return outcome
        relay(callId, said)
        return 'stored'
      }
      relay(callId, said)
      return 'relayed'
    },
    async linesOf(callId) {
      const lines = (await store.ofCall(callId)).map((value) => line.parse(value))
      return lines.sort((a, b) => a.atMs - b.atMs || a.toMs - b.toMs)
    },
    recent: (callId) => recent.get(callId) ?? [],
    forget: (callId) => void recent.delete(callId),
    async erase(recordingId, callId) {
      recent.delete(callId)
      await store.erase(recordingId, callId)
    },
    onUtterance(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function masked(said: Utterance): Utterance {
  const text = maskSecrets(said.text)
  return text === said.text ? said : { ...said, text, words: [] }
}

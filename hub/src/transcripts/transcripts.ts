import {
  type CallId,
  type Channel,
  type LastFinal,
  type RecordingId,
  type Utterance,
  type UtteranceId,
} from '@3cx-ninja/protocol'
import { asksForSecret, maskAnswer, maskSecrets } from './maskSecrets.ts'
import { createRecentLines } from './recentLines.ts'
import { line, type Line } from './line.ts'
import { inSpeakingOrder } from './speakingOrder.ts'

export type FinalOutcome = 'stored' | 'known' | 'old-fence' | 'overlaps' | 'erased'

/** Durable memory of finals; each call is one transaction. */
export interface TranscriptStore {
  /** Stored only if the fence is the newest of the recording and it begins behind the last final of its channel. */
  addFinal(line: Line, callId: CallId, fence: number): Promise<FinalOutcome>
  lastFinals(recordingId: RecordingId): Promise<Readonly<Record<Channel, LastFinal | null>>>
  /** By the call's canonical id, or any of its aliases. */
  ofCall(callId: CallId): Promise<readonly unknown[]>
  ofRecording(recordingId: RecordingId): Promise<readonly unknown[]>
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
  /** The holder is gone: its open partials are relayed once more with empty text, since nobody will end them. */
  withdraw(recordingId: RecordingId): void
  /** All finals of a call in speaking order, over both channels and all parts. */
  linesOf(callId: CallId): Promise<readonly Line[]>
  /** The same of one recording. */
  of(recordingId: RecordingId): Promise<readonly Line[]>
  /** All that was said in a call that is on, for an agent that comes back; the newest of it where it is more than fits. */
  saidSoFar(callId: CallId): Promise<readonly Utterance[]>
  /** The newest lines of a call that is on, for wallboards that connect now. */
  recent(callId: CallId): readonly Utterance[]
  forget(callId: CallId): void
  erase(recordingId: RecordingId, callId: CallId): Promise<void>
  onUtterance(listener: (callId: CallId, utterance: Utterance) => void): () => void
}

/** What was said: partials pass through, finals are kept. */
export function createTranscripts(store: TranscriptStore): Transcripts {
  const listeners = new Set<(callId: CallId, utterance: Utterance) => void>()
  const recent = createRecentLines()
  const open = new Map<RecordingId, Map<UtteranceId, { callId: CallId; said: Utterance }>>()
  const relay = (callId: CallId, said: Utterance) => {
    recent.add(callId, said)
    for (const listener of listeners) listener(callId, said)
  }
  const ended = ({ recordingId, utteranceId }: Utterance) => {
    const partials = open.get(recordingId)
    partials?.delete(utteranceId)
    if (partials?.size === 0) open.delete(recordingId)
  }
  const withdraw = (recordingId: RecordingId) => {
    const partials = open.get(recordingId)
    open.delete(recordingId)
    for (const { callId, said } of partials?.values() ?? []) relay(callId, { ...said, text: '', words: [] })
  }

  return {
    async accept({ utterance, callId, fence, partStartedAtMs }) {
      const said = masked(utterance, recent.of(callId))
      const { recordingId, utteranceId } = said
      if (said.state === 'final') {
        const outcome = await store.addFinal({ ...said, atMs: partStartedAtMs + said.fromMs }, callId, fence)
        if (outcome !== 'stored') return outcome
        ended(said)
        relay(callId, said)
        return 'stored'
      }
      if (recent.hasFinal(callId, utteranceId)) return 'known'
      const partials = open.get(recordingId) ?? new Map<UtteranceId, { callId: CallId; said: Utterance }>()
      // One utterance at a time is open per channel; an older one that got no final was silence after all.
      for (const [id, older] of partials)
        if (older.said.channel === said.channel && id !== utteranceId) partials.delete(id)
      open.set(recordingId, partials.set(utteranceId, { callId, said }))
      relay(callId, said)
      return 'relayed'
    },
    withdraw,
    linesOf: async (callId) => inSpeakingOrder(parsed(await store.ofCall(callId))),
    of: async (recordingId) => inSpeakingOrder(parsed(await store.ofRecording(recordingId))),
    async saidSoFar(callId) {
      const finals = inSpeakingOrder(parsed(await store.ofCall(callId))).map(({ atMs: _, ...said }) => said)
      return [
        ...newest(finals, RESAID_CHARS),
        ...recent.of(callId).filter(({ state }) => state === 'partial'),
      ]
    },
    recent: (callId) => recent.of(callId),
    forget: (callId) => recent.forget(callId),
    async erase(recordingId, callId) {
      withdraw(recordingId)
      recent.forget(callId)
      await store.erase(recordingId, callId)
    },
    onUtterance(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** As much as a link may have waiting by far (8 MiB), and hours of talk without the times of single words. */
const RESAID_CHARS = 2_000_000

/** The last ones whose JSON fits; in the same order. */
function newest(said: readonly Utterance[], chars: number): readonly Utterance[] {
  let left = chars
  const from = said.findLastIndex((one) => (left -= JSON.stringify(one).length) < 0)
  return said.slice(from + 1)
}

const parsed = (values: readonly unknown[]): readonly Line[] => values.map((value) => line.parse(value))

/** Without its secrets; the whole answer where the other side has just asked for one. */
function masked(said: Utterance, before: readonly Utterance[]): Utterance {
  const askedAt = before.findLastIndex(({ channel }) => channel !== said.channel)
  // Who is asked may first say "yes, wait", or pause while reading it out.
  const since = before.slice(askedAt + 1).filter(({ utteranceId, state }) => utteranceId !== said.utteranceId && state === 'final') // prettier-ignore
  const wasAsked = since.length <= 1 && asksForSecret(before[askedAt]?.text ?? '')
  const text = wasAsked ? maskAnswer(said.text) : maskSecrets(said.text)
  return text === said.text ? said : { ...said, text, words: [] }
}

import type { CallId, Channel, LastFinal, RecordingId } from '@3cx-ninja/protocol'
import type { FinalUtterance } from './finalUtterance.ts'

/** Why a final is stored, or is not: `known` came before, `old-fence` from a worker whose lease is over. */
export type FinalOutcome = 'stored' | 'known' | 'old-fence' | 'overlaps' | 'erased'

/** Durable memory of finals; each call is one transaction. */
export interface TranscriptStore {
  /**
   * Resolves with `stored` once the final is durable: only when the fence is the newest of the recording and the final begins
   * after the last final of its channel. Rejects when the database cannot write.
   */
  addFinal(final: FinalUtterance, callId: CallId, fence: number): Promise<FinalOutcome>
  /** Resolves once the stored final has this text, of which more is masked; changes nothing where it is not stored. */
  maskFinal(final: FinalUtterance): Promise<void>
  /** Resolves with the last final of each channel, where the next lease resumes; null for a channel without one. */
  lastFinals(recordingId: RecordingId): Promise<Readonly<Record<Channel, LastFinal | null>>>
  /** Resolves with the finals of a call, named by its canonical id or any of its aliases. */
  ofCall(callId: CallId): Promise<readonly unknown[]>
  /** Resolves with the finals of a recording, as they are stored; the caller parses each row. */
  ofRecording(recordingId: RecordingId): Promise<readonly unknown[]>
  /** Resolves once every final of the recording is deleted and refused from now on. Rejects with a DatabaseError. */
  erase(recordingId: RecordingId, callId: CallId): Promise<void>
}

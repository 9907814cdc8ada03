import type {
  CallId,
  CallPhase,
  Clock,
  HubToWorker,
  RecordingId,
  WorkerId,
  WorkerOffer,
  WorkerToHub,
} from '@3cx-ninja/protocol'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { Transcripts, TranscriptStore } from '../transcripts/transcripts.ts'
import type { DispatchTuning } from './tuning.ts'

/** Durable memory of which recording is transcribed, and of its fence. */
export interface ProgressStore {
  /** One more than ever before for this recording, over restarts too; taken in one statement. */
  nextFence(recordingId: RecordingId, callId: CallId): Promise<number>
  /** false: a newer lease exists. */
  done(recordingId: RecordingId, fence: number): Promise<boolean>
  all(): Promise<readonly { recordingId: string; doneAtMs: number | null; erasedAtMs: number | null }[]>
}

/** A connected worker as the dispatcher sees it. */
export interface WorkerLink {
  readonly workerId: WorkerId
  send(message: HubToWorker): void
  sendBinary(bytes: Uint8Array): void
  bufferedBytes(): number
}

export interface WorkerSeat {
  message(message: WorkerToHub): void
  /** The socket's buffer ran empty. */
  drain(): void
  gone(): void
}

export interface Places {
  readonly total: number
  readonly taken: number
  /** Recordings that wait for a place. */
  readonly waiting: number
  /** Those of them whose call is on: more calls than places; they are done as places come free. */
  readonly deferred: number
  /** How long the one that waits longest has waited; 0 when none waits. */
  readonly oldestWaitMs: number
}

export interface Dispatcher {
  attach(link: WorkerLink): WorkerSeat
  /** The recording is wholly transcribed, now or since long. */
  isDone(recordingId: RecordingId): boolean
  /** Nothing is known of them any more: whether they were done, neither. */
  forget(recordingIds: readonly string[]): void
  /** Told once per recording, after it is durable. `callId` is the call's canonical id. */
  onDone(listener: (recordingId: RecordingId, callId: CallId) => void): () => void
  places(): Places
  workers(): readonly (WorkerOffer & { readonly workerId: WorkerId; readonly leases: number })[]
  /** Ends all feeds and waits for finals that are being stored. Safe twice. */
  stop(): Promise<void>
}

export interface DispatcherNeeds {
  readonly recordings: Pick<RecordingStore, 'state' | 'list' | 'follow' | 'onChange'>
  readonly transcripts: Pick<Transcripts, 'accept' | 'withdraw'>
  readonly finals: Pick<TranscriptStore, 'lastFinals'>
  readonly progress: ProgressStore
  readonly clock: Clock
  readonly newId: () => string
  readonly leaseMs: number
  readonly vocabulary: string
  /** The call's canonical id for the one in a part's header; the same where the board knows no other. */
  readonly callOf?: (callId: CallId) => CallId
  /** Where the call stands; undefined: the board does not know it. A recording can come long after hang-up. */
  readonly phaseOf?: (callId: CallId) => CallPhase | undefined
  /** It was presumed over because its agent is away: its recording may never be sealed. Rule C8. */
  readonly isPresumedOver?: (callId: CallId) => boolean
  readonly onLag?: (lagMs: number) => void
  /** `lease.taken`, `lease.ended`, `transcript.dropped`, `transcript.failed`, `lease.failed`, `feed.failed`. */
  readonly onEvent?: (event: string, fields: object) => void
  readonly tuning?: Partial<DispatchTuning>
}

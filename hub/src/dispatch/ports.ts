import type {
  CallId,
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
  drain(): void
  gone(): void
}

export interface Places {
  readonly total: number
  readonly taken: number
  /** Recordings that wait for a place. */
  readonly waiting: number
}

export interface Dispatcher {
  attach(link: WorkerLink): WorkerSeat
  /** The recording is wholly transcribed, now or since long. */
  isDone(recordingId: RecordingId): boolean
  onDone(listener: (recordingId: RecordingId, callId: CallId) => void): () => void
  places(): Places
  workers(): readonly (WorkerOffer & { readonly workerId: WorkerId; readonly leases: number })[]
  stop(): void
}

export interface DispatcherNeeds {
  readonly recordings: RecordingStore
  readonly transcripts: Transcripts
  readonly finals: Pick<TranscriptStore, 'lastFinals'>
  readonly progress: ProgressStore
  readonly clock: Clock
  readonly newId: () => string
  readonly leaseMs: number
  readonly vocabulary: string
  readonly onLag?: (lagMs: number) => void
  readonly onEvent?: (event: string, fields: object) => void
  readonly tuning?: Partial<DispatchTuning>
}

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
import type { TranscriptStore } from '../transcripts/ports.ts'
import type { Transcripts } from '../transcripts/transcripts.ts'
import type { FailingWorker } from './demerits.ts'
import type { DispatchTuning } from './tuning.ts'

/**
 * Ports of the dispatcher. Knows nothing of sockets (`WorkerLink` is fulfilled by sockets/workerSocket.ts) nor of tables
 * (`ProgressStore` by database/transcriptStore.ts).
 */

/** Durable memory of each recording's fence, and of whether the recording is transcribed. */
export interface ProgressStore {
  /**
   * Resolves with a fence greater than every earlier one of the recording, over restarts too; raised and read in one
   * statement. Rejects when the database cannot write.
   */
  nextFence(recordingId: RecordingId, callId: CallId): Promise<number>
  /** Resolves once the recording is durably marked as transcribed; with false when a newer fence exists, and then marks nothing. */
  markDone(recordingId: RecordingId, fence: number): Promise<boolean>
  /** Resolves with every recording that ever had a fence. Rejects when the database cannot be read. */
  all(): Promise<readonly { recordingId: string; doneAtMs: number | null; erasedAtMs: number | null }[]>
}

/** A connected worker as the dispatcher sees it. None of its functions throws on a closed link. */
export interface WorkerLink {
  readonly workerId: WorkerId
  /** Sends a message to the worker; does nothing on a closed link. */
  send(message: HubToWorker): void
  /** Sends a frame of records to the worker; does nothing on a closed link. */
  sendBinary(bytes: Uint8Array): void
  /** Returns the bytes that wait in the worker's socket. */
  bufferedBytes(): number
  /** Stops reading the worker's socket until the returned function is called. */
  hold(): () => void
}

/** The dispatcher's end of one worker link; the socket calls it. */
export interface AttachedWorker {
  /** Applies one parsed message of the worker. Never throws; a failure to store a final ends that lease. */
  receive(message: WorkerToHub): void
  /** Sends what waited for room. The socket calls it each time its buffer has run empty. */
  drained(): void
  /** Ends the worker's leases; their recordings wait again. Safe twice. */
  detach(): void
}

/** The slots of all workers and the recordings that wait for one, at this moment. */
export interface SlotUsage {
  readonly total: number
  readonly used: number
  /** Recordings that wait for a slot. */
  readonly waiting: number
  /** Those of them whose call is active: more calls than slots; they are transcribed as slots come free. */
  readonly deferred: number
  /** How long the longest waiting recording has waited; 0 when none waits. */
  readonly oldestWaitMs: number
}

/** Gives each waiting recording to a worker with a free slot, by leases; see `dispatcher.ts` for its states. */
export interface Dispatcher {
  /** Returns the handle of a worker's new link. An earlier link of the same worker is detached first. */
  attach(link: WorkerLink): AttachedWorker
  /** Returns whether the recording is wholly transcribed, in this run of the hub or an earlier one. */
  isTranscribed(recordingId: RecordingId): boolean
  /** Forgets these recordings, including whether they were transcribed. Called after retention deletes their rows. */
  forget(recordingIds: readonly string[]): void
  /**
   * Calls the listener once per recording, after its end is durable; `callId` is the call's canonical id. Returns the
   * function that unsubscribes.
   */
  onTranscribed(listener: (recordingId: RecordingId, callId: CallId) => void): () => void
  /** Returns the slots in use and the recordings that wait, counted now. */
  slots(): SlotUsage
  /** Returns the workers that lost calls lately by their own doing, the worst first; they are asked last. */
  failing(): readonly FailingWorker[]
  /** Returns the attached workers with their newest offer and number of leases. */
  workers(): readonly (WorkerOffer & { readonly workerId: WorkerId; readonly leases: number })[]
  /** Ends all feeds. Resolves once offers and finals being stored have settled; never rejects. Safe twice. */
  stop(): Promise<void>
}

/** The stores, the clock and the callbacks from which the dispatcher is built. */
export interface DispatcherNeeds {
  readonly recordings: Pick<RecordingStore, 'state' | 'list' | 'follow' | 'onChange'>
  readonly transcripts: Pick<Transcripts, 'accept' | 'withdraw'>
  readonly finals: Pick<TranscriptStore, 'lastFinals'>
  readonly progress: ProgressStore
  readonly clock: Clock
  /** Returns a new lease id that was never used before. */
  readonly newId: () => string
  readonly leaseMs: number
  readonly vocabulary: string
  /** Returns the call's canonical id for the id in a part's header; the same id where the call board has no other. */
  readonly callOf?: (callId: CallId) => CallId
  /** Returns the call's phase, or undefined for a call that the board does not have: a recording can come long after hang-up. */
  readonly phaseOf?: (callId: CallId) => CallPhase | undefined
  /** Returns whether the call was presumed over because its agent is away: its recording may never be sealed. Rule C8. */
  readonly isPresumedOver?: (callId: CallId) => boolean
  /** Sends the worker's own lag of each utterance, in ms, to the metrics. */
  readonly onLag?: (lagMs: number) => void
  /** Writes a log line: `lease.accepted`, `lease.ended`, `lease.failed`, `feed.failed`, `transcript.dropped`, `transcript.failed`. */
  readonly log?: (event: string, fields: object) => void
  readonly tuning?: Partial<DispatchTuning>
}

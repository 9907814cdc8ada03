import type { AgentId, CallId, Language, RecordingId, StoredPartHeader } from '@3cx-ninja/protocol'

export interface PartRef {
  readonly recordingId: RecordingId
  readonly part: number
}
/** How much the hub stores of one part. */
export interface PartState {
  readonly header: StoredPartHeader
  readonly position: number
  readonly endSample: number
  /** No record will follow: a later part began after the end of this one, or this one is sealed. */
  readonly ended: boolean
}
export interface RecordingState {
  readonly recordingId: RecordingId
  readonly callId: CallId
  /** The agent that opened its parts; undefined for a recording that was stored before rule R15. */
  readonly agentId?: AgentId
  readonly language: Language
  readonly parts: readonly PartState[]
  /** The recording is complete: its last part is sealed, and all parts before it have ended. */
  readonly sealed: boolean
  /** The recording is complete, and all of it survives a power cut: only then an agent may delete its copy. Rule R9. */
  readonly durable: boolean
  readonly updatedAtMs: number
}

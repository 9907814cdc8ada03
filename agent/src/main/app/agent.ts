import type { CallId, RecordingId } from '@3cx-ninja/protocol'
import type { CallFact, UserAction } from '../call/callState.ts'
import type { DraftController } from '../drafts/draftController.ts'
import type { Recordings } from '../recordings/recordingFile.ts'
import type { AgentView } from './agentEvents.ts'

/**
 * The running agent as its programs and the desk use it: the port that app.ts implements. The agent runs until `stop`, or until the
 * hub refuses it for good. Knows nothing of windows and command lines.
 */
export interface Agent {
  /** Applies what a source reports about a call. */
  fact(fact: CallFact): void
  /** Applies a user action to the call with this id, or to the call at hand. */
  act(action: UserAction, callId?: CallId): void
  /** Asks the hub to take the PBX's facts out of this call; without the hub nothing happens. Rule C13. */
  takeBackJoin(callId: CallId): void
  readonly drafts: Pick<DraftController, 'shown' | 'edit' | 'decide' | 'answer' | 'cards'>
  /** The recordings on this disk, for playback. */
  readonly recordings: Pick<Recordings, 'list' | 'read' | 'space'>
  view(): AgentView
  /** Opens the link again at once, after this PC slept or changed its network. */
  resumed(): void
  /** Enrolls again at the hub of the settings, once, and opens the link. Rejects with an `EnrollError` that names the remedy. */
  enroll(key: string): Promise<void>
  /** Erases a recording after its call, here and on the hub as soon as the hub answers. Resolves once the erasure is durable here. */
  eraseRecording(of: { readonly callId: CallId; readonly recordingId: RecordingId }): Promise<void>
  /** Offers refused recordings to the hub again. */
  offerAgain(): void
  /** Rejects with the remedy when the hub refuses this agent for good. */
  readonly refused: Promise<never>
  /** Stops every part, and leaves a running call as a restart finds it. Safe twice. */
  stop(): Promise<void>
}

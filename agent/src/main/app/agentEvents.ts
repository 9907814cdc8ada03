import type {
  AgentSettings,
  CallJoin,
  CallerIdentity,
  CallId,
  CallSnapshot,
  Channel,
  Draft,
  DraftId,
  LinkState,
  RecordingId,
  Utterance,
} from '@3cx-ninja/protocol'
import type { Alarm } from '../capture/recording/silenceWatch.ts'
import type { DraftCard } from '../drafts/draftBoard.ts'
import type { UserErrorInfo } from '../process/userError.ts'
import type { ReplicaView } from '../replication/replicator.ts'

/** An event of the agent, for desk, narration and tests. `callId` is always this PC's id. */
export type AgentEvent =
  | { readonly kind: 'enrolled'; readonly agentId: string; readonly hubName: string }
  | {
      readonly kind: 'link'
      readonly at: LinkState['at']
      readonly why?: string
      /** While open: the hub as it introduced itself. */
      readonly hub?: { readonly version: string; readonly timeMs: number }
    }
  | { readonly kind: 'settings'; readonly consentConfirmed: boolean; readonly countdownMs: number }
  | { readonly kind: 'call'; readonly call: CallSnapshot }
  | {
      readonly kind: 'identified'
      readonly callId: CallId
      readonly canonicalId: CallId
      readonly caller?: CallerIdentity
      /** Why the PBX's facts are in the call; absent: they are not. */
      readonly join?: Pick<CallJoin, 'reason' | 'numbers'>
    }
  | {
      readonly kind: 'recording'
      readonly recordingId: RecordingId
      readonly state: 'begun' | 'safe' | 'erased' | 'refused'
      readonly callId?: CallId
      readonly reason?: string
    }
  | { readonly kind: 'utterance'; readonly callId: CallId; readonly utterance: Utterance }
  | { readonly kind: 'draft'; readonly callId: CallId; readonly draft: Draft; readonly refused?: string }
  /** The pending change of a draft was updated: `view().drafts` has it. */
  | { readonly kind: 'pending-change'; readonly callId: CallId }
  /** Another device captures a channel in the middle of a recording. */
  | {
      readonly kind: 'device'
      readonly callId: CallId
      readonly channel: Channel
      readonly label: string
      readonly part: number
      readonly fromMs: number
    }
  | { readonly kind: 'alarm'; readonly alarms: readonly Alarm[] }
  | { readonly kind: 'user-error'; readonly message: string; readonly info: UserErrorInfo }

/** The agent at a glance. */
export interface AgentView {
  readonly link: LinkState['at'] | 'not-enrolled'
  readonly consentConfirmed: boolean
  /** The hub's rules, once the hub has sent them. */
  readonly rules?: AgentSettings
  readonly calls: readonly CallSnapshot[]
  readonly drafts: readonly DraftCard[]
  readonly replicas: readonly ReplicaView[]
  readonly alarms: readonly Alarm[]
  /** Reports and erasures that the hub has not confirmed. */
  readonly unconfirmed: number
}

export type DraftEvent = Extract<AgentEvent, { kind: 'draft' }>
export type { DraftId }

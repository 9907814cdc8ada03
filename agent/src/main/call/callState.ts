import type {
  AgentSettings,
  CallId,
  CallSnapshot,
  Consent,
  Direction,
  RecordingId,
} from '@3cx-ninja/protocol'
import type { CallTuning } from './tuning.ts'

/**
 * The sources of facts about calls on this PC. Only `microphone` guesses; the others are exact. `pbx` reports every telephone
 * of this extension, so its facts are no reason to record: only facts of this PC itself are.
 */
export type SourceName = 'microphone' | 'client-window' | 'contact-url' | 'script' | 'user' | 'pbx'

/** A fact that a source reports. `leg` separates the calls of one source; a fact without one is about the current call. */
export interface CallFact {
  readonly source: SourceName
  /** `lost`: the source does not see this leg any more; the leg may go on. */
  readonly state: 'ringing' | 'talking' | 'held' | 'ended' | 'hint' | 'lost'
  readonly leg?: string
  /** The call that the hub has joined the leg to, by our id where we have one. */
  readonly callId?: CallId
  /** With `ended` while it rang: the call was answered by someone else. */
  readonly answered?: true
  /** When the state began, monotonic, perhaps before this process; absent: now. */
  readonly sinceMs?: number
  readonly direction?: Direction
  readonly remoteNumber?: string
  readonly remoteName?: string
}

/** A click or key of the technician for the current call. */
export type UserAction = 'start' | 'stop' | 'pause' | 'resume' | 'mark' | 'erase'

/** The hub's rules as far as recording depends on them; absent until the hub has sent them once. */
export type RecordingPolicy = Pick<AgentSettings, 'consent' | 'optOut' | 'country'>

/**
 * The phase of a call; `callMachine.ts` moves it. `untilMs` are monotonic, and a phase with one is left at that time at the
 * latest; `…AtMs` and `…SinceMs` are wall-clock stamps. 'done' and 'missed' are final.
 */
export type Phase =
  /** A guessing source reports talking; not shown, not recorded until it lasts. */
  | { readonly at: 'arriving'; readonly untilMs: number }
  | { readonly at: 'ringing'; readonly untilMs: number }
  | { readonly at: 'talking'; readonly talkingSinceMs: number }
  /** The PBX reports talking; the microphone of this PC may follow in a moment. Shown as talking, not recorded. */
  | { readonly at: 'answered'; readonly talkingSinceMs: number; readonly untilMs: number }
  /** The PBX reports talking, and nothing on this PC does: at another telephone. Shown as talking, not recorded. */
  | { readonly at: 'elsewhere'; readonly talkingSinceMs: number }
  /** The call was elsewhere, and the PBX is lost: the call is over, unless a source reports otherwise in time. */
  | {
      readonly at: 'pbx-lost'
      readonly talkingSinceMs: number
      readonly endedAtMs: number
      readonly untilMs: number
    }
  /** A guessing source reports the end; shown as talking until it lasts. */
  | {
      readonly at: 'ending'
      readonly talkingSinceMs: number
      readonly endedAtMs: number
      readonly untilMs: number
    }
  | { readonly at: 'held'; readonly talkingSinceMs: number }
  /** Stored by an earlier run; goes on if a source reports so in time. */
  | {
      readonly at: 'restored'
      readonly before: 'ringing' | 'talking' | 'held'
      readonly talkingSinceMs?: number
      readonly lastSeenMs: number
      readonly untilMs: number
    }
  | {
      readonly at: 'wrap-up'
      readonly talkingSinceMs?: number
      readonly endedAtMs: number
      readonly untilMs: number
    }
  | { readonly at: 'done'; readonly talkingSinceMs?: number; readonly endedAtMs: number }
  | { readonly at: 'missed'; readonly endedAtMs: number }

export type CallRecording =
  /** `paused`: requested before there is a recording, which must not run by itself then. */
  | { readonly at: 'none'; readonly paused?: 'user' }
  | { readonly at: 'refused'; readonly why: 'no-consent' | 'opted-out' }
  | { readonly at: 'beginning'; readonly recordingId: RecordingId; readonly paused?: 'user' | 'hold' }
  | { readonly at: 'on'; readonly recordingId: RecordingId }
  | { readonly at: 'paused'; readonly recordingId: RecordingId; readonly by: 'user' | 'hold' }
  /** The recording begins again later, paused if it was to begin paused. */
  | {
      readonly at: 'failed'
      readonly recordingId: RecordingId
      readonly untilMs: number
      readonly paused?: 'user' | 'hold'
    }
  /** Interrupted by a restart: goes on with the next part, paused if it was. */
  | { readonly at: 'interrupted'; readonly recordingId: RecordingId; readonly paused?: 'user' | 'hold' }
  | { readonly at: 'complete'; readonly recordingId: RecordingId }
  | { readonly at: 'erased'; readonly recordingId?: RecordingId }

/** The last state that one source reported of its leg. */
export interface Leg {
  readonly source: SourceName
  readonly leg: string | undefined
  readonly state: CallFact['state']
}

export interface ActiveCall {
  readonly callId: CallId
  readonly revision: number
  /** The last report, to detect changes; undefined before the first one. */
  readonly reported?: CallSnapshot
  /** The last snapshot on the screen of a call that the hub knows by itself. */
  readonly shown?: CallSnapshot
  readonly legs: readonly Leg[]
  /** Some local source has reported this call as active on this PC. */
  readonly talkedHere: boolean
  readonly direction: Direction
  readonly remoteNumber?: string
  readonly remoteName?: string
  readonly extension: string
  readonly startedAtMs: number
  readonly phase: Phase
  readonly recording: CallRecording
}

export interface CallsState {
  readonly policy?: RecordingPolicy
  /** The newest hint about the caller, until a call uses it. */
  readonly hint?: { readonly fact: CallFact; readonly untilMs: number }
  readonly calls: readonly ActiveCall[]
}

export type CallEvent =
  | { readonly kind: 'fact'; readonly fact: CallFact }
  | { readonly kind: 'user-action'; readonly action: UserAction; readonly callId?: CallId }
  | { readonly kind: 'policy'; readonly policy: RecordingPolicy }
  | { readonly kind: 'recording-begun'; readonly callId: CallId; readonly recordingId: RecordingId }
  | { readonly kind: 'recording-failed'; readonly callId: CallId; readonly recordingId: RecordingId }
  /** The draft of this call is decided: the technician is free. */
  | { readonly kind: 'decided'; readonly callId: CallId }
  | { readonly kind: 'restored'; readonly call: CallSnapshot; readonly lastSeenMs: number }
  | { readonly kind: 'tick' }

export type CallCommand =
  | {
      readonly kind: 'begin'
      readonly callId: CallId
      readonly recordingId: RecordingId
      readonly consent: Consent
      readonly paused: boolean
    }
  | {
      readonly kind: 'pause' | 'resume' | 'mark' | 'seal' | 'erase'
      readonly callId: CallId
      readonly recordingId: RecordingId
    }
  /** `screen`: only the PBX reports the call, and it was not talked here: the hub knows it without us. */
  | { readonly kind: 'report'; readonly to: 'hub' | 'screen'; readonly call: CallSnapshot }

export interface CallContext {
  /** Monotonic. */
  readonly nowMs: number
  /** Wall-clock time that does not jump during a call: the clock's value when the first call began, run on. */
  readonly wallClockMs: number
  readonly extension: string
  readonly newId: () => string
  readonly tuning: CallTuning
}

export const noCalls: CallsState = { calls: [] }

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
 * Who can tell something about a call on this PC. Only `microphone` guesses; the others know. `pbx` knows of every telephone
 * of this extension, so what it says is no reason to record: only what this PC itself sees is.
 */
export type SourceName = 'microphone' | 'client-window' | 'contact-url' | 'script' | 'user' | 'pbx'

/** What a source tells. `leg` tells calls of one source apart; a source without one speaks of the call at hand. */
export interface CallFact {
  readonly source: SourceName
  /** `lost`: the source does not see this leg any more; it may go on. */
  readonly state: 'ringing' | 'talking' | 'held' | 'ended' | 'hint' | 'lost'
  readonly leg?: string
  /** The call that the hub has joined it to, by our id where we have one. */
  readonly callId?: CallId
  /** With `ended` while it rang: somebody else took it. */
  readonly answered?: true
  /** Since when it is so, monotonic, perhaps from before this process; now, where it is absent. */
  readonly sinceMs?: number
  readonly direction?: Direction
  readonly remoteNumber?: string
  readonly remoteName?: string
}

/** What the technician wants with the call at hand. */
export type UserAction = 'start' | 'stop' | 'pause' | 'resume' | 'mark' | 'erase'

/** The hub's rules as far as recording depends on them; absent until the hub has told them once. */
export type RecordingPolicy = Pick<AgentSettings, 'consent' | 'optOut' | 'country'>

/** `untilMs` are monotonic; `…AtMs` and `…SinceMs` are wall-clock stamps. */
export type Phase =
  /** A guessing source says talking; not shown, not recorded until it lasts. */
  | { readonly at: 'arriving'; readonly untilMs: number }
  | { readonly at: 'ringing'; readonly untilMs: number }
  | { readonly at: 'talking'; readonly talkingSinceMs: number }
  /** The PBX says talking; the microphone of this PC may follow in a moment. Shown as talking, not recorded. */
  | { readonly at: 'answered'; readonly talkingSinceMs: number; readonly untilMs: number }
  /** The PBX says talking, and nothing on this PC does: at another telephone. Shown as talking, not recorded. */
  | { readonly at: 'elsewhere'; readonly talkingSinceMs: number }
  /** Was elsewhere, and the PBX is not heard any more: over, unless somebody says otherwise in time. */
  | {
      readonly at: 'pbx-lost'
      readonly talkingSinceMs: number
      readonly endedAtMs: number
      readonly untilMs: number
    }
  /** A guessing source says ended; shown as talking until it lasts. */
  | {
      readonly at: 'ending'
      readonly talkingSinceMs: number
      readonly endedAtMs: number
      readonly untilMs: number
    }
  | { readonly at: 'held'; readonly talkingSinceMs: number }
  /** Known from before a restart; goes on if a source says so in time. */
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
  /** `paused`: asked for before there is a recording; it must not run by itself then. */
  | { readonly at: 'none'; readonly paused?: 'user' }
  | { readonly at: 'refused'; readonly why: 'no-consent' | 'opted-out' }
  | { readonly at: 'beginning'; readonly recordingId: RecordingId; readonly paused?: 'user' | 'hold' }
  | { readonly at: 'on'; readonly recordingId: RecordingId }
  | { readonly at: 'paused'; readonly recordingId: RecordingId; readonly by: 'user' | 'hold' }
  /** Tried again later, paused if it was to begin so. */
  | {
      readonly at: 'failed'
      readonly recordingId: RecordingId
      readonly untilMs: number
      readonly paused?: 'user' | 'hold'
    }
  /** From before a restart: goes on with the next part, paused if it was. */
  | { readonly at: 'interrupted'; readonly recordingId: RecordingId; readonly paused?: 'user' | 'hold' }
  | { readonly at: 'complete'; readonly recordingId: RecordingId }
  | { readonly at: 'erased'; readonly recordingId?: RecordingId }

/** What one source has told last of its part. */
export interface Leg {
  readonly source: SourceName
  readonly leg: string | undefined
  readonly state: CallFact['state']
}

export interface ActiveCall {
  readonly callId: CallId
  readonly revision: number
  /** What was reported last, to tell changes; undefined before the first report. */
  readonly reported?: CallSnapshot
  /** What was shown last of a call that the hub knows by itself. */
  readonly shown?: CallSnapshot
  readonly legs: readonly Leg[]
  /** Something on this PC has said that it is talked here. */
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
  /** Newest first-hand hint about who calls, until a call takes it. */
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
  /** `screen`: a call of which only the PBX tells, and that nobody talked: the hub knows it without us. */
  | { readonly kind: 'report'; readonly to: 'hub' | 'screen'; readonly call: CallSnapshot }

export interface CallContext {
  /** Monotonic. */
  readonly nowMs: number
  /** Wall-clock time that does not jump while a call is on: the clock as it stood when the first one began, run on. */
  readonly wallClockMs: number
  readonly extension: string
  readonly newId: () => string
  readonly tuning: CallTuning
}

export const noCalls: CallsState = { calls: [] }

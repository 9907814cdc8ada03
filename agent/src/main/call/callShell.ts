import { createEventQueue, type CallId, type CallSnapshot, type Clock } from '@3cx-ninja/protocol'
import { currentCall, isOngoing } from './matchCall.ts'
import { nextCallTickMs, stepCalls } from './callMachine.ts'
import {
  noCalls,
  type CallCommand,
  type CallEvent,
  type CallFact,
  type CallsState,
  type UserAction,
  type Phase,
  type RecordingPolicy,
  type CallRecording,
} from './callState.ts'
import { createSteadyWallClock } from './steadyWallClock.ts'
import { callTuning, type CallTuning } from './tuning.ts'
import { snapshotOfCall } from './callProjection.ts'

/** Carries out recording commands; their outcomes come back as events. */
export type RecordingPort = (command: Exclude<CallCommand, { kind: 'report' }>) => void

export interface CallShellNeeds {
  readonly clock: Clock
  readonly newId: () => string
  readonly extension: () => string
  readonly tuning?: CallTuning
  readonly recording: RecordingPort
  /** Reports the call. To the hub: the report is kept until the hub has stored it. To the screen: it is only shown. */
  readonly report: (call: CallSnapshot, to: 'hub' | 'screen') => void
  /** Called after each step. */
  readonly onChange: () => void
}

export interface CallShell {
  fact(fact: CallFact): void
  action(action: UserAction, callId?: CallId): void
  policy(policy: RecordingPolicy): void
  decided(callId: CallId): void
  restored(call: CallSnapshot, lastSeenMs: number): void
  recordingBegun(of: Pick<Extract<CallEvent, { kind: 'recording-begun' }>, 'callId' | 'recordingId'>): void
  recordingFailed(of: Pick<Extract<CallEvent, { kind: 'recording-failed' }>, 'callId' | 'recordingId'>): void
  /** Returns the calls that are shown: active, or in wrap-up. */
  calls(): readonly CallSnapshot[]
  /** Returns the call that keys and microphone refer to. */
  current(): CallSnapshot | undefined
  /** Returns whether the current call is talked on this PC, so that silence is worth an alarm. */
  isTalkedHere(): boolean
  /** Returns whether the audio of a call is needed, or may be in a moment. */
  needsAudio(): boolean
  stop(): void
}

/** Owns the queue of events and the one timer of the calls on this PC. Knows nothing of phases: `callMachine.ts` decides them. */
export function createCallShell(needs: CallShellNeeds): CallShell {
  const { clock, tuning = callTuning } = needs
  let state: CallsState = noCalls
  let stopped = false
  let cancelTick: () => void = () => undefined
  const steadyWallClockMs = createSteadyWallClock(clock, () => state.calls.some(isOngoing))

  const step = (event: CallEvent) => {
    const next = stepCalls(state, event, {
      nowMs: clock.monotonicMs(),
      wallClockMs: steadyWallClockMs(),
      extension: needs.extension(),
      newId: needs.newId,
      tuning,
    })
    state = next.state
    for (const command of next.commands) {
      if (command.kind === 'report') needs.report(command.call, command.to)
      else needs.recording(command)
    }
  }

  const { dispatch: enqueue } = createEventQueue<CallEvent>(step, () => {
    cancelTick()
    const tickMs = nextCallTickMs(state)
    if (tickMs !== undefined)
      cancelTick = clock.after(tickMs - clock.monotonicMs(), () => dispatch({ kind: 'tick' }))
    needs.onChange()
  })
  const dispatch = (event: CallEvent) => {
    if (!stopped) enqueue(event)
  }

  const shown = () => state.calls.filter(({ phase }) => phase.at !== 'arriving')
  return {
    fact: (fact) => dispatch({ kind: 'fact', fact }),
    action: (action, callId) => dispatch({ kind: 'user-action', action, ...(callId ? { callId } : {}) }),
    policy: (policy) => dispatch({ kind: 'policy', policy }),
    decided: (callId) => dispatch({ kind: 'decided', callId }),
    restored: (call, lastSeenMs) => dispatch({ kind: 'restored', call, lastSeenMs }),
    recordingBegun: (of) => dispatch({ ...of, kind: 'recording-begun' }),
    recordingFailed: (of) => dispatch({ ...of, kind: 'recording-failed' }),
    calls: () => shown().map(snapshotOfCall),
    current: () => {
      const call = currentCall(shown())
      return call && snapshotOfCall(call)
    },
    isTalkedHere: () => {
      const at = currentCall(shown())?.phase.at
      return at === 'talking' || at === 'ending'
    },
    needsAudio: () =>
      state.policy?.consent.confirmed === true &&
      state.calls.some((call) => isOngoing(call) && mayBeHere(call.phase) && mayStillRecord(call.recording)),
    stop() {
      stopped = true
      cancelTick()
    },
  }
}

/** Returns whether the call may be on this PC: a microphone stays closed for a call at another telephone. */
const mayBeHere = ({ at }: Phase) => at !== 'elsewhere' && at !== 'pbx-lost'

/** Returns whether the call may be recorded: of a call that never will be nothing is captured, not even for a pre-roll. */
function mayStillRecord(recording: CallRecording): boolean {
  if (recording.at === 'refused') return recording.why !== 'opted-out'
  return recording.at !== 'complete' && recording.at !== 'erased'
}

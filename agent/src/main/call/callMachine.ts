import { callId as callIdSchema, type CallId } from '@3cx-ninja/protocol'
import { snapshotOfCall, sameSnapshot } from './callProjection.ts'
import { restoreCall } from './restoreCall.ts'
import { isOngoing, currentCall, isOver, matchCall } from './matchCall.ts'
import { isNews, passMicrophone, stateOfPbx, phaseOfPbx } from './pbxFacts.ts'
import { done, endedByThisPc, talkingSince, wrapUp } from './phases.ts'
import { endRecording, erase, settleRecording, applyToRecording } from './recordingOfCall.ts'
import type {
  ActiveCall,
  CallContext,
  CallCommand,
  CallEvent,
  CallFact,
  CallsState,
  UserAction,
} from './callState.ts'

export interface CallsStep {
  readonly state: CallsState
  readonly commands: readonly CallCommand[]
}

/**
 * Returns the next state and the commands of one event of the calls on this PC: facts of several sources, actions of the
 * technician and time in; recording commands and reports out. Every event names a call by its id or by its source's leg; an
 * event about a call that is over changes nothing. Knows nothing of audio and sockets: the shell carries the commands out.
 */
export function stepCalls(state: CallsState, event: CallEvent, context: CallContext): CallsStep {
  const moved = move(state, event, context)
  const commands: CallCommand[] = [...moved.commands]
  const calls: ActiveCall[] = []
  for (const call of moved.state.calls.map((each) => onTime(each, context))) {
    const settled = settleRecording(call, moved.state.policy, context)
    commands.push(...settled.commands)
    const reported = report(settled.call)
    commands.push(...reported.commands)
    if (!isForgotten(reported.call)) calls.push(reported.call)
  }
  const { hint, ...rest } = moved.state
  const fresh = hint && hint.untilMs > context.nowMs ? { hint } : {}
  return { state: { ...rest, ...fresh, calls }, commands }
}

/** Returns when the shell must dispatch 'tick' next, monotonic; undefined when time changes nothing. */
export function nextCallTickMs(state: CallsState): number | undefined {
  const due = state.calls.flatMap(({ phase, recording }) => [
    ...('untilMs' in phase ? [phase.untilMs] : []),
    ...('untilMs' in recording && (phase.at === 'talking' || phase.at === 'ending')
      ? [recording.untilMs]
      : []),
  ])
  return due.length > 0 ? Math.min(...due) : undefined
}

function move(state: CallsState, event: CallEvent, context: CallContext): CallsStep {
  switch (event.kind) {
    case 'tick':
      return { state, commands: [] }
    case 'policy':
      return { state: { ...state, policy: event.policy }, commands: [] }
    case 'fact':
      return { state: onFact(state, event.fact, context), commands: [] }
    case 'user-action':
      return onUserAction(state, event.action, event.callId, context)
    case 'restored':
      if (state.calls.some(({ callId }) => callId === event.call.callId)) return { state, commands: [] }
      return {
        state: { ...state, calls: [...state.calls, restoreCall(event.call, event.lastSeenMs, context)] },
        commands: [],
      }
    case 'decided':
      return change(state, event.callId, (call) =>
        call.phase.at === 'wrap-up' ? { ...call, phase: done(call.phase) } : call,
      )
    case 'recording-begun':
    case 'recording-failed':
      return change(state, event.callId, (call) => {
        const { recording } = call
        if (recording.at !== 'beginning' || recording.recordingId !== event.recordingId) return call
        const { recordingId, paused } = recording
        if (event.kind === 'recording-failed') {
          const untilMs = context.nowMs + context.tuning.retryRecordingMs
          return { ...call, recording: { at: 'failed', recordingId, untilMs, ...(paused ? { paused } : {}) } }
        }
        return {
          ...call,
          recording: paused ? { at: 'paused', recordingId, by: paused } : { at: 'on', recordingId },
        }
      })
  }
}

function onFact(state: CallsState, fact: CallFact, context: CallContext): CallsState {
  if (isOver(state.calls, fact)) return state
  const current = matchCall(state, fact, context)
  if (current) {
    const vanished = current.phase.at === 'arriving' && fact.state === 'ended' // it did not last: never a call
    const changed = applyFact(current, fact, context)
    const calls = state.calls.flatMap((call) => (call !== current ? [call] : vanished ? [] : [changed]))
    return {
      ...state,
      calls: movesMicrophone(current, fact) ? passMicrophone(calls, changed, context) : calls,
    }
  }
  if (fact.state === 'hint') {
    return { ...state, hint: { fact, untilMs: context.nowMs + context.tuning.hintMs } }
  }
  if (fact.state === 'ended' || fact.state === 'lost') return state
  const { hint, ...rest } = state
  // The PBX names the caller itself; a hint may be about another call.
  const completed =
    hint && hint.untilMs > context.nowMs && fact.source !== 'pbx' ? { ...hint.fact, ...fact } : fact
  const added = newCall(completed, context)
  const calls = [...state.calls, added]
  return {
    ...(completed === fact ? state : rest),
    calls: movesMicrophone(undefined, fact) ? passMicrophone(calls, added, context) : calls,
  }
}

/** Returns whether the PBX connects the technician with this call now, or has ended it. */
function movesMicrophone(previous: ActiveCall | undefined, fact: CallFact): boolean {
  return (
    fact.source === 'pbx' && (fact.state === 'talking' || fact.state === 'ended') && isNews(previous, fact)
  )
}

function newCall(fact: CallFact, context: CallContext): ActiveCall {
  const sinceMs = Math.round(
    context.wallClockMs - Math.max(0, context.nowMs - (fact.sinceMs ?? context.nowMs)),
  )
  const call: ActiveCall = {
    callId: fact.callId ?? callIdSchema.parse(context.newId()),
    revision: 0,
    legs: [],
    talkedHere: false,
    direction: 'unknown',
    extension: context.extension,
    startedAtMs: sinceMs,
    phase: { at: 'ringing', untilMs: context.nowMs + context.tuning.ringMs },
    recording: { at: 'none' },
  }
  if (fact.source === 'microphone' && fact.state === 'talking') {
    const untilMs = context.nowMs + context.tuning.startDebounceMs
    return { ...mergeFact(call, fact), phase: { at: 'arriving', untilMs } }
  }
  return applyFact(call, fact, { ...context, wallClockMs: sinceMs })
}

/** Merges what the fact names of the other side, and the state that its source reports of its leg. */
function mergeFact(call: ActiveCall, fact: CallFact): ActiveCall {
  const { source, state } = fact
  const isHere = source !== 'pbx' && (state === 'talking' || state === 'held')
  const direction = source === 'pbx' && fact.direction === 'unknown' ? undefined : fact.direction
  return {
    ...call,
    // The call is not reported yet: with the hub's id no joining is needed later.
    ...(fact.callId && call.phase.at === 'arriving' ? { callId: fact.callId } : {}),
    legs: [
      ...call.legs.filter((leg) => leg.source !== source || leg.leg !== fact.leg),
      { source, leg: fact.leg, state },
    ],
    talkedHere: call.talkedHere || isHere,
    direction: direction ?? call.direction,
    ...(fact.remoteNumber ? { remoteNumber: fact.remoteNumber.slice(0, 64) } : {}),
    ...(fact.remoteName ? { remoteName: fact.remoteName.slice(0, 160) } : {}),
  }
}

function applyFact(previous: ActiveCall, fact: CallFact, context: CallContext): ActiveCall {
  const call = mergeFact(previous, fact)
  const { phase } = call
  if (fact.source === 'pbx') return { ...call, phase: phaseOfPbx(call, { previous, fact }, context) }
  switch (fact.state) {
    case 'hint':
    case 'lost':
      return call
    case 'ringing':
      return phase.at === 'restored' && phase.before === 'ringing'
        ? { ...call, phase: { at: 'ringing', untilMs: context.nowMs + context.tuning.ringMs } }
        : call
    case 'talking':
      return phase.at === 'arriving'
        ? call
        : { ...call, phase: { at: 'talking', talkingSinceMs: talkingSince(phase, context) } }
    case 'held':
      return { ...call, phase: { at: 'held', talkingSinceMs: talkingSince(phase, context) } }
    case 'ended':
      return { ...call, phase: endedByThisPc(phase, fact, context) }
  }
}

function onTime(call: ActiveCall, context: CallContext): ActiveCall {
  const { phase } = call
  if (!('untilMs' in phase) || context.nowMs < phase.untilMs) return call
  switch (phase.at) {
    case 'arriving':
      return { ...call, phase: { at: 'talking', talkingSinceMs: call.startedAtMs } }
    case 'ringing':
      return { ...call, phase: { at: 'missed', endedAtMs: context.wallClockMs } }
    case 'ending': {
      // The PBX is exact, a microphone is not: the talk goes on at another telephone, or on hold.
      const pbxState = stateOfPbx(call)
      const { talkingSinceMs } = phase
      if (pbxState)
        return { ...call, phase: { at: pbxState === 'held' ? 'held' : 'elsewhere', talkingSinceMs } }
      return { ...call, phase: wrapUp(talkingSinceMs, phase.endedAtMs, context) }
    }
    case 'answered':
      return { ...call, phase: { at: 'elsewhere', talkingSinceMs: phase.talkingSinceMs } }
    case 'pbx-lost':
      return { ...call, phase: wrapUp(phase.talkingSinceMs, phase.endedAtMs, context) }
    case 'restored':
      return {
        ...call,
        phase:
          phase.before === 'ringing'
            ? { at: 'missed', endedAtMs: phase.lastSeenMs }
            : wrapUp(phase.talkingSinceMs, phase.lastSeenMs, context),
      }
    case 'wrap-up':
      return { ...call, phase: done(phase) }
  }
}

function onUserAction(
  state: CallsState,
  action: UserAction,
  callId: CallId | undefined,
  context: CallContext,
): CallsStep {
  const call = callId ? state.calls.find((each) => each.callId === callId) : currentCall(state.calls)
  if (action === 'start' && !call) {
    const fact: CallFact = { source: 'user', state: 'talking' }
    return { state: onFact(state, fact, context), commands: [] }
  }
  if (!call) return { state, commands: [] }
  if (action === 'start' && ['answered', 'elsewhere', 'pbx-lost'].includes(call.phase.at)) {
    const here = applyFact(call, { source: 'user', state: 'talking' }, context)
    return change(state, call.callId, () => here)
  }
  const onlyUser = isOngoing(call) && call.legs.every(({ source }) => source === 'user')
  if (action === 'stop' && onlyUser) {
    return { state: onFact(state, { source: 'user', state: 'ended' }, context), commands: [] }
  }
  const step =
    action === 'erase' ? erase(call) : action === 'stop' ? endRecording(call) : applyToRecording(call, action)
  return {
    state: { ...state, calls: state.calls.map((each) => (each === call ? step.call : each)) },
    commands: step.commands,
  }
}

function change(state: CallsState, callId: CallId, how: (call: ActiveCall) => ActiveCall): CallsStep {
  const calls = state.calls.map((call) => (call.callId === callId ? how(call) : call))
  return { state: { ...state, calls }, commands: [] }
}

function report(call: ActiveCall): { call: ActiveCall; commands: readonly CallCommand[] } {
  if (call.phase.at === 'arriving') return { call, commands: [] }
  const snapshot = snapshotOfCall({ ...call, revision: call.revision + 1 })
  const to = isReportedByHub(call) ? 'screen' : 'hub'
  if (sameSnapshot(to === 'hub' ? call.reported : call.shown, snapshot)) return { call, commands: [] }
  const reported = { ...call, revision: snapshot.revision, [to === 'hub' ? 'reported' : 'shown']: snapshot }
  return { call: reported, commands: [{ kind: 'report', to, call: snapshot }] }
}

/**
 * Returns whether the hub knows the call without us: only the PBX reports it, and it was not talked here (yet). If each agent
 * whose telephone rang reported it, a call to a group would become as many calls, each with a draft.
 */
function isReportedByHub({ legs, reported, phase }: ActiveCall): boolean {
  if (reported || legs.length === 0 || legs.some(({ source }) => source !== 'pbx')) return false
  const isUntalked = phase.at === 'done' && phase.talkingSinceMs === undefined
  return isUntalked || phase.at === 'ringing' || phase.at === 'missed' || phase.at === 'answered'
}

/** Returns whether the call is over and reported, so that nothing is left to wait for. */
function isForgotten(call: ActiveCall): boolean {
  return call.phase.at === 'done' || call.phase.at === 'missed'
}

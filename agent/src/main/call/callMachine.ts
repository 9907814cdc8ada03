import { callId as callIdSchema, type CallId } from '@3cx-ninja/protocol'
import { projectCall, sameSnapshot } from './callProjection.ts'
import { restoreCall } from './restoreCall.ts'
import { isAlive, callAtHand, matchCall } from './matchCall.ts'
import { endRecording, erase, settleRecording, wishRecording } from './recordingOfCall.ts'
import type {
  ActiveCall,
  Around,
  CallCommand,
  CallEvent,
  CallFact,
  CallsState,
  CallWish,
  Phase,
} from './callState.ts'

export interface CallsStep {
  readonly state: CallsState
  readonly commands: readonly CallCommand[]
}

/**
 * One step of the calls on this PC: facts of several sources, wishes of the technician and time in; recording commands
 * and reports out. Every event speaks of a call by its id or by its source's leg; one about a dead call changes nothing.
 */
export function stepCalls(state: CallsState, event: CallEvent, around: Around): CallsStep {
  const moved = move(state, event, around)
  const commands: CallCommand[] = [...moved.commands]
  const calls: ActiveCall[] = []
  for (const call of moved.state.calls.map((each) => onTime(each, around))) {
    const settled = settleRecording(call, moved.state.policy, around)
    commands.push(...settled.commands)
    const reported = report(settled.call)
    commands.push(...reported.commands)
    if (!isForgotten(reported.call)) calls.push(reported.call)
  }
  const { hint, ...rest } = moved.state
  const fresh = hint && hint.untilMs > around.nowMs ? { hint } : {}
  return { state: { ...rest, ...fresh, calls }, commands }
}

/** When the shell must call with 'tick' next; undefined when time changes nothing. */
export function nextCallTickMs(state: CallsState): number | undefined {
  const due = state.calls.flatMap(({ phase, recording }) => [
    ...('untilMs' in phase ? [phase.untilMs] : []),
    ...('untilMs' in recording && (phase.at === 'talking' || phase.at === 'ending')
      ? [recording.untilMs]
      : []),
  ])
  return due.length > 0 ? Math.min(...due) : undefined
}

function move(state: CallsState, event: CallEvent, around: Around): CallsStep {
  switch (event.kind) {
    case 'tick':
      return { state, commands: [] }
    case 'policy':
      return { state: { ...state, policy: event.policy }, commands: [] }
    case 'fact':
      return { state: onFact(state, event.fact, around), commands: [] }
    case 'wish':
      return onWish(state, event.wish, event.callId, around)
    case 'restored':
      if (state.calls.some(({ callId }) => callId === event.call.callId)) return { state, commands: [] }
      return {
        state: { ...state, calls: [...state.calls, restoreCall(event.call, event.lastSeenMs, around)] },
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
          const untilMs = around.nowMs + around.tuning.retryRecordingMs
          return { ...call, recording: { at: 'failed', recordingId, untilMs, ...(paused ? { paused } : {}) } }
        }
        return {
          ...call,
          recording: paused ? { at: 'paused', recordingId, by: paused } : { at: 'on', recordingId },
        }
      })
  }
}

function onFact(state: CallsState, fact: CallFact, around: Around): CallsState {
  const known = matchCall(state.calls, fact)
  if (known) {
    const vanished = known.phase.at === 'arriving' && fact.tells === 'ended' // it did not last: never a call
    const calls = state.calls.flatMap((call) =>
      call !== known ? [call] : vanished ? [] : [tell(call, fact, around)],
    )
    return { ...state, calls }
  }
  if (fact.tells === 'hint') {
    return { ...state, hint: { fact, untilMs: around.nowMs + around.tuning.hintMs } }
  }
  if (fact.tells === 'ended') return state
  const { hint, ...rest } = state
  const about = hint && hint.untilMs > around.nowMs ? { ...hint.fact, ...fact } : fact
  return { ...rest, calls: [...state.calls, newCall(about, around)] }
}

function newCall(fact: CallFact, around: Around): ActiveCall {
  const call: ActiveCall = {
    callId: callIdSchema.parse(around.newId()),
    revision: 0,
    legs: [],
    direction: 'unknown',
    extension: around.extension,
    startedAtMs: around.wallMs,
    phase: { at: 'ringing', untilMs: around.nowMs + around.tuning.ringMs },
    recording: { at: 'none' },
  }
  if (fact.source === 'microphone' && fact.tells === 'talking') {
    const untilMs = around.nowMs + around.tuning.startDebounceMs
    return { ...learn(call, fact), phase: { at: 'arriving', untilMs } }
  }
  return tell(call, fact, around)
}

/** Takes over what the fact knows about the other side, and whose leg it is. */
function learn(call: ActiveCall, fact: CallFact): ActiveCall {
  const attached = call.legs.some(({ source, leg }) => source === fact.source && leg === fact.leg)
  return {
    ...call,
    legs: attached ? call.legs : [...call.legs, { source: fact.source, leg: fact.leg }],
    direction: fact.direction ?? call.direction,
    ...(fact.remoteNumber ? { remoteNumber: fact.remoteNumber.slice(0, 64) } : {}),
    ...(fact.remoteName ? { remoteName: fact.remoteName.slice(0, 160) } : {}),
  }
}

function tell(before: ActiveCall, fact: CallFact, around: Around): ActiveCall {
  const call = learn(before, fact)
  const { phase } = call
  switch (fact.tells) {
    case 'hint':
      return call
    case 'ringing':
      return phase.at === 'restored' && phase.before === 'ringing'
        ? { ...call, phase: { at: 'ringing', untilMs: around.nowMs + around.tuning.ringMs } }
        : call
    case 'talking':
      return phase.at === 'arriving'
        ? call
        : { ...call, phase: { at: 'talking', talkingSinceMs: talkingSince(phase, around) } }
    case 'held':
      return { ...call, phase: { at: 'held', talkingSinceMs: talkingSince(phase, around) } }
    case 'ended':
      return { ...call, phase: ended(phase, fact, around) }
  }
}

const talkingSince = (phase: Phase, around: Around): number =>
  ('talkingSinceMs' in phase ? phase.talkingSinceMs : undefined) ?? around.wallMs

function ended(phase: Phase, fact: CallFact, around: Around): Phase {
  switch (phase.at) {
    case 'ringing':
      return { at: 'missed', endedAtMs: around.wallMs }
    case 'talking':
      if (fact.source !== 'microphone') return wrapUp(phase.talkingSinceMs, around.wallMs, around)
      return {
        at: 'ending',
        talkingSinceMs: phase.talkingSinceMs,
        endedAtMs: around.wallMs,
        untilMs: around.nowMs + around.tuning.endDebounceMs,
      }
    case 'ending':
    case 'held':
      return fact.source === 'microphone' ? phase : wrapUp(phase.talkingSinceMs, around.wallMs, around)
    case 'restored':
      return phase.before === 'ringing'
        ? { at: 'missed', endedAtMs: around.wallMs }
        : wrapUp(phase.talkingSinceMs, around.wallMs, around)
    case 'arriving':
    case 'wrap-up':
    case 'done':
    case 'missed':
      return phase
  }
}

function wrapUp(talkingSinceMs: number | undefined, endedAtMs: number, around: Around): Phase {
  return {
    at: 'wrap-up',
    ...(talkingSinceMs === undefined ? {} : { talkingSinceMs }),
    endedAtMs,
    untilMs: around.nowMs + around.tuning.wrapUpMs,
  }
}

function done(phase: Extract<Phase, { at: 'wrap-up' }>): Phase {
  const { talkingSinceMs, endedAtMs } = phase
  return { at: 'done', ...(talkingSinceMs === undefined ? {} : { talkingSinceMs }), endedAtMs }
}

function onTime(call: ActiveCall, around: Around): ActiveCall {
  const { phase } = call
  if (!('untilMs' in phase) || around.nowMs < phase.untilMs) return call
  switch (phase.at) {
    case 'arriving':
      return { ...call, phase: { at: 'talking', talkingSinceMs: call.startedAtMs } }
    case 'ringing':
      return { ...call, phase: { at: 'missed', endedAtMs: around.wallMs } }
    case 'ending':
      return { ...call, phase: wrapUp(phase.talkingSinceMs, phase.endedAtMs, around) }
    case 'restored':
      return {
        ...call,
        phase:
          phase.before === 'ringing'
            ? { at: 'missed', endedAtMs: phase.lastSeenMs }
            : wrapUp(phase.talkingSinceMs, phase.lastSeenMs, around),
      }
    case 'wrap-up':
      return { ...call, phase: done(phase) }
  }
}

function onWish(state: CallsState, wish: CallWish, callId: CallId | undefined, around: Around): CallsStep {
  const call = callId ? state.calls.find((each) => each.callId === callId) : callAtHand(state.calls)
  if (wish === 'start' && !call) {
    const fact: CallFact = { source: 'user', tells: 'talking' }
    return { state: onFact(state, fact, around), commands: [] }
  }
  if (!call) return { state, commands: [] }
  const onlyUser = isAlive(call) && call.legs.every(({ source }) => source === 'user')
  if (wish === 'stop' && onlyUser) {
    return { state: onFact(state, { source: 'user', tells: 'ended' }, around), commands: [] }
  }
  const step =
    wish === 'erase' ? erase(call) : wish === 'stop' ? endRecording(call) : wishRecording(call, wish)
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
  const snapshot = projectCall({ ...call, revision: call.revision + 1 })
  if (sameSnapshot(call.reported, snapshot)) return { call, commands: [] }
  const reported = { ...call, revision: snapshot.revision, reported: snapshot }
  return { call: reported, commands: [{ do: 'report', call: snapshot }] }
}

/** Over, reported, nothing left to wait for. */
function isForgotten(call: ActiveCall): boolean {
  return call.phase.at === 'done' || call.phase.at === 'missed'
}

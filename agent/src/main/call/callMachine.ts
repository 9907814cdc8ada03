import { callId as callIdSchema, type CallId } from '@3cx-ninja/protocol'
import { projectCall, sameSnapshot } from './callProjection.ts'
import { restoreCall } from './restoreCall.ts'
import { isAlive, callAtHand, isOver, matchCall } from './matchCall.ts'
import { isNews, passMicrophone, pbxSays, phaseOfPbx } from './pbxFacts.ts'
import { done, talkingSince, wrapUp } from './phases.ts'
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
  if (isOver(state.calls, fact)) return state
  const known = matchCall(state, fact, around)
  if (known) {
    const vanished = known.phase.at === 'arriving' && fact.tells === 'ended' // it did not last: never a call
    const told = tell(known, fact, around)
    const calls = state.calls.flatMap((call) => (call !== known ? [call] : vanished ? [] : [told]))
    return { ...state, calls: movesMicrophone(known, fact) ? passMicrophone(calls, told, around) : calls }
  }
  if (fact.tells === 'hint') {
    return { ...state, hint: { fact, untilMs: around.nowMs + around.tuning.hintMs } }
  }
  if (fact.tells === 'ended' || fact.tells === 'lost') return state
  const { hint, ...rest } = state
  // The PBX knows who calls; a guess may be about another one.
  const about =
    hint && hint.untilMs > around.nowMs && fact.source !== 'pbx' ? { ...hint.fact, ...fact } : fact
  const told = newCall(about, around)
  const calls = [...state.calls, told]
  return {
    ...(about === fact ? state : rest),
    calls: movesMicrophone(undefined, fact) ? passMicrophone(calls, told, around) : calls,
  }
}

/** The PBX connects the technician with this call now, or has ended it. */
function movesMicrophone(before: ActiveCall | undefined, fact: CallFact): boolean {
  return fact.source === 'pbx' && (fact.tells === 'talking' || fact.tells === 'ended') && isNews(before, fact)
}

function newCall(fact: CallFact, around: Around): ActiveCall {
  const sinceMs = Math.round(around.wallClockMs - Math.max(0, around.nowMs - (fact.sinceMs ?? around.nowMs)))
  const call: ActiveCall = {
    callId: fact.callId ?? callIdSchema.parse(around.newId()),
    revision: 0,
    legs: [],
    heardHere: false,
    direction: 'unknown',
    extension: around.extension,
    startedAtMs: sinceMs,
    phase: { at: 'ringing', untilMs: around.nowMs + around.tuning.ringMs },
    recording: { at: 'none' },
  }
  if (fact.source === 'microphone' && fact.tells === 'talking') {
    const untilMs = around.nowMs + around.tuning.startDebounceMs
    return { ...learn(call, fact), phase: { at: 'arriving', untilMs } }
  }
  return tell(call, fact, { ...around, wallClockMs: sinceMs })
}

/** Takes over what the fact knows about the other side, and what its source says of its leg now. */
function learn(call: ActiveCall, fact: CallFact): ActiveCall {
  const { source, tells } = fact
  const isHere = source !== 'pbx' && (tells === 'talking' || tells === 'held')
  const direction = source === 'pbx' && fact.direction === 'unknown' ? undefined : fact.direction
  return {
    ...call,
    // Not known to anybody yet: the hub's name for it spares joining.
    ...(fact.callId && call.phase.at === 'arriving' ? { callId: fact.callId } : {}),
    legs: [
      ...call.legs.filter((leg) => leg.source !== source || leg.leg !== fact.leg),
      { source, leg: fact.leg, tells },
    ],
    heardHere: call.heardHere || isHere,
    direction: direction ?? call.direction,
    ...(fact.remoteNumber ? { remoteNumber: fact.remoteNumber.slice(0, 64) } : {}),
    ...(fact.remoteName ? { remoteName: fact.remoteName.slice(0, 160) } : {}),
  }
}

function tell(before: ActiveCall, fact: CallFact, around: Around): ActiveCall {
  const call = learn(before, fact)
  const { phase } = call
  if (fact.source === 'pbx') return { ...call, phase: phaseOfPbx(call, { before, fact }, around) }
  switch (fact.tells) {
    case 'hint':
    case 'lost':
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

function ended(phase: Phase, fact: CallFact, around: Around): Phase {
  switch (phase.at) {
    case 'ringing':
      return { at: 'missed', endedAtMs: around.wallClockMs }
    case 'talking':
      if (fact.source !== 'microphone') return wrapUp(phase.talkingSinceMs, around.wallClockMs, around)
      return {
        at: 'ending',
        talkingSinceMs: phase.talkingSinceMs,
        endedAtMs: around.wallClockMs,
        untilMs: around.nowMs + around.tuning.endDebounceMs,
      }
    case 'ending':
    case 'answered':
    case 'elsewhere':
    case 'unheard':
    case 'held':
      return fact.source === 'microphone' ? phase : wrapUp(phase.talkingSinceMs, around.wallClockMs, around)
    case 'restored':
      return phase.before === 'ringing'
        ? { at: 'missed', endedAtMs: around.wallClockMs }
        : wrapUp(phase.talkingSinceMs, around.wallClockMs, around)
    case 'arriving':
    case 'wrap-up':
    case 'done':
    case 'missed':
      return phase
  }
}

function onTime(call: ActiveCall, around: Around): ActiveCall {
  const { phase } = call
  if (!('untilMs' in phase) || around.nowMs < phase.untilMs) return call
  switch (phase.at) {
    case 'arriving':
      return { ...call, phase: { at: 'talking', talkingSinceMs: call.startedAtMs } }
    case 'ringing':
      return { ...call, phase: { at: 'missed', endedAtMs: around.wallClockMs } }
    case 'ending': {
      // The PBX knows better than a microphone: the talk goes on at another telephone, or on hold.
      const said = pbxSays(call)
      const { talkingSinceMs } = phase
      if (said) return { ...call, phase: { at: said === 'held' ? 'held' : 'elsewhere', talkingSinceMs } }
      return { ...call, phase: wrapUp(talkingSinceMs, phase.endedAtMs, around) }
    }
    case 'answered':
      return { ...call, phase: { at: 'elsewhere', talkingSinceMs: phase.talkingSinceMs } }
    case 'unheard':
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
  if (wish === 'start' && ['answered', 'elsewhere', 'unheard'].includes(call.phase.at)) {
    const here = tell(call, { source: 'user', tells: 'talking' }, around)
    return change(state, call.callId, () => here)
  }
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
  const to = isHubsOwn(call) ? 'screen' : 'hub'
  if (sameSnapshot(to === 'hub' ? call.reported : call.shown, snapshot)) return { call, commands: [] }
  const told = { ...call, revision: snapshot.revision, [to === 'hub' ? 'reported' : 'shown']: snapshot }
  return { call: told, commands: [{ do: 'report', to, call: snapshot }] }
}

/**
 * Only the PBX tells of it, and nobody here has talked (yet): the hub has it from the same source. Reported by each agent
 * whose telephone rang, a call to a group would be as many calls, each with a draft.
 */
function isHubsOwn({ legs, reported, phase }: ActiveCall): boolean {
  if (reported || legs.length === 0 || legs.some(({ source }) => source !== 'pbx')) return false
  const isUntalked = phase.at === 'done' && phase.talkingSinceMs === undefined
  return isUntalked || phase.at === 'ringing' || phase.at === 'missed' || phase.at === 'answered'
}

/** Over, reported, nothing left to wait for. */
function isForgotten(call: ActiveCall): boolean {
  return call.phase.at === 'done' || call.phase.at === 'missed'
}

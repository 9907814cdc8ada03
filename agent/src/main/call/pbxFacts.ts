import { isOngoing, currentCall } from './matchCall.ts'
import { endedByPbx, talkingSince } from './phases.ts'
import type { ActiveCall, CallContext, CallFact, Phase } from './callState.ts'

/**
 * Returns the phase of a call after a fact of the PBX. The PBX is exact about ringing, talking and the end, at every telephone
 * of the extension; only this PC itself reports that a call is talked on this PC.
 */
export function phaseOfPbx(
  call: ActiveCall,
  { previous, fact }: { readonly previous: ActiveCall; readonly fact: CallFact },
  context: CallContext,
): Phase {
  const { phase } = call
  if (!isNews(previous, fact)) return phase
  switch (fact.state) {
    case 'hint':
      return phase
    case 'ringing':
      return phase.at === 'restored' && phase.before === 'ringing'
        ? { at: 'ringing', untilMs: context.nowMs + context.tuning.ringMs }
        : phase
    case 'talking':
      return talking(call, context)
    case 'held':
      return phase.at === 'arriving' || !isOngoing(call)
        ? phase
        : { at: 'held', talkingSinceMs: talkingSince(phase, context) }
    case 'ended':
      // The end of a lost leg is only concluded, perhaps under another name: the microphone is more exact then.
      return lastState(previous, fact) === 'lost' && isTalkedHereNow(call)
        ? phase
        : endedByPbx(phase, fact, context)
    case 'lost':
      return lost(call, context)
  }
}

/** Returns whether the fact changes the leg; the PBX's facts are repeated after each welcome. */
export function isNews(previous: ActiveCall | undefined, fact: CallFact): boolean {
  return lastState(previous, fact) !== fact.state
}

/** Returns the state that the PBX reported last of this leg. */
const lastState = (call: ActiveCall | undefined, fact: CallFact) =>
  call?.legs.find(({ source, leg }) => source === 'pbx' && leg === fact.leg)?.state

/** Returns whether a local source reports now that the call is talked on this PC. */
export function isTalkedHereNow({ legs }: Pick<ActiveCall, 'legs'>): boolean {
  return legs.some(({ source, state }) => source !== 'pbx' && state === 'talking')
}

/** Returns the state that the PBX reports of the call; undefined where it reports none, or is lost. */
export function stateOfPbx({ legs }: Pick<ActiveCall, 'legs'>): 'talking' | 'held' | undefined {
  const state = legs.findLast(({ source }) => source === 'pbx')?.state
  return state === 'talking' || state === 'held' ? state : undefined
}

function talking(call: ActiveCall, context: CallContext): Phase {
  const { phase } = call
  switch (phase.at) {
    case 'arriving': // the microphone guessed right
      return { at: 'talking', talkingSinceMs: call.startedAtMs }
    case 'ringing':
    case 'restored':
    case 'held': {
      const talkingSinceMs = talkingSince(phase, context)
      if (isTalkedHereNow(call)) return { at: 'talking', talkingSinceMs }
      return { at: 'answered', talkingSinceMs, untilMs: context.nowMs + context.tuning.followMs }
    }
    case 'pbx-lost':
      return { at: 'elsewhere', talkingSinceMs: phase.talkingSinceMs }
    case 'talking':
    case 'ending':
    case 'answered':
    case 'elsewhere':
    case 'wrap-up':
    case 'done':
    case 'missed':
      return phase
  }
}

function lost(call: ActiveCall, context: CallContext): Phase {
  const { phase } = call
  const pbxLost = (talkingSinceMs: number): Phase => {
    const untilMs = context.nowMs + context.tuning.pbxLostMs
    return { at: 'pbx-lost', talkingSinceMs, endedAtMs: context.wallClockMs, untilMs }
  }
  switch (phase.at) {
    case 'held':
      return isTalkedHereNow(call) ? phase : pbxLost(phase.talkingSinceMs)
    case 'answered':
    case 'elsewhere':
      return pbxLost(phase.talkingSinceMs)
    case 'arriving':
    case 'ringing':
    case 'talking':
    case 'ending':
    case 'restored':
    case 'pbx-lost':
    case 'wrap-up':
    case 'done':
    case 'missed':
      return phase
  }
}

/**
 * Returns the calls after the microphone moved to the one it belongs to. The microphone is the PC's, not a call's: the client
 * keeps it open while the technician goes from one call to another (call waiting, a question before a transfer). It belongs to
 * the call that the PBX connected last; when that call ends, to the remaining one. Without this, the words with one caller
 * would be in the recording of the other.
 */
export function passMicrophone(
  calls: readonly ActiveCall[],
  changed: ActiveCall,
  context: CallContext,
): readonly ActiveCall[] {
  const holder = calls.find((call) => call.legs.some(isOpenMicrophone))
  if (!holder) return calls
  const receiver = isOngoing(changed)
    ? changed
    : currentCall(calls.filter((call) => stateOfPbx(call) !== undefined))
  if (!receiver || receiver === holder || (isOngoing(changed) ? !isOngoing(holder) : holder !== changed))
    return calls
  return calls.map((call) => {
    if (call === holder) return releaseMicrophone(call)
    return call === receiver ? acquireMicrophone(call, context) : call
  })
}

const isOpenMicrophone = ({ source, state }: ActiveCall['legs'][number]) =>
  source === 'microphone' && state === 'talking'

function releaseMicrophone(call: ActiveCall): ActiveCall {
  const legs = call.legs.filter(({ source }) => source !== 'microphone')
  const { phase } = call
  const isTalked = phase.at === 'talking' || phase.at === 'ending'
  return {
    ...call,
    legs,
    phase: isTalked ? { at: 'held', talkingSinceMs: phase.talkingSinceMs } : phase,
  }
}

function acquireMicrophone(call: ActiveCall, context: CallContext): ActiveCall {
  return {
    ...call,
    legs: [
      ...call.legs.filter(({ source }) => source !== 'microphone'),
      { source: 'microphone', leg: undefined, state: 'talking' },
    ],
    talkedHere: true,
    phase: { at: 'talking', talkingSinceMs: talkingSince(call.phase, context) },
  }
}

import { isActive } from '@3cx-ninja/protocol'
import { differentNumbers } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import { projectPhase } from './callProjection.ts'
import type { ActiveCall, CallContext, CallFact, CallsState, Leg } from './callState.ts'

/** Until the hub has named the site's country, a national and an international writing may be one number. */
const NO_COUNTRY = ''

/** Returns the call that a fact is about; undefined for a new one. */
export function matchCall(
  { calls, policy }: Pick<CallsState, 'calls' | 'policy'>,
  fact: CallFact,
  context: Pick<CallContext, 'wallClockMs' | 'tuning'>,
): ActiveCall | undefined {
  const ongoing = calls.filter(isOngoing)
  const own = ongoing.find((call) => call.legs.some((leg) => isSameLeg(leg, fact)))
  if (own) return own
  const named = fact.callId && ongoing.find(({ callId }) => callId === fact.callId)
  if (named) return named
  const open = ongoing.filter(
    (call) =>
      !call.legs.some(({ source, state }) => source === fact.source && state !== 'lost') &&
      !differentNumbers(fact.remoteNumber, call.remoteNumber, policy?.country ?? NO_COUNTRY) &&
      (fact.source !== 'pbx' || mayBeLeg(call, fact, context)),
  )
  return open.sort((a, b) => nearness(b) - nearness(a))[0]
}

/** Returns whether the fact is about a call that is over here: then it changes nothing and begins no other call. */
export function isOver(calls: readonly ActiveCall[], fact: CallFact): boolean {
  return calls.some(
    (call) =>
      !isOngoing(call) &&
      (call.callId === fact.callId ||
        (fact.source === 'pbx' && call.legs.some((leg) => isSameLeg(leg, fact)))),
  )
}

const isSameLeg = (leg: Leg, fact: CallFact) => leg.source === fact.source && leg.leg === fact.leg

/** Returns whether a leg of the PBX that is new to us may be the call that other sources reported. */
function mayBeLeg(
  call: ActiveCall,
  fact: CallFact,
  { wallClockMs, tuning }: Pick<CallContext, 'wallClockMs' | 'tuning'>,
) {
  switch (fact.state) {
    case 'talking':
    case 'held':
      return true
    case 'ringing':
      // A telephone that is dialling has its microphone open; one that rings in the middle of a talk is a second call.
      return (
        call.phase.at !== 'held' &&
        (fact.direction === 'outbound' ||
          !('talkingSinceMs' in call.phase) ||
          wallClockMs - call.startedAtMs <= tuning.lateRingMs)
      )
    case 'ended':
    case 'lost':
    case 'hint':
      return false
  }
}

/** Returns whether the call is not over yet; by the protocol's `isActive` of the phase that hub and screen see. */
export function isOngoing({ phase }: Pick<ActiveCall, 'phase'>): boolean {
  return isActive({ phase: projectPhase(phase) })
}

/** Returns the current call: the one that the technician's keys and the microphone refer to. */
export function currentCall(calls: readonly ActiveCall[]): ActiveCall | undefined {
  return calls.filter(isOngoing).sort((a, b) => nearness(b) - nearness(a))[0]
}

function nearness(call: ActiveCall): number {
  switch (call.phase.at) {
    case 'talking':
    case 'ending':
      return 7
    case 'answered':
      return 6
    case 'restored':
      return 5
    case 'elsewhere':
      return 4
    case 'arriving':
      return 3
    case 'ringing':
      return 2
    case 'held':
    case 'pbx-lost':
      return 1
    case 'wrap-up':
    case 'done':
    case 'missed':
      return 0
  }
}

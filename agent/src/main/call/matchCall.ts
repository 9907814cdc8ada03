import { isSameNumber } from './recordingRule.ts'
import type { ActiveCall, CallFact } from './callState.ts'

/** Which call a fact speaks of; undefined: of one that is not known yet. */
export function matchCall(calls: readonly ActiveCall[], fact: CallFact): ActiveCall | undefined {
  const alive = calls.filter(isAlive)
  const own = alive.find((call) =>
    call.legs.some((leg) => leg.source === fact.source && leg.leg === fact.leg),
  )
  if (own) return own
  const open = alive.filter(
    (call) =>
      !call.legs.some(({ source }) => source === fact.source) &&
      (!fact.remoteNumber || !call.remoteNumber || isSameNumber(fact.remoteNumber, call.remoteNumber)),
  )
  return open.sort((a, b) => nearness(b) - nearness(a))[0]
}

/** Not over yet. */
export function isAlive(call: ActiveCall): boolean {
  return call.phase.at !== 'wrap-up' && call.phase.at !== 'done' && call.phase.at !== 'missed'
}

/** The call at hand: what the technician's keys and the microphone speak of. */
export function callAtHand(calls: readonly ActiveCall[]): ActiveCall | undefined {
  return calls.filter(isAlive).sort((a, b) => nearness(b) - nearness(a))[0]
}

function nearness(call: ActiveCall): number {
  switch (call.phase.at) {
    case 'talking':
    case 'ending':
      return 5
    case 'restored':
      return 4
    case 'arriving':
      return 3
    case 'ringing':
      return 2
    case 'held':
      return 1
    case 'wrap-up':
    case 'done':
    case 'missed':
      return 0
  }
}

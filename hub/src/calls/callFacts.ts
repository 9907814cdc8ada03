import type { CallFactMessage, PbxLinkMessage } from '@3cx-ninja/protocol'
import type { Calls } from './calls.ts'
import type { CurrentFact } from './liveFact.ts'

/** Most legs in one message; one extension has a few at most. */
const MAX_LEGS = 200

/** Returns the message that reports a live fact to its agent, with texts cut to the protocol's lengths. Rule C6. */
export function callFactMessage({ fact, callId, answered }: CurrentFact): CallFactMessage {
  const { leg, state, direction, remoteNumber, remoteName, atMs } = fact
  return {
    kind: 'call-fact',
    leg: leg.slice(0, 64),
    callId,
    state,
    direction,
    ...(remoteNumber ? { remoteNumber: remoteNumber.slice(0, 64) } : {}),
    ...(remoteName ? { remoteName: remoteName.slice(0, 160) } : {}),
    atMs,
    ...(answered ? { answered } : {}),
  }
}

/** Returns the messages for an agent that has just connected: the state of the link, then its extension's facts. Rules C6 and C7. */
export function callFactsOf(
  calls: Pick<Calls, 'pbxFactsOf'>,
  extension: string,
): readonly (CallFactMessage | PbxLinkMessage)[] {
  const { facts } = calls.pbxFactsOf(extension)
  return [pbxLinkMessage(calls, extension), ...facts.slice(0, MAX_LEGS).map(callFactMessage)]
}

/** Returns the message that reports the link to the PBX and the active legs of this extension. Rule C7. */
export function pbxLinkMessage(calls: Pick<Calls, 'pbxFactsOf'>, extension: string): PbxLinkMessage {
  const { at, facts } = calls.pbxFactsOf(extension)
  return { kind: 'pbx-link', at, legs: facts.slice(0, MAX_LEGS).map(({ fact }) => fact.leg.slice(0, 64)) }
}

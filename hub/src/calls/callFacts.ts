import type { CallFactMessage, PbxLinkMessage } from '@3cx-ninja/protocol'
import type { Calls } from './calls.ts'
import type { HeldFact } from './liveFact.ts'

/** A message names no more; one extension has a few at most. */
const MAX_LEGS = 200

/** A live fact as its agent is told it. Rule C6. */
export function callFactMessage({ fact, callId, answered }: HeldFact): CallFactMessage {
  const { leg, state: tells, direction, remoteNumber, remoteName, atMs } = fact
  return {
    kind: 'call-fact',
    leg: leg.slice(0, 64),
    callId,
    state: tells,
    direction,
    ...(remoteNumber ? { remoteNumber: remoteNumber.slice(0, 64) } : {}),
    ...(remoteName ? { remoteName: remoteName.slice(0, 160) } : {}),
    atMs,
    ...(answered ? { answered } : {}),
  }
}

/** What an agent that has just come is told of its extension's calls: the state of the link first. Rules C6 and C7. */
export function callFactsOf(
  calls: Pick<Calls, 'heardFromPbx'>,
  extension: string,
): readonly (CallFactMessage | PbxLinkMessage)[] {
  const { facts } = calls.heardFromPbx(extension)
  return [pbxLinkMessage(calls, extension), ...facts.slice(0, MAX_LEGS).map(callFactMessage)]
}

/** Whether the hub hears the PBX, and which legs of this extension go on. Rule C7. */
export function pbxLinkMessage(calls: Pick<Calls, 'heardFromPbx'>, extension: string): PbxLinkMessage {
  const { at, facts } = calls.heardFromPbx(extension)
  return { kind: 'pbx-link', at, legs: facts.slice(0, MAX_LEGS).map(({ fact }) => fact.leg.slice(0, 64)) }
}

import type { Direction } from '@3cx-ninja/protocol'
import type { LiveFact } from '../calls/liveFact.ts'
import type { Participant } from './participant.ts'

/** The state of a leg that has not ended. */
export type ActiveState = Exclude<LiveFact['state'], 'ended'>

/**
 * Returns what a status means; undefined: no change. The first three were captured from a PBX. Hold and Held stand in
 * the same PBX's older API only (its numbers 4 and 5) and cost nothing where they never come.
 */
export function activeStateOf(status: string): ActiveState | undefined {
  switch (status) {
    case 'Dialing':
    case 'Ringing':
      return 'ringing'
    case 'Connected':
      return 'talking'
    case 'Hold':
    case 'Held':
      return 'held'
    default:
      return undefined
  }
}

/** Returns whether the other side is a colleague. `Winternal` was seen in others' test data only. */
export const isInternal = ({ partyType }: Participant) =>
  partyType === 'Wextension' || partyType === 'Winternal'

/**
 * Returns the direction of a call, from what is seen first. That the other side is a trunk says nothing: it is one in
 * both directions. `unknown` where two readings remain: a telephone that rings for its own click-to-call, or a call
 * met in its middle.
 */
export function directionOf(part: Participant): Direction {
  const { status, partyType, originatedBy, legId } = part
  if (isInternal(part)) return 'internal'
  const isOwn = originatedBy === '' && legId === 1
  if (status === 'Dialing') return ['', 'Wexternalline'].includes(partyType) ? 'outbound' : 'internal' // a queue, a route point
  if (status === 'Ringing') return isOwn ? 'unknown' : 'inbound'
  if (originatedBy !== '') return 'inbound'
  return isOwn ? 'outbound' : 'unknown'
}

/** Returns number and name of the other side. The trunk's own number is omitted. */
export function partyOf(part: Participant): Pick<LiveFact, 'remoteNumber' | 'remoteName'> {
  const { callerId, callerName, partyDn } = part
  const callerNumber = isInternal(part) ? callerId || partyDn : callerId === partyDn ? '' : callerId
  const number = /\d/.test(callerNumber) ? callerNumber.slice(0, 64) : '' // "anonymous" is no number
  const name = callerName.slice(0, 160)
  return { ...(number ? { remoteNumber: number } : {}), ...(name ? { remoteName: name } : {}) }
}

/**
 * Returns the participant with what was known of it: an unknown status changes nothing, and an empty field keeps the
 * value that came before, of the same caller.
 */
export function mergedPart(before: Participant | undefined, now: Participant): Participant {
  if (!before) return now
  const merged = {
    ...now,
    status: activeStateOf(now.status) ? now.status : before.status,
    callId: now.callId ?? before.callId,
    legId: now.legId ?? before.legId,
  }
  // A transfer: the name of the colleague is not that of the caller.
  if (now.callerId !== '' && before.callerId !== '' && now.callerId !== before.callerId) return merged
  return {
    ...merged,
    partyDn: now.partyDn || before.partyDn,
    partyType: now.partyType || before.partyType,
    callerId: now.callerId || before.callerId,
    callerName: now.callerName || before.callerName,
    originatedBy: now.originatedBy || before.originatedBy,
  }
}

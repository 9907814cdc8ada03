import { differentNumbers } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import { HOUR_MS, isActive, type BoardCall, type CallId } from '@3cx-ninja/protocol'
import { RING_MS, START_TOLERANCE_MS, inHubTime } from './joinTimes.ts'
import type { LiveFact } from './liveFact.ts'

/** The PBX reports nothing while people talk, so this is only a limit: the longest call of a helpdesk, and some more. */
const TALK_MS = 4 * HOUR_MS

/**
 * Returns the call on the board that an unknown leg belongs to: one of this extension that is active at the fact's time, with no
 * different number and no leg of its own. A ring belongs only to a call that begins with it: a later ring is a second call
 * (call waiting, a consultation before a transfer), and a ring after the end is the same caller calling again.
 */
export function findForLeg(
  calls: Iterable<BoardCall>,
  fact: LiveFact,
  { hasLeg, country }: { readonly hasLeg: (callId: CallId) => boolean; readonly country: string },
): BoardCall | undefined {
  const fits = (onBoard: BoardCall) =>
    onBoard.extension === fact.extension &&
    !onBoard.localOnly &&
    !hasLeg(onBoard.callId) &&
    isInTime(inHubTime(onBoard, onBoard.clockAheadMs), fact) &&
    !differentNumbers(onBoard.remoteNumber, fact.remoteNumber, country)
  const distance = (onBoard: BoardCall) =>
    Math.abs((onBoard.talkingSinceMs ?? onBoard.startedAtMs) - fact.atMs)
  return [...calls].filter(fits).sort((a, b) => distance(a) - distance(b))[0]
}

const isInTime = (onBoard: BoardCall, { state, atMs }: LiveFact) =>
  state === 'ringing' ? beginsWith(onBoard, atMs) : isDuring(onBoard, atMs)

/** The call began when this leg rang; or later, when it was picked up: a microphone records nothing before that. */
function beginsWith(call: BoardCall, rangMs: number): boolean {
  const afterMs = call.startedAtMs - rangMs
  return (
    afterMs >= -START_TOLERANCE_MS && afterMs <= RING_MS && isDuring(call, Math.max(rangMs, call.startedAtMs))
  )
}

function isDuring(call: BoardCall, atMs: number): boolean {
  if (call.startedAtMs - START_TOLERANCE_MS > atMs) return false
  return isActive(call) || (call.endedAtMs ?? call.startedAtMs) >= atMs
}

/** Returns the board's call after a live fact; the same object when nothing is new. Only its agent's reports decide a call's phase. */
export function mergeLiveFact(
  onBoard: BoardCall | undefined,
  newId: CallId,
  fact: LiveFact,
  { isAnswered = false } = {},
): BoardCall {
  if (!onBoard) return createdBy(newId, fact)
  const next: BoardCall = {
    ...(isTransferred(onBoard, fact) ? withOutsideParty(onBoard, fact) : withWhatIsNew(onBoard, fact)),
    ...(onBoard.agentId === undefined && isActive(onBoard) ? phaseAfter(onBoard, fact, isAnswered) : {}),
    ...(onBoard.agentId !== undefined && fact.state === 'ended' ? { pbxEndedAtMs: fact.atMs } : {}),
  }
  return JSON.stringify(next) === JSON.stringify(onBoard) ? onBoard : next
}

/** A colleague asked first, and then put the caller through: from now on the call is one with the caller. Rule C11. */
const isTransferred = (onBoard: BoardCall, { direction }: LiveFact) =>
  onBoard.direction === 'internal' && (direction === 'inbound' || direction === 'outbound')

function withOutsideParty(onBoard: BoardCall, fact: LiveFact): BoardCall {
  const { remoteNumber: _number, remoteName: _name, caller: _caller, ...own } = onBoard // they are the colleague's
  const { direction } = fact
  return { ...own, direction, ...remoteNumberOf(fact), ...remoteNameOf(fact), ...conversationOf(fact) }
}

function withWhatIsNew(onBoard: BoardCall, fact: LiveFact): BoardCall {
  return {
    ...onBoard,
    direction: onBoard.direction === 'unknown' ? fact.direction : onBoard.direction,
    ...(onBoard.remoteNumber === undefined ? remoteNumberOf(fact) : {}),
    ...(onBoard.remoteName === undefined ? remoteNameOf(fact) : {}),
    ...(onBoard.conversation === undefined ? conversationOf(fact) : {}),
  }
}

function createdBy(callId: CallId, fact: LiveFact): BoardCall {
  return {
    callId,
    revision: 0,
    phase: fact.state === 'ended' ? 'done' : fact.state,
    direction: fact.direction,
    extension: fact.extension.slice(0, 32),
    ...remoteNumberOf(fact),
    ...remoteNameOf(fact),
    ...conversationOf(fact),
    startedAtMs: fact.atMs,
    ...(fact.state === 'ringing' ? {} : { talkingSinceMs: fact.atMs }),
    ...(fact.state === 'ended' ? { endedAtMs: fact.atMs } : {}),
    recording: 'none',
  }
}

function phaseAfter(onBoard: BoardCall, fact: LiveFact, isAnswered: boolean): Partial<BoardCall> {
  switch (fact.state) {
    case 'ringing':
      return {} // reported again, or late: a call that is talked no longer rings
    case 'talking':
    case 'held':
      return { phase: fact.state, talkingSinceMs: onBoard.talkingSinceMs ?? fact.atMs }
    case 'ended':
      // Of ten telephones that rang together, nine have not missed a call.
      return { phase: onBoard.phase === 'ringing' && !isAnswered ? 'missed' : 'done', endedAtMs: fact.atMs }
  }
}

// The board is parsed when it is loaded: a text that is too long would lose the call at the next start.
const remoteNumberOf = ({ remoteNumber }: LiveFact) =>
  remoteNumber ? { remoteNumber: remoteNumber.slice(0, 64) } : {}
const conversationOf = ({ conversation }: LiveFact) =>
  conversation ? { conversation: conversation.slice(0, 64) } : {}
const remoteNameOf = ({ remoteName }: LiveFact) =>
  remoteName ? { remoteName: remoteName.slice(0, 160) } : {}

/** Ends a call that only the PBX reported and whose end was not reported: at the last moment at which the call was active. */
export function endUnreported(call: BoardCall, lastReportMs: number): BoardCall {
  const endedAtMs = Math.max(lastReportMs, call.talkingSinceMs ?? call.startedAtMs)
  return { ...call, phase: call.phase === 'ringing' ? 'missed' : 'done', endedAtMs }
}

/** Returns when a call that only the PBX reported has ended at the latest, by the clock of `lastReportMs`. */
export function latestEndMs(call: BoardCall, lastReportMs: number): number {
  return lastReportMs + (call.phase === 'ringing' ? RING_MS : TALK_MS)
}

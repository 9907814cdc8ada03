import { differentNumbers } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import { MINUTE_MS, type AgentId, type BoardCall, type CallId, type CallSnapshot } from '@3cx-ninja/protocol'
import type { PbxReport, PbxStart } from './pbxReport.ts'

/** How far two clocks and a slow PBX may disagree about the start of one call. */
export const START_TOLERANCE_MS = 30_000
/** No extension rings for longer before a person or a machine answers the call. */
export const RING_MS = 3 * MINUTE_MS
/** A report without a start time belongs to a call that ended at most this long before it. */
const END_TOLERANCE_MS = 2 * MINUTE_MS

/** The report of an agent about a call on its PC. */
export interface AgentReport {
  readonly agentId: AgentId
  readonly agentName: string
  /** The extension with which the agent enrolled; empty without one. The report's own extension is only a claim. */
  readonly extension: string
  /** The earlier enrollments of the agent's machine: their calls are its own. */
  readonly formerIds?: readonly AgentId[]
  readonly call: CallSnapshot
}

/**
 * Returns whether the report may change this call: only its own agent's may. By the PBX's word, which names the extension, a
 * call without an agent becomes that of an agent of the extension, and a call that is reported only `elsewhere` moves to the
 * agent of the same extension that records it. Knowing the id of a call is no ownership. Rules C6 and C9.
 */
export function mayReport(onBoard: BoardCall, { agentId, extension, formerIds, call }: AgentReport): boolean {
  if (onBoard.agentId === agentId) return true
  if (onBoard.agentId !== undefined && formerIds?.includes(onBoard.agentId)) return true
  if (extension === '' || onBoard.extension !== extension || onBoard.localOnly) return false
  return onBoard.agentId === undefined || (onBoard.elsewhere === true && call.elsewhere !== true)
}

/**
 * Returns the call on the board that an agent's new call belongs to: same extension, same time, no different number, no other
 * agent; the nearest in time when several fit. An agent that claims another extension than its own has none there.
 */
export function findForAgent(
  calls: Iterable<BoardCall>,
  { call, extension }: Pick<AgentReport, 'call' | 'extension'>,
  country: string,
): BoardCall | undefined {
  if (extension === '' || call.extension !== extension) return undefined
  // Two calls of one agent are two calls: only a call that the PBX alone reported is joined to an agent's.
  const candidates = [...calls].filter(
    (onBoard) =>
      onBoard.agentId === undefined &&
      onBoard.extension === call.extension &&
      (startDistance(onBoard, call) <= START_TOLERANCE_MS ||
        isReportedWithin(onBoard, call) ||
        isPickedUp(onBoard, call)) &&
      !differentNumbers(onBoard.remoteNumber, call.remoteNumber, country), // the dearest question last
  )
  return candidates.sort((a, b) => compare(startDistance(a, call), startDistance(b, call)))[0]
}

type Begun = Pick<BoardCall, 'startedAtMs' | 'talkingSinceMs'>

/** A microphone starts when the talk does; the PBX also reports the ringing before it. */
function startDistance(onBoard: Begun, call: Begun): number {
  const gap = (one: number | undefined, other: number | undefined) =>
    one === undefined || other === undefined ? Infinity : Math.abs(one - other)
  return Math.min(
    gap(onBoard.startedAtMs, call.startedAtMs),
    gap(onBoard.talkingSinceMs, call.startedAtMs),
    gap(onBoard.talkingSinceMs, call.talkingSinceMs),
  )
}

/** The PBX reported only from the middle of the talk on (the hub had just started): its times lie within the agent's report. */
function isReportedWithin(onBoard: BoardCall, call: CallSnapshot): boolean {
  if (onBoard.talkingSinceMs === undefined || onBoard.talkingSinceMs !== onBoard.startedAtMs) return false
  const endsAtMs = (call.endedAtMs ?? Infinity) + START_TOLERANCE_MS
  return call.startedAtMs <= onBoard.startedAtMs && (onBoard.endedAtMs ?? onBoard.startedAtMs) <= endsAtMs
}

/** Returns the call that the PBX's report is about; the nearest in time when several fit. */
export function findForPbx(
  calls: Iterable<BoardCall>,
  report: PbxReport,
  country: string,
): BoardCall | undefined {
  const { startedAtMs } = report
  const started = (onBoard: BoardCall) => startDistance(onBoard, { startedAtMs: startedAtMs ?? Infinity })
  const fitsInTime = (onBoard: BoardCall) => {
    if (startedAtMs !== undefined)
      return started(onBoard) <= START_TOLERANCE_MS || isPickedUpLate(onBoard, startedAtMs, report.endedAtMs)
    const endedAtMs = onBoard.endedAtMs ?? report.endedAtMs
    return (
      Math.abs(endedAtMs - report.endedAtMs) <= END_TOLERANCE_MS && onBoard.startedAtMs <= report.endedAtMs
    )
  }
  const candidates = [...calls].filter(
    (onBoard) =>
      onBoard.extension === report.extension &&
      !onBoard.localOnly &&
      fitsInTime(onBoard) &&
      !differentNumbers(onBoard.remoteNumber, report.remoteNumber, country),
  )
  // Without a start time, an ended call comes before an active one: the same caller may have called again at once.
  const distance = (onBoard: BoardCall) =>
    startedAtMs !== undefined
      ? started(onBoard)
      : onBoard.endedAtMs === undefined
        ? Infinity
        : Math.abs(onBoard.endedAtMs - report.endedAtMs)
  return candidates.sort(
    (a, b) => compare(distance(a), distance(b)) || compare(b.startedAtMs, a.startedAtMs),
  )[0]
}

/** The microphone started only when the call was picked up, long after it began to ring; both ends agree. */
function isPickedUpLate(onBoard: BoardCall, startedAtMs: number, endedAtMs: number): boolean {
  const rangMs = onBoard.startedAtMs - startedAtMs
  if (rangMs < 0 || rangMs > RING_MS || onBoard.startedAtMs > endedAtMs) return false
  return onBoard.endedAtMs === undefined || Math.abs(onBoard.endedAtMs - endedAtMs) <= START_TOLERANCE_MS
}

/**
 * The call rang for long before the talk that the microphone recorded, and the PBX has not reported when it was picked up (the
 * webhook never does): the talk lies within the PBX's times, and both ends agree.
 */
function isPickedUp(onBoard: BoardCall, call: CallSnapshot): boolean {
  if (onBoard.talkingSinceMs !== undefined || onBoard.phase === 'missed') return false
  const isWithin =
    call.startedAtMs >= onBoard.startedAtMs && call.startedAtMs <= (onBoard.endedAtMs ?? Infinity)
  if (onBoard.endedAtMs === undefined || call.endedAtMs === undefined) return isWithin
  return isWithin && Math.abs(onBoard.endedAtMs - call.endedAtMs) <= START_TOLERANCE_MS
}

/** Compares without subtracting: Infinity minus itself is no number. */
const compare = (one: number, other: number) => (one === other ? 0 : one < other ? -1 : 1)

/** Returns the board's call after an agent's report. The agent decides phase and recording; facts that only others reported are kept. */
export function mergeAgentReport(
  onBoard: BoardCall | undefined,
  canonicalId: CallId,
  { agentId, agentName, extension, formerIds = [], call }: AgentReport,
): BoardCall {
  // The agent's report revokes the hub's presumption, also a report that the hub already had. Rule C8.
  const isPresumed = onBoard?.presumedOverAtMs !== undefined && onBoard.revision <= call.revision
  const isOwn = onBoard?.agentId !== undefined && [agentId, ...formerIds].includes(onBoard.agentId)
  const isOld = isOwn && (onBoard.revision >= call.revision || (isEnded(onBoard) && !isEnded(call))) // rules C1 and C3
  if (isOld && !isPresumed) return onBoard.agentId === agentId ? onBoard : { ...onBoard, agentId, agentName }
  const isLocalOnly = onBoard ? onBoard.localOnly === true : call.extension !== extension
  return {
    ...call,
    callId: canonicalId,
    extension: onBoard?.extension ?? call.extension,
    agentId,
    agentName,
    ...(isLocalOnly ? { localOnly: true as const } : {}),
    ...(call.remoteNumber === undefined && onBoard?.remoteNumber !== undefined
      ? { remoteNumber: onBoard.remoteNumber }
      : {}),
    ...(call.remoteName === undefined && onBoard?.remoteName !== undefined
      ? { remoteName: onBoard.remoteName }
      : {}),
    ...(call.direction === 'unknown' && onBoard ? { direction: onBoard.direction } : {}),
    ...(onBoard && isPutThrough(onBoard, call) ? partyOf(onBoard) : {}),
    ...(onBoard?.continues ? { continues: onBoard.continues } : {}),
    ...(onBoard?.continuedBy ? { continuedBy: onBoard.continuedBy } : {}),
    ...(onBoard?.caller ? { caller: onBoard.caller } : {}),
    ...(onBoard?.conversation ? { conversation: onBoard.conversation } : {}),
    ...(onBoard?.pbxEndedAtMs !== undefined ? { pbxEndedAtMs: onBoard.pbxEndedAtMs } : {}),
  }
}

/** The agent still names the colleague who asked it; the PBX has put the caller through since. Rule C11. */
const isPutThrough = (onBoard: BoardCall, call: CallSnapshot) =>
  call.direction === 'internal' && (onBoard.direction === 'inbound' || onBoard.direction === 'outbound')

const partyOf = ({ direction, remoteNumber, remoteName }: BoardCall) => ({
  direction,
  ...(remoteNumber === undefined ? {} : { remoteNumber }),
  ...(remoteName === undefined ? {} : { remoteName }),
})

/** Returns the board's call after the PBX's report: fills unknown fields, ends a call without an agent, never reopens one. */
export function mergePbxReport(onBoard: BoardCall | undefined, newId: CallId, report: PbxReport): BoardCall {
  if (!onBoard) {
    return {
      callId: newId,
      revision: 0,
      phase: report.missed ? 'missed' : 'done',
      direction: report.direction,
      extension: report.extension,
      ...(report.remoteNumber ? { remoteNumber: report.remoteNumber } : {}),
      ...(report.remoteName ? { remoteName: report.remoteName } : {}),
      startedAtMs: report.startedAtMs ?? report.endedAtMs,
      endedAtMs: report.endedAtMs,
      recording: 'none',
    }
  }
  return {
    ...onBoard,
    direction: onBoard.direction === 'unknown' ? report.direction : onBoard.direction,
    ...(onBoard.remoteNumber === undefined && report.remoteNumber
      ? { remoteNumber: report.remoteNumber }
      : {}),
    ...(onBoard.remoteName === undefined && report.remoteName ? { remoteName: report.remoteName } : {}),
    ...(onBoard.agentId === undefined
      ? { phase: report.missed ? 'missed' : 'done', endedAtMs: report.endedAtMs }
      : { pbxEndedAtMs: report.endedAtMs }),
  }
}

/** Returns the board's call after the report of a start: fills unknown fields, answers a call that rang, and ends nothing. */
export function mergePbxStart(onBoard: BoardCall | undefined, newId: CallId, start: PbxStart): BoardCall {
  const { state, extension, direction, remoteNumber, remoteName, startedAtMs } = start
  const talking = state === 'talking' ? { talkingSinceMs: startedAtMs } : {}
  if (!onBoard)
    return {
      callId: newId,
      revision: 0,
      phase: state,
      direction,
      extension,
      ...(remoteNumber ? { remoteNumber } : {}),
      ...(remoteName ? { remoteName } : {}),
      startedAtMs,
      ...talking,
      recording: 'none',
    }
  const isAnswered = state === 'talking' && onBoard.phase === 'ringing' && onBoard.agentId === undefined
  return {
    ...onBoard,
    direction: onBoard.direction === 'unknown' ? direction : onBoard.direction,
    ...(onBoard.remoteNumber === undefined && remoteNumber ? { remoteNumber } : {}),
    ...(onBoard.remoteName === undefined && remoteName ? { remoteName } : {}),
    ...(isAnswered ? { phase: 'talking', ...talking } : {}),
  }
}

/** An ended call does not begin again: a later one is another call. */
const isEnded = ({ phase }: Pick<BoardCall, 'phase'>) =>
  phase === 'wrap-up' || phase === 'done' || phase === 'missed'

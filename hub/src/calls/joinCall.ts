import { differentNumbers, sameNumber } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import {
  DAY_MS,
  MINUTE_MS,
  isActive,
  type AgentId,
  type BoardCall,
  type CallId,
  type CallSnapshot,
  type JoinReason,
} from '@3cx-ninja/protocol'
import {
  START_TOLERANCE_MS,
  hasLengthOf,
  inHubTime,
  isApart,
  isNear,
  isPickedUp,
  isPickedUpLate,
  isReportedWithin,
  startDistance,
} from './joinTimes.ts'
import type { PbxReport } from './pbxReport.ts'

/** A report without a start time belongs to a call that ended at most this long before it. */
const END_TOLERANCE_MS = 2 * MINUTE_MS
/** No call of a helpdesk begins a day before the talk in it. */
const LONGEST_MS = DAY_MS
/** Further than any known distance, and still a number that can be stored. */
const UNKNOWN_DISTANCE_MS = DAY_MS

/** The report of an agent about a call on its PC. */
export interface AgentReport {
  readonly agentId: AgentId
  readonly agentName: string
  /** The extension with which the agent enrolled; empty without one. The report's own extension is only a claim. */
  readonly extension: string
  /** The earlier enrollments of the agent's machine: their calls are its own. */
  readonly formerIds?: readonly AgentId[]
  readonly call: CallSnapshot
  /** How far the agent's clock is ahead of the hub's; undefined: it did not say. */
  readonly clockAheadMs?: number
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

/** A call on the board that a report belongs to, and why. */
export interface Found {
  readonly call: BoardCall
  readonly reason: JoinReason
  readonly apartMs: number
}

/** What the hub knows of the clocks by which two sides date a call. */
export interface KnownClocks {
  /** The difference of the PBX's clock is known; its times are corrected already. */
  readonly pbx: boolean
  /** How far the reporting agent's clock is ahead; undefined: unknown. */
  readonly agentAheadMs?: number | undefined
}

/**
 * Returns the call on the board that an agent's new call belongs to: same extension, same time, no different number, no other
 * agent; the nearest in time when several fit. An agent that claims another extension than its own has none there. Rule C12.
 */
export function findForAgent(
  calls: Iterable<BoardCall>,
  { call: reported, extension }: Pick<AgentReport, 'call' | 'extension'>,
  country: string,
  clocks: KnownClocks,
): Found | undefined {
  if (extension === '' || reported.extension !== extension) return undefined
  const call = inHubTime(reported, clocks.agentAheadMs)
  // Two calls of one agent are two calls: only a call that the PBX alone reported is joined to an agent's.
  const candidates = [...calls].filter(
    (onBoard) =>
      onBoard.agentId === undefined &&
      onBoard.extension === call.extension &&
      !isMissedAndTalked(onBoard, call) &&
      startDistance(onBoard, call) <= LONGEST_MS &&
      !differentNumbers(onBoard.remoteNumber, call.remoteNumber, country), // the dearest question last
  )
  const found = candidates.flatMap((onBoard): Found[] => {
    const reason = reasonOfAgent(onBoard, call)
    return reason ? [{ call: onBoard, reason, apartMs: startDistance(onBoard, call) }] : []
  })
  if (found.length > 0) return nearest(found, call.remoteNumber, country)
  if (clocks.pbx && clocks.agentAheadMs !== undefined) return undefined
  // An active call is not one that the PBX has reported as over: whatever the clocks show, it goes on.
  const open = candidates.filter((one) => isActive(one) || !isActive(call))
  return onlyCandidate(open, call)
}

function reasonOfAgent(onBoard: BoardCall, call: CallSnapshot): JoinReason | undefined {
  if (isApart(onBoard, call)) return undefined
  if (startDistance(onBoard, call) <= START_TOLERANCE_MS) return 'start'
  if (isReportedWithin(onBoard, call)) return 'within'
  return isPickedUp(onBoard, call) ? 'picked-up' : undefined
}

/** The one call within three minutes, if both are as long: a second candidate would make it a guess. */
function onlyCandidate(
  candidates: readonly BoardCall[],
  call: Pick<BoardCall, 'startedAtMs' | 'talkingSinceMs' | 'endedAtMs'>,
): Found | undefined {
  const near = candidates.filter((one) => isNear(one, call))
  const [only] = near
  if (!only || near.length > 1 || !hasLengthOf(only, call)) return undefined
  return { call: only, reason: 'only-candidate', apartMs: startDistance(only, call) }
}

/** The same number comes first; a number that one side does not name agrees with nothing. */
function nearest(found: readonly Found[], number: string | undefined, country: string): Found | undefined {
  const same = found.filter(({ call }) => sameNumber(call.remoteNumber, number, country))
  return [...(same.length > 0 ? same : found)].sort((a, b) => compare(a.apartMs, b.apartMs))[0]
}

/** A missed call is never the same as one that was talked. A dialed call that nobody answered used the microphone all the same. */
function isMissedAndTalked(
  onBoard: BoardCall,
  other: Pick<BoardCall, 'phase' | 'direction' | 'talkingSinceMs'>,
): boolean {
  const isMissed = ({ phase, direction }: Pick<BoardCall, 'phase' | 'direction'>) =>
    phase === 'missed' && direction !== 'outbound'
  return isMissed(onBoard) ? wasTalked(other) : isMissed(other) && wasTalked(onBoard)
}

const wasTalked = ({ phase, talkingSinceMs }: Pick<BoardCall, 'phase' | 'talkingSinceMs'>) =>
  phase !== 'missed' && (talkingSinceMs !== undefined || phase !== 'ringing')

/** Returns the call that the PBX's report is about, by times of the hub; the nearest in time when several fit. Rule C12. */
export function findForPbx(
  calls: Iterable<BoardCall>,
  report: PbxReport,
  country: string,
  clocks: Pick<KnownClocks, 'pbx'> = { pbx: true },
): Found | undefined {
  const span = { startedAtMs: report.startedAtMs ?? report.endedAtMs, endedAtMs: report.endedAtMs }
  const outcome = {
    direction: report.direction,
    phase: report.missed ? ('missed' as const) : ('done' as const),
  }
  const candidates = [...calls].filter(
    (onBoard) =>
      onBoard.extension === report.extension &&
      !onBoard.localOnly &&
      !isMissedAndTalked(onBoard, outcome) &&
      !isOtherReport(onBoard, report) &&
      !differentNumbers(onBoard.remoteNumber, report.remoteNumber, country),
  )
  const found = candidates.flatMap((onBoard): Found[] => {
    const one = inHubTime(onBoard, onBoard.clockAheadMs)
    const reason = reasonOfPbx(one, report)
    return reason ? [{ call: onBoard, reason, apartMs: distanceOf(one, report) }] : []
  })
  if (found.length > 0)
    // Of two as near, the later one: the same caller may have called again at once.
    return nearest([...found].sort((a, b) => compare(b.call.startedAtMs, a.call.startedAtMs)), report.remoteNumber, country) // prettier-ignore
  if (report.startedAtMs === undefined) return undefined
  const unknown = candidates.filter(
    ({ agentId, clockAheadMs }) => agentId !== undefined && !(clocks.pbx && clockAheadMs !== undefined),
  )
  const only = onlyCandidate(
    unknown.map((one) => inHubTime(one, one.clockAheadMs)),
    span,
  )
  const call = unknown.find(({ callId }) => callId === only?.call.callId)
  return only && call && { ...only, call }
}

function reasonOfPbx(onBoard: BoardCall, report: PbxReport): JoinReason | undefined {
  const { startedAtMs, endedAtMs } = report
  if (startedAtMs === undefined) {
    const ended = onBoard.endedAtMs ?? endedAtMs
    const isNear = Math.abs(ended - endedAtMs) <= END_TOLERANCE_MS && onBoard.startedAtMs <= endedAtMs
    return isNear ? 'start' : undefined
  }
  if (isApart(onBoard, { startedAtMs, endedAtMs })) return undefined
  if (startDistance(onBoard, { startedAtMs }) <= START_TOLERANCE_MS) return 'start'
  return isPickedUpLate(onBoard, startedAtMs, endedAtMs) ? 'picked-up' : undefined
}

/** Without a start time, an ended call comes before an active one: the same caller may have called again at once. */
function distanceOf(onBoard: BoardCall, { startedAtMs, endedAtMs }: PbxReport): number {
  if (startedAtMs !== undefined) return startDistance(onBoard, { startedAtMs })
  return onBoard.endedAtMs === undefined ? UNKNOWN_DISTANCE_MS : Math.abs(onBoard.endedAtMs - endedAtMs)
}

/** The PBX has reported another end of this call: the report is about another call, and no repetition. */
const isOtherReport = ({ join }: BoardCall, { endedAtMs, startedAtMs }: PbxReport) =>
  join?.pbx.endedAtMs !== undefined &&
  startedAtMs !== undefined &&
  Math.abs(join.pbx.endedAtMs - endedAtMs) > START_TOLERANCE_MS

/** Compares without subtracting: Infinity minus itself is no number. */
const compare = (one: number, other: number) => (one === other ? 0 : one < other ? -1 : 1)

/** Returns the board's call after an agent's report. The agent decides phase and recording; facts that only others reported are kept. */
export function mergeAgentReport(
  onBoard: BoardCall | undefined,
  canonicalId: CallId,
  { agentId, agentName, extension, formerIds = [], call, clockAheadMs = onBoard?.clockAheadMs }: AgentReport,
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
    ...(onBoard?.join ? { join: onBoard.join } : {}),
    ...(clockAheadMs === undefined ? {} : { clockAheadMs }),
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

/** An ended call does not begin again: a later one is another call. */
const isEnded = ({ phase }: Pick<BoardCall, 'phase'>) =>
  phase === 'wrap-up' || phase === 'done' || phase === 'missed'

import {
  MINUTE_MS,
  type AgentId,
  type BoardCall,
  type CallId,
  type CallSnapshot,
  type Direction,
} from '@3cx-ninja/protocol'

/** How far two clocks and a slow PBX may disagree about the start of one call. */
const START_TOLERANCE_MS = 30_000
/** A report without a start time belongs to a call that ended at most so long before it. */
const END_TOLERANCE_MS = 2 * MINUTE_MS

/** What an agent reports about a call on its PC. */
export interface AgentReport {
  readonly agentId: AgentId
  readonly agentName: string
  readonly call: CallSnapshot
}

/** What the PBX reports after a call: no call id, one extension. */
export interface PbxReport {
  readonly extension: string
  readonly direction: Direction
  readonly remoteNumber?: string
  readonly remoteName?: string
  readonly missed: boolean
  readonly startedAtMs?: number
  readonly endedAtMs: number
}

/** Digits that identify a number whatever its prefix: national and international writing agree on the last nine. */
const tail = (number: string | undefined) => number?.replace(/\D/g, '').slice(-9)

function sameNumber(a: string | undefined, b: string | undefined): boolean {
  const [one, other] = [tail(a), tail(b)]
  return !one || !other || one === other
}

/** The call on the board that an agent's new call belongs to: same extension, same time, no other number, no other agent. */
export function findForAgent(
  calls: Iterable<BoardCall>,
  { call }: Pick<AgentReport, 'call'>,
): BoardCall | undefined {
  for (const known of calls) {
    const sameTime = Math.abs(known.startedAtMs - call.startedAtMs) <= START_TOLERANCE_MS
    // An agent's own two calls are two calls: only what the PBX told is joined to it.
    if (
      known.agentId === undefined &&
      known.extension === call.extension &&
      sameTime &&
      sameNumber(known.remoteNumber, call.remoteNumber)
    )
      return known
  }
  return undefined
}

/** The call that the PBX speaks of; the nearest in time when several fit. */
export function findForPbx(calls: Iterable<BoardCall>, report: PbxReport): BoardCall | undefined {
  const candidates = [...calls].filter((known) => {
    if (known.extension !== report.extension || !sameNumber(known.remoteNumber, report.remoteNumber))
      return false
    if (report.startedAtMs !== undefined)
      return Math.abs(known.startedAtMs - report.startedAtMs) <= START_TOLERANCE_MS
    const endedAtMs = known.endedAtMs ?? report.endedAtMs
    return Math.abs(endedAtMs - report.endedAtMs) <= END_TOLERANCE_MS && known.startedAtMs <= report.endedAtMs
  })
  const distance = (known: BoardCall) =>
    Math.abs(known.startedAtMs - (report.startedAtMs ?? report.endedAtMs))
  return candidates.sort((a, b) => distance(a) - distance(b))[0]
}

/** The board's call after an agent's report. The agent decides about phase and recording; what only others know is kept. */
export function mergeAgentReport(
  known: BoardCall | undefined,
  canonicalId: CallId,
  { agentId, agentName, call }: AgentReport,
): BoardCall {
  // What the hub only presumed, the agent's word takes back, also one that the hub had heard before. Rule C8.
  const isPresumed = known?.presumedOverAtMs !== undefined && known.revision <= call.revision
  if (known?.agentId === agentId && known.revision >= call.revision && !isPresumed) return known
  if (known?.agentId === agentId && isEnded(known) && !isEnded(call) && !isPresumed) return known // rule C3
  return {
    ...call,
    callId: canonicalId,
    agentId,
    agentName,
    ...(call.remoteNumber === undefined && known?.remoteNumber !== undefined
      ? { remoteNumber: known.remoteNumber }
      : {}),
    ...(call.remoteName === undefined && known?.remoteName !== undefined
      ? { remoteName: known.remoteName }
      : {}),
    ...(call.direction === 'unknown' && known ? { direction: known.direction } : {}),
    ...(known?.caller ? { caller: known.caller } : {}),
    ...(known?.pbxEndedAtMs !== undefined ? { pbxEndedAtMs: known.pbxEndedAtMs } : {}),
  }
}

/** The board's call after the PBX's report: fills what was unknown, ends a call that nobody else can end, never reopens one. */
export function mergePbxReport(known: BoardCall | undefined, newId: CallId, report: PbxReport): BoardCall {
  if (!known) {
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
    ...known,
    direction: known.direction === 'unknown' ? report.direction : known.direction,
    ...(known.remoteNumber === undefined && report.remoteNumber ? { remoteNumber: report.remoteNumber } : {}),
    ...(known.remoteName === undefined && report.remoteName ? { remoteName: report.remoteName } : {}),
    ...(known.agentId === undefined
      ? { phase: report.missed ? 'missed' : 'done', endedAtMs: report.endedAtMs }
      : { pbxEndedAtMs: report.endedAtMs }),
  }
}

/** An ended call does not begin again: what follows it is another call. */
const isEnded = ({ phase }: Pick<BoardCall, 'phase'>) =>
  phase === 'wrap-up' || phase === 'done' || phase === 'missed'

/** Whether somebody is (or may be) on the telephone in this call. */
export function isOn(call: BoardCall): boolean {
  return call.phase === 'ringing' || call.phase === 'talking' || call.phase === 'held'
}

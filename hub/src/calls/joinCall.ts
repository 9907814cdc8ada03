import { differentNumbers } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import {
  MINUTE_MS,
  type AgentId,
  type BoardCall,
  type CallId,
  type CallSnapshot,
  type Direction,
} from '@3cx-ninja/protocol'

/** How far two clocks and a slow PBX may disagree about the start of one call. */
export const START_TOLERANCE_MS = 30_000
/** No extension rings for longer before somebody or something takes the call. */
export const RING_MS = 3 * MINUTE_MS
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

/**
 * The call on the board that an agent's new call belongs to: same extension, same time, no other number, no other agent;
 * the nearest in time when several fit.
 */
export function findForAgent(
  calls: Iterable<BoardCall>,
  { call }: Pick<AgentReport, 'call'>,
  country: string,
): BoardCall | undefined {
  // An agent's own two calls are two calls: only what the PBX told is joined to it.
  const candidates = [...calls].filter(
    (known) =>
      known.agentId === undefined &&
      known.extension === call.extension &&
      (startDistance(known, call) <= START_TOLERANCE_MS ||
        isHeardWithin(known, call) ||
        isPickedUp(known, call)) &&
      !differentNumbers(known.remoteNumber, call.remoteNumber, country), // the dearest question last
  )
  return candidates.sort((a, b) => compare(startDistance(a, call), startDistance(b, call)))[0]
}

type Begun = Pick<BoardCall, 'startedAtMs' | 'talkingSinceMs'>

/** A microphone begins when the talk does; the PBX tells of the ring before. */
function startDistance(known: Begun, call: Begun): number {
  const gap = (one: number | undefined, other: number | undefined) =>
    one === undefined || other === undefined ? Infinity : Math.abs(one - other)
  return Math.min(
    gap(known.startedAtMs, call.startedAtMs),
    gap(known.talkingSinceMs, call.startedAtMs),
    gap(known.talkingSinceMs, call.talkingSinceMs),
  )
}

/** The PBX was heard only from the middle of the talk on (the hub had just started): it lies within what the agent reports. */
function isHeardWithin(known: BoardCall, call: CallSnapshot): boolean {
  if (known.talkingSinceMs === undefined || known.talkingSinceMs !== known.startedAtMs) return false
  const endsAtMs = (call.endedAtMs ?? Infinity) + START_TOLERANCE_MS
  return call.startedAtMs <= known.startedAtMs && (known.endedAtMs ?? known.startedAtMs) <= endsAtMs
}

/** The call that the PBX speaks of; the nearest in time when several fit. */
export function findForPbx(
  calls: Iterable<BoardCall>,
  report: PbxReport,
  country: string,
): BoardCall | undefined {
  const { startedAtMs } = report
  const started = (known: BoardCall) => startDistance(known, { startedAtMs: startedAtMs ?? Infinity })
  const fitsInTime = (known: BoardCall) => {
    if (startedAtMs !== undefined)
      return started(known) <= START_TOLERANCE_MS || isPickedUpLate(known, startedAtMs, report.endedAtMs)
    const endedAtMs = known.endedAtMs ?? report.endedAtMs
    return Math.abs(endedAtMs - report.endedAtMs) <= END_TOLERANCE_MS && known.startedAtMs <= report.endedAtMs
  }
  const candidates = [...calls].filter(
    (known) =>
      known.extension === report.extension &&
      fitsInTime(known) &&
      !differentNumbers(known.remoteNumber, report.remoteNumber, country),
  )
  // Without a start, one that has ended is meant before one that goes on: the caller who rang again at once.
  const distance = (known: BoardCall) =>
    startedAtMs !== undefined
      ? started(known)
      : known.endedAtMs === undefined
        ? Infinity
        : Math.abs(known.endedAtMs - report.endedAtMs)
  return candidates.sort(
    (a, b) => compare(distance(a), distance(b)) || compare(b.startedAtMs, a.startedAtMs),
  )[0]
}

/** The microphone heard it only from when it was picked up, long after it began to ring; both end alike. */
function isPickedUpLate(known: BoardCall, startedAtMs: number, endedAtMs: number): boolean {
  const rangMs = known.startedAtMs - startedAtMs
  if (rangMs < 0 || rangMs > RING_MS || known.startedAtMs > endedAtMs) return false
  return known.endedAtMs === undefined || Math.abs(known.endedAtMs - endedAtMs) <= START_TOLERANCE_MS
}

/**
 * It rang for long before the talk that the microphone heard, and when it was picked up the PBX has not told (the webhook
 * never does): the talk lies within what the PBX knows, and both end alike.
 */
function isPickedUp(known: BoardCall, call: CallSnapshot): boolean {
  if (known.talkingSinceMs !== undefined || known.phase === 'missed') return false
  const isWithin = call.startedAtMs >= known.startedAtMs && call.startedAtMs <= (known.endedAtMs ?? Infinity)
  if (known.endedAtMs === undefined || call.endedAtMs === undefined) return isWithin
  return isWithin && Math.abs(known.endedAtMs - call.endedAtMs) <= START_TOLERANCE_MS
}

/** Infinity minus itself is no number. */
const compare = (one: number, other: number) => (one === other ? 0 : one < other ? -1 : 1)

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
  // Rule C6: who only knows it from us does not take it from the one who hears it.
  if (known?.agentId !== undefined && known.agentId !== agentId && call.elsewhere) return known
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
    ...(known?.conversation ? { conversation: known.conversation } : {}),
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

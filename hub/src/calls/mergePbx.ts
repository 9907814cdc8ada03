import type { BoardCall, CallId } from '@3cx-ninja/protocol'
import type { PbxReport, PbxStart } from './pbxReport.ts'

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

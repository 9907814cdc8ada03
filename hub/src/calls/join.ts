import { sameNumber } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import { isActive, withoutUndefined, type BoardCall, type CallId, type CallJoin } from '@3cx-ninja/protocol'
import type { Found } from './joinCall.ts'
import type { LiveFact } from './liveFact.ts'
import type { PbxReport, PbxStart } from './pbxReport.ts'

/** What joined the two sides, as the call keeps it. Rule C13. */
export type JoinedBy = Pick<Found, 'reason' | 'apartMs'>

type Party = Pick<BoardCall, 'remoteNumber' | 'remoteName' | 'direction'>

const partyOf = ({ direction, remoteNumber, remoteName }: Party) =>
  withoutUndefined({ direction, remoteNumber, remoteName })

/** Returns what the PBX said of a call that it alone reported so far. */
export const saidOnBoard = (onBoard: BoardCall): CallJoin['pbx'] => ({
  ...partyOf(onBoard),
  startedAtMs: onBoard.startedAtMs,
  ...(onBoard.endedAtMs === undefined ? {} : { endedAtMs: onBoard.endedAtMs }),
  missed: onBoard.phase === 'missed',
})

/** Returns what a webhook said of a call. */
export const saidInReport = (report: PbxReport | PbxStart): CallJoin['pbx'] => ({
  ...partyOf(report),
  startedAtMs: report.startedAtMs ?? ('endedAtMs' in report ? report.endedAtMs : 0),
  ...('endedAtMs' in report ? { endedAtMs: report.endedAtMs, missed: report.missed } : { missed: false }),
})

/** Returns what Call Control said of a call. */
export const saidInFact = (fact: LiveFact): CallJoin['pbx'] => ({
  ...partyOf(fact),
  startedAtMs: fact.atMs,
  missed: false,
})

/** Returns the merged call with the reason for which it holds the PBX's facts; an earlier reason stays, with the newest facts. */
export function withJoin(
  merged: BoardCall,
  sides: { readonly agents: Pick<BoardCall, 'remoteNumber'>; readonly pbx: CallJoin['pbx'] },
  by: JoinedBy,
  { nowMs, country }: { readonly nowMs: number; readonly country: string },
): BoardCall {
  const { join } = merged
  if (join) return { ...merged, join: { ...join, pbx: { ...join.pbx, ...sides.pbx, startedAtMs: join.pbx.startedAtMs } } } // prettier-ignore
  const isSame = sameNumber(sides.agents.remoteNumber, sides.pbx.remoteNumber, country)
  const apartMs = Math.round(Math.min(by.apartMs, 1_000_000_000))
  return {
    ...merged,
    join: {
      reason: by.reason,
      numbers: isSame ? 'same' : 'unknown',
      apartMs,
      joinedAtMs: nowMs,
      pbx: sides.pbx,
    },
  }
}

/**
 * Returns the two calls that a join was: the agent's without what the PBX said, and the PBX's under a new id. Undefined for a
 * call without a join. Rule C13.
 */
export function takenApart(
  call: BoardCall,
  newId: CallId,
  country: string,
): { readonly own: BoardCall; readonly pbx: BoardCall } | undefined {
  const { join, caller: _caller, conversation, pbxEndedAtMs: _ended, ...rest } = call
  if (!join) return undefined
  const { remoteNumber, remoteName, ...own } = rest
  const { direction, missed, startedAtMs, endedAtMs } = join.pbx
  const isPbxNumber = join.numbers !== 'same' && sameNumber(remoteNumber, join.pbx.remoteNumber, country)
  const isPbxName = remoteName === join.pbx.remoteName
  const isOver = endedAtMs !== undefined || !isActive(call)
  return {
    own: {
      ...own,
      ...(remoteNumber === undefined || isPbxNumber ? {} : { remoteNumber }),
      ...(remoteName === undefined || isPbxName ? {} : { remoteName }),
    },
    pbx: {
      callId: newId,
      revision: 0,
      phase: missed ? 'missed' : isOver ? 'done' : 'talking',
      extension: call.extension,
      ...partyOf({ ...join.pbx, direction }),
      ...(conversation === undefined ? {} : { conversation }),
      startedAtMs,
      ...(missed || isOver ? {} : { talkingSinceMs: startedAtMs }),
      ...(isOver ? { endedAtMs: Math.max(startedAtMs, endedAtMs ?? call.endedAtMs ?? startedAtMs) } : {}),
      recording: 'none',
    },
  }
}

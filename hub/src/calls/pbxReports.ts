import { differentNumbers } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import { isActive, type BoardCall, type CallId, type Clock } from '@3cx-ninja/protocol'
import type { CallIndex } from './callIndex.ts'
import { saidInReport, withJoin } from './join.ts'
import { findForPbx, type Found } from './joinCall.ts'
import { mergePbxReport, mergePbxStart } from './mergePbx.ts'
import type { PbxClock } from './pbxClock.ts'
import type { OnRemark, PbxReport, PbxStart } from './pbxReport.ts'
import { createRepeatedReports, type RepeatedReports } from './repeatedReports.ts'
import { createSenderIds, type SenderIds } from './senderIds.ts'
import { createSiblings, type Siblings } from './siblings.ts'

export interface PbxReportsNeeds {
  readonly index: Pick<CallIndex, 'calls' | 'ofExtension'>
  readonly country: string
  readonly clock: Clock
  readonly pbxClock: PbxClock
  readonly newId: () => CallId
  readonly put: (
    call: BoardCall,
    previous: BoardCall | undefined,
    alias: string | undefined,
  ) => Promise<BoardCall>
}

/** The reports of webhooks about calls, one after the other. */
export interface PbxReports {
  /** Resolves with the call, and whether the board knew it, once the end is stored. Rejects when the database cannot write. */
  ended(
    report: PbxReport,
    remark: OnRemark,
  ): Promise<{ readonly call: BoardCall; readonly wasKnown: boolean }>
  /** Resolves with the call once the start is stored; it ends nothing. Rejects when the database cannot write. */
  started(start: PbxStart, remark: OnRemark): Promise<BoardCall>
}

interface State extends PbxReportsNeeds {
  readonly senders: SenderIds
  readonly siblings: Siblings
  readonly repeats: RepeatedReports
}

/** Creates the receiver of webhooks' reports. Knows nothing of legs and of the live link: those live in pbxCalls.ts. */
export function createPbxReports(needs: PbxReportsNeeds): PbxReports {
  const state: State = {
    ...needs,
    senders: createSenderIds(),
    repeats: createRepeatedReports(),
    siblings: createSiblings(needs.index.calls, needs.country),
  }
  return {
    async ended(reported, remark) {
      if (reported.isEndReported) state.pbxClock.reported(reported.endedAtMs)
      const report = inTimeOfHub(state, reported)
      const repeated = state.repeats.callOf(reported, state.index.calls)
      const by = repeated ? bySender(repeated) : found(state, report)
      const previous = by?.call
      const merged = mergePbxReport(previous, previous?.callId ?? state.newId(), report)
      const call = await stored(state, joined(state, merged, by, report), previous)
      state.repeats.add(reported, call.callId)
      remember(state, report, call, remark)
      return { call, wasKnown: previous !== undefined }
    },
    async started(reported, remark) {
      const start = { ...reported, startedAtMs: reported.startedAtMs - state.pbxClock.state().aheadMs }
      const by = found(state, start)
      const previous = by?.call
      const merged = mergePbxStart(previous, previous?.callId ?? state.newId(), start)
      const call = await stored(state, joined(state, merged, by, start), previous)
      remember(state, start, call, remark)
      return call
    },
  }
}

/** Returns the report with the times of the hub's clock. An end in the future proves that the PBX's clock is ahead at least so far. */
function inTimeOfHub({ clock, pbxClock }: State, report: PbxReport): PbxReport {
  const aheadMs = Math.max(pbxClock.state().aheadMs, report.endedAtMs - clock.nowMs())
  const isKnown = pbxClock.state().aheadMs !== 0 || report.endedAtMs > clock.nowMs()
  if (!isKnown || !report.isEndReported) return report
  const { startedAtMs, endedAtMs } = report
  return {
    ...report,
    endedAtMs: endedAtMs - aheadMs,
    ...(startedAtMs === undefined ? {} : { startedAtMs: startedAtMs - aheadMs }),
  }
}

/** Returns the call with the reason for which it is an agent's, too; a call that the PBX alone reported needs none. */
function joined(
  { clock, country }: State,
  merged: BoardCall,
  by: Found | undefined,
  report: PbxReport | PbxStart,
): BoardCall {
  if (by?.call.agentId === undefined) return merged
  const sides = { agents: by.call, pbx: saidInReport(report) }
  return withJoin(merged, sides, by, { nowMs: clock.nowMs(), country })
}

function found(state: State, report: PbxReport | PbxStart): Found | undefined {
  const { index, senders, country } = state
  const clocks = { pbx: state.pbxClock.state().at !== 'unknown' }
  const named = index.calls.get(senders.callOf(report, report.startedAtMs) ?? ('' as CallId)) // no call has an empty id
  const calls = index.ofExtension(report.extension)
  if ('endedAtMs' in report)
    return named && isOfSender(named, report, country)
      ? bySender(named)
      : findForPbx(calls, report, country, clocks)
  // A start is about a call that goes on: a call that is over is another one.
  if (named && isActive(named) && isOfSender(named, report, country)) return bySender(named)
  const active = calls.filter((call) => isActive(call))
  return findForPbx(active, { ...report, missed: false, endedAtMs: Infinity }, country, clocks)
}

const bySender = (call: BoardCall): Found => ({ call, reason: 'sender-id', apartMs: 0 })

/** The sender's id stands for the call, unless number or outcome say that it is another one. */
function isOfSender(call: BoardCall, report: PbxReport | PbxStart, country: string): boolean {
  if ('missed' in report && report.missed && call.talkingSinceMs !== undefined) return false
  return !differentNumbers(call.remoteNumber, report.remoteNumber, country)
}

/** Stores the call as a part of its conversation; a sibling that has no name of one gets the same. */
async function stored(state: State, call: BoardCall, previous: BoardCall | undefined): Promise<BoardCall> {
  const { siblings, put } = state
  const sibling = call.conversation === undefined ? siblings.of(call) : undefined
  const conversation = call.conversation ?? sibling?.conversation ?? (sibling && `report:${sibling.callId}`.slice(0, 64)) // prettier-ignore
  if (sibling && sibling.conversation === undefined && conversation !== undefined)
    await put({ ...sibling, conversation }, sibling, undefined)
  const next =
    conversation === call.conversation || conversation === undefined ? call : { ...call, conversation }
  siblings.add(call.callId)
  return put(next, previous, undefined)
}

function remember({ senders }: State, report: PbxReport | PbxStart, call: BoardCall, remark: OnRemark): void {
  const startedAtMs = report.startedAtMs ?? call.startedAtMs
  if (senders.saw(report, { callId: call.callId, startedAtMs }))
    remark(`the sender's id '${report.senderCallId ?? ''}' came with two different calls: it is ignored`)
}

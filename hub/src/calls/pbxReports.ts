import { differentNumbers } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import { isActive, type BoardCall, type CallId } from '@3cx-ninja/protocol'
import type { CallIndex } from './callIndex.ts'
import { findForPbx, mergePbxReport, mergePbxStart } from './joinCall.ts'
import type { OnRemark, PbxReport, PbxStart } from './pbxReport.ts'
import { createSenderIds, type SenderIds } from './senderIds.ts'
import { createSiblings, type Siblings } from './siblings.ts'

export interface PbxReportsNeeds {
  readonly index: Pick<CallIndex, 'calls' | 'ofExtension'>
  readonly country: string
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
}

/** Creates the receiver of webhooks' reports. Knows nothing of legs and of the live link: those live in pbxCalls.ts. */
export function createPbxReports(needs: PbxReportsNeeds): PbxReports {
  const state: State = {
    ...needs,
    senders: createSenderIds(),
    siblings: createSiblings(needs.index.calls, needs.country),
  }
  return {
    async ended(report, remark) {
      const previous = found(state, report)
      const merged = mergePbxReport(previous, previous?.callId ?? state.newId(), report)
      const call = await stored(state, merged, previous)
      remember(state, report, call, remark)
      return { call, wasKnown: previous !== undefined }
    },
    async started(start, remark) {
      const previous = found(state, start)
      const merged = mergePbxStart(previous, previous?.callId ?? state.newId(), start)
      const call = await stored(state, merged, previous)
      remember(state, start, call, remark)
      return call
    },
  }
}

function found(state: State, report: PbxReport | PbxStart): BoardCall | undefined {
  const { index, senders, country } = state
  const named = index.calls.get(senders.callOf(report, report.startedAtMs) ?? ('' as CallId)) // no call has an empty id
  const calls = index.ofExtension(report.extension)
  if ('endedAtMs' in report)
    return named && isOfSender(named, report, country) ? named : findForPbx(calls, report, country)
  // A start is about a call that goes on: a call that is over is another one.
  if (named && isActive(named) && isOfSender(named, report, country)) return named
  const active = calls.filter((call) => isActive(call))
  return findForPbx(active, { ...report, missed: false, endedAtMs: Infinity }, country)
}

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

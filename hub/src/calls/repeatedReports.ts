import type { BoardCall, CallId } from '@3cx-ninja/protocol'
import type { PbxReport } from './pbxReport.ts'

/** 3CX repeats a report within minutes; 500 are hours of a busy site. */
const MAX_REPORTS = 500

/**
 * The last reports of ends, as they came. A repeated report is about the same call, also where the hub has learned meanwhile how
 * far the PBX's clock is off, and reads its times otherwise.
 */
export interface RepeatedReports {
  /** Returns the call that the same report was about before. */
  callOf(report: PbxReport, calls: ReadonlyMap<CallId, BoardCall>): BoardCall | undefined
  add(report: PbxReport, callId: CallId): void
}

/** Creates an empty memory of reports. */
export function createRepeatedReports(): RepeatedReports {
  const known = new Map<string, CallId>()
  const keyOf = ({ extension, startedAtMs, endedAtMs, isEndReported, remoteNumber, missed }: PbxReport) =>
    startedAtMs === undefined || !isEndReported
      ? undefined
      : [extension, startedAtMs, endedAtMs, remoteNumber, missed].join('\n')
  return {
    callOf(report, calls) {
      const callId = known.get(keyOf(report) ?? '')
      const call = callId && calls.get(callId)
      // A technician took the report out of this call: it is another call's. Rule C13.
      return call && (call.agentId === undefined || call.join) ? call : undefined
    },
    add(report, callId) {
      const key = keyOf(report)
      if (key === undefined) return
      known.set(key, callId)
      if (known.size > MAX_REPORTS) for (const oldest of known.keys()) return void known.delete(oldest)
    },
  }
}

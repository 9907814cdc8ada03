import {
  decodeFrame,
  streamOfFrame,
  type AgentSettings,
  type BoardCall,
  type CallId,
  type HubToAgent,
  type PartHeader,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { isOptedOut } from '../calls/optOut.ts'
import type { PartRef } from '../recordings/recordingState.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'

export interface AgentReplicationNeeds {
  readonly recordings: Pick<RecordingStore, 'openPart' | 'append' | 'onPartFlushed' | 'state'>
  readonly settings: () => AgentSettings
  readonly isSafe: (recordingId: RecordingId) => boolean
  readonly onRecords: (count: number) => void
  readonly extension: string
  readonly send: (message: HubToAgent) => void
  readonly callOf: (callId: CallId) => BoardCall | undefined
  readonly ownsCall: (callId: CallId) => boolean
  readonly erase: (recordingId: RecordingId, callId: CallId | undefined) => Promise<void>
}

export interface AgentReplication {
  /** Judged once `known` has settled: what was said just before it. */
  open(stream: number, header: PartHeader, reported?: Promise<unknown>): Promise<void>
  close(stream: number): void
  frame(bytes: Uint8Array): void
  stop(): void
}

type RefusalReason = Extract<HubToAgent, { kind: 'part-refused' }>['reason']
interface Stream {
  readonly ref: PartRef
  readonly stopListening: () => void
  /** The right position was named and nothing fitting came since: further frames are passed over silently. */
  stalled: boolean
}

const DETAILS: Readonly<Record<RefusalReason, string>> = {
  erased: 'This recording was erased on request.',
  'not-yours': 'This call belongs to another agent.',
  'no-consent':
    'No administrator has confirmed the consent rule: nothing may be recorded (setting recording.consent).',
  'opted-out': 'This extension or caller is never recorded (setting recording.optOut).',
  'disk-full': 'The hub has no space; it takes the recording as soon as it has.',
  'broken-record': 'A record was damaged on its way, or is none.',
  'header-differs': 'The hub knows this part with another head.',
}

/** The recordings that one connected agent replicates: a stream for each part. Rules R1 to R9. */
export function createAgentReplication(needs: AgentReplicationNeeds): AgentReplication {
  const streams = new Map<number, Stream>()
  /** Openings under way, by stream: whoever closes it meanwhile, or opens it anew, ends them. */
  const opening = new Map<number, object>()
  let stopped = false
  const end = (stream: number) => {
    opening.delete(stream)
    streams.get(stream)?.stopListening()
    streams.delete(stream)
  }
  const refuse = (stream: number, reason: RefusalReason) => {
    end(stream)
    needs.send({ kind: 'part-refused', stream, reason, detail: DETAILS[reason] })
  }

  const refusalOf = (header: PartHeader): RefusalReason | undefined => {
    const rules = needs.settings()
    if (!rules.consent.confirmed) return 'no-consent'
    const call = needs.callOf(header.callId)
    const extensions = [needs.extension, header.extension, ...(call ? [call.extension] : [])]
    if (isOptedOut(rules, { extensions, number: call?.remoteNumber })) return 'opted-out'
    return needs.ownsCall(header.callId) ? undefined : 'not-yours'
  }

  return {
    async open(stream, header, reported) {
      const token = {}
      opening.set(stream, token)
      await reported
      const isOver = () => stopped || opening.get(stream) !== token
      if (isOver()) return
      const reason = refusalOf(header)
      if (reason) return refuse(stream, reason)
      const { recordingId, part } = header
      // A power cut took the seal from the agent; here the recording is complete and done. An empty part behind its seal
      // would make it incomplete for ever, because the agent drops its copy before it fills the part. Rules R6 and R9.
      const holds = needs.recordings.state(recordingId)?.parts.some((one) => one.header.part === part)
      if (holds === false && needs.isSafe(recordingId)) {
        end(stream)
        return needs.send({ kind: 'recording-safe', recordingId })
      }
      const outcome = await needs.recordings.openPart(header)
      if (!outcome.ok) return isOver() ? undefined : refuse(stream, outcome.reason)
      // A report that names the caller may have been stored while the part was opened.
      const reasonNow = refusalOf(header)
      if (reasonNow === 'opted-out') await needs.erase(recordingId, needs.callOf(header.callId)?.callId)
      if (isOver()) return
      if (reasonNow) return refuse(stream, reasonNow)
      end(stream)
      const ref = { recordingId, part }
      const stopListening = needs.recordings.onPartFlushed(ref, (position) =>
        needs.send({ kind: 'records-flushed', stream, position }),
      )
      streams.set(stream, { ref, stopListening, stalled: false })
      needs.send({ kind: 'part-position', stream, position: outcome.position })
      // What was flushed before this link is acknowledged anew: an answer may have been lost with the old one.
      needs.send({ kind: 'records-flushed', stream, position: outcome.flushed })
      if (needs.isSafe(recordingId)) needs.send({ kind: 'recording-safe', recordingId })
    },
    close: end,
    frame(bytes) {
      const number = streamOfFrame(bytes)
      const stream = number === undefined ? undefined : streams.get(number)
      if (number === undefined || !stream) return // of a part that was refused or closed meanwhile
      const frame = decodeFrame(bytes)
      if (!frame.ok) return refuse(number, 'broken-record')
      const outcome = needs.recordings.append(stream.ref, frame.records)
      if (outcome.ok) {
        stream.stalled = false
        needs.onRecords(frame.records.length)
        return
      }
      switch (outcome.reason) {
        case 'position':
          if (!stream.stalled)
            needs.send({ kind: 'part-position', stream: number, position: outcome.position })
          stream.stalled = true
          return
        case 'erased':
        case 'disk-full':
          return refuse(number, outcome.reason)
        case 'unknown-part':
        case 'sealed':
          return refuse(number, 'header-differs')
      }
    },
    stop() {
      stopped = true
      for (const stream of [...streams.keys()]) end(stream)
    },
  }
}

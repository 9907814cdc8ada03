import {
  decodeFrame,
  streamOfFrame,
  type AgentId,
  type AgentSettings,
  type BoardCall,
  type CallId,
  type HubToAgent,
  type PartHeader,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { isOptedOut } from '../calls/optOut.ts'
import type { Erasures } from '../erasures/erasures.ts'
import type { PartRef } from '../recordings/recordingState.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { ForeignRequests } from './foreignRequests.ts'
import type { AgentIds, Ownership } from './ownership.ts'

/** What the replication of one agent works on, with the rules that refuse a part. */
export interface AgentReplicationNeeds {
  readonly recordings: Pick<RecordingStore, 'openPart' | 'append' | 'onPartFlushed' | 'state'>
  readonly settings: () => AgentSettings
  readonly isSafe: (recordingId: RecordingId) => boolean
  readonly onRecords: (count: number) => void
  readonly extension: string
  /** The agent of the link: it owns every part that it opens first. */
  readonly agentId: AgentId
  /** The agent's id and those of the earlier enrollments of its machine, whose parts it continues. */
  readonly ids: AgentIds
  readonly send: (message: HubToAgent) => void
  readonly callOf: (callId: CallId) => BoardCall | undefined
  readonly ownership: Pick<Ownership, 'refusalOf'>
  readonly foreign: ForeignRequests
  readonly erase: Erasures['erase']
  /** Stops reading the agent's socket until the returned function is called. */
  readonly holdReading: () => () => void
}

/** The parts that one connected agent replicates, for as long as its link lasts. */
export interface AgentReplication {
  /** Opens the part, or refuses it, once `reported` has settled: the reports that came just before. */
  open(stream: number, header: PartHeader, reported?: Promise<unknown>): Promise<void>
  close(stream: number): void
  frame(bytes: Uint8Array): void
  stop(): void
}

type RefusalReason = Extract<HubToAgent, { kind: 'part-refused' }>['reason']
interface Stream {
  readonly ref: PartRef
  readonly stopListening: () => void
  /** The right position was sent and no fitting frame came since: further frames are ignored without an answer. */
  stalled: boolean
}

const DETAILS: Readonly<Record<RefusalReason, string>> = {
  erased: 'This recording was erased on request.',
  'not-yours': 'This call or recording belongs to another agent.',
  'no-consent':
    'No administrator has confirmed the consent rule: nothing may be recorded (setting recording.consent).',
  'opted-out': 'This extension or caller is never recorded (setting recording.optOut).',
  'disk-full': 'The hub has no space; it takes the recording as soon as it has.',
  'broken-record': 'A record was damaged on its way, or is none.',
  'header-differs': 'The hub knows this part, or its recording, with another head.',
}

interface ReplicationState extends AgentReplicationNeeds {
  readonly streams: Map<number, Stream>
  /** Openings under way, by stream: a close, or a newer opening of the same stream, ends them. */
  readonly opening: Map<number, object>
  stopped: boolean
  /** The agent's share is full: its socket is not read. */
  isHolding: boolean
}

/**
 * Creates the replication of one connected agent: a stream for each part, from `part-open` to `part-close`, a refusal or
 * the end of the link. Sends positions, acknowledgements and refusals. Rules R1 to R9.
 */
export function createAgentReplication(needs: AgentReplicationNeeds): AgentReplication {
  const state: ReplicationState = {
    ...needs,
    streams: new Map(),
    opening: new Map(),
    stopped: false,
    isHolding: false,
  }
  return {
    open: (stream, header, reported) => open(state, stream, header, reported),
    close: (stream) => end(state, stream),
    frame: (bytes) => append(state, bytes),
    stop() {
      state.stopped = true
      for (const stream of [...state.streams.keys()]) end(state, stream)
    },
  }
}

function end({ opening, streams }: ReplicationState, stream: number): void {
  opening.delete(stream)
  streams.get(stream)?.stopListening()
  streams.delete(stream)
}

function refuse(
  state: ReplicationState,
  stream: number,
  reason: RefusalReason,
  detail = DETAILS[reason],
): void {
  end(state, stream)
  state.send({ kind: 'part-refused', stream, reason, detail })
}

/** Returns why this part may not be recorded, by the hub's rules; undefined: it may. */
function ruleAgainst(state: ReplicationState, header: PartHeader): RefusalReason | undefined {
  const rules = state.settings()
  if (!rules.consent.confirmed) return 'no-consent'
  const call = state.callOf(header.callId)
  const extensions = [state.extension, header.extension, ...(call ? [call.extension] : [])]
  return isOptedOut(rules, { extensions, number: call?.remoteNumber }) ? 'opted-out' : undefined
}

function noteForeign(
  { foreign, agentId }: ReplicationState,
  { recordingId, callId, part }: PartHeader,
): void {
  foreign.note('recording.part-of-another-refused', agentId, { recordingId, callId, part })
}

async function open(
  state: ReplicationState,
  stream: number,
  header: PartHeader,
  reported: Promise<unknown> | undefined,
): Promise<void> {
  const { opening, recordings, send } = state
  const token = {}
  opening.set(stream, token)
  await reported
  const isOver = () => state.stopped || opening.get(stream) !== token
  if (isOver()) return
  // Whose it is comes first: another agent learns nothing of the rules that concern the caller.
  const foreign = await state.ownership.refusalOf(state.ids, header)
  if (foreign === 'not-yours') noteForeign(state, header)
  const reason = foreign ?? ruleAgainst(state, header)
  if (isOver()) return
  if (reason) return refuse(state, stream, reason)
  const { recordingId, part } = header
  // A power cut took the seal from the agent; here the recording is complete and done. An empty part after its seal would
  // make it incomplete forever, because the agent drops its copy before it fills the part. Rules R6 and R9.
  const holds = recordings.state(recordingId)?.parts.some((one) => one.header.part === part)
  if (holds === false && state.isSafe(recordingId)) {
    end(state, stream)
    return send({ kind: 'recording-safe', recordingId })
  }
  const agentId = recordings.state(recordingId)?.agentId ?? state.agentId // it was compared: the owner, or nobody yet
  const outcome = await recordings.openPart({ ...header, agentId })
  if (!outcome.ok) return isOver() ? undefined : refuse(state, stream, outcome.reason, detailOf(outcome))
  // A report that names the caller may have been stored while the part was opened.
  const reasonNow = ruleAgainst(state, header)
  if (reasonNow === 'opted-out')
    await state.erase(recordingId, state.callOf(header.callId)?.callId, state.agentId)
  if (isOver()) return
  if (reasonNow) return refuse(state, stream, reasonNow)
  end(state, stream)
  const ref = { recordingId, part }
  const stopListening = recordings.onPartFlushed(ref, (position) =>
    send({ kind: 'records-flushed', stream, position }),
  )
  state.streams.set(stream, { ref, stopListening, stalled: false })
  send({ kind: 'part-position', stream, position: outcome.position })
  // What was flushed before this link is acknowledged again: an answer may have been lost with the old one.
  send({ kind: 'records-flushed', stream, position: outcome.flushed })
  if (state.isSafe(recordingId)) send({ kind: 'recording-safe', recordingId })
}

function append(state: ReplicationState, bytes: Uint8Array): void {
  const number = streamOfFrame(bytes)
  const stream = number === undefined ? undefined : state.streams.get(number)
  if (number === undefined || !stream) return // of a part that was refused or closed meanwhile
  const frame = decodeFrame(bytes)
  if (!frame.ok) return refuse(state, number, 'broken-record')
  const outcome = state.recordings.append(stream.ref, frame.records)
  if (outcome.ok) {
    stream.stalled = false
    state.onRecords(frame.records.length)
    if (outcome.room) void hold(state, outcome.room)
    return
  }
  switch (outcome.reason) {
    case 'position':
      if (!stream.stalled) state.send({ kind: 'part-position', stream: number, position: outcome.position })
      stream.stalled = true
      return
    case 'erased':
    case 'disk-full':
      return refuse(state, number, outcome.reason, detailOf(outcome))
    case 'unknown-part':
    case 'sealed':
      return refuse(state, number, 'header-differs')
  }
}

const detailOf = (outcome: object): string | undefined =>
  'detail' in outcome && typeof outcome.detail === 'string' ? outcome.detail : undefined

/** Lets what the agent sends too fast wait on its own machine: the disk is shared by all. Rule R17. */
async function hold(state: ReplicationState, room: Promise<void>): Promise<void> {
  if (state.isHolding) return
  state.isHolding = true
  const letGo = state.holdReading()
  await room
  state.isHolding = false
  letGo()
}

import { isActive, HOUR_MS, type CallId, type Clock, type RecordingId } from '@3cx-ninja/protocol'
import { callFactMessage, pbxLinkMessage } from '../calls/callFacts.ts'
import { hasNewIdentity } from '../calls/hasNewIdentity.ts'
import type { Dispatcher } from '../dispatch/ports.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { Retention } from '../retention/retention.ts'
import type { AgentSocket } from '../sockets/agentSocket.ts'
import { DECIDED_DRAFT_MS } from '../tickets/tuning.ts'
import type { Transcripts } from '../transcripts/transcripts.ts'
import type { WallboardFeed } from '../wallboard/wallboardFeed.ts'
import type { Filing } from './openFiling.ts'

/** A call that ended in this time still has its draft in memory after a start: an hour less than decided drafts are loaded. */
const RECENT_DRAFTS_MS = DECIDED_DRAFT_MS - HOUR_MS

/** The parts that notify each other; none of them knows another one. */
export interface WiredParts {
  readonly filing: Filing
  readonly transcripts: Transcripts
  readonly dispatcher: Dispatcher
  readonly recordings: Pick<RecordingStore, 'list' | 'state' | 'onDurable'>
  readonly retention: Retention
  readonly agents: AgentSocket
  readonly wallboard: WallboardFeed
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  /** Audio is deleted as soon as nothing needs it. */
  readonly keepsNoAudio: boolean
}

/** Event wiring: sends each change to the agent it concerns, to the wallboard, and to the part that acts on it. */
export function wireEvents(parts: WiredParts): void {
  wireCalls(parts)
  repeatAfterRestart(parts)
  wireTranscripts(parts)
  wireDrafts(parts)
  showFigures(parts)
}

const failed =
  ({ log }: WiredParts, event: string) =>
  (error: unknown) =>
    log.error({ error: String(error) }, event)

function wireCalls(parts: WiredParts): void {
  const { transcripts, agents, wallboard, log } = parts
  const { calls, drafts } = parts.filing
  calls.onChange((call, before) => {
    wallboard.call(call)
    drafts.onCall(call).catch(failed(parts, 'draft.call-failed'))
    if (call.agentId && hasNewIdentity(before, call))
      agents.send(call.agentId, { kind: 'call-identified', alias: calls.agentsIdOf(call.callId), call })
    if (before?.phase !== call.phase)
      log.info({ callId: call.callId, phase: call.phase, extension: call.extension }, 'call.changed')
    if (!isActive(call) && call.phase !== 'wrap-up') transcripts.forget(call.callId)
  })
  calls.onFact((held) => {
    const { leg, extension, state } = held.fact
    log.info({ callId: held.callId, leg, extension, state }, 'call.fact')
    agents.sendToEach((one) => (one === extension ? callFactMessage(held) : undefined))
  })
  calls.onPbxLink(() => {
    log.info({ at: calls.pbxFactsOf('').at }, 'pbx.link')
    agents.sendToEach((extension) => pbxLinkMessage(calls, extension))
  })
}

/**
 * Notifies the drafts again of what they may have missed: a hub that died between storing a fact and the draft's share of it
 * never gets that fact again. A repeated notification changes nothing.
 */
function repeatAfterRestart(parts: WiredParts): void {
  const { dispatcher, recordings } = parts
  const { calls, drafts } = parts.filing
  for (const call of calls.list())
    if ((call.endedAtMs ?? Infinity) >= parts.clock.nowMs() - RECENT_DRAFTS_MS)
      drafts.onRestart(call).catch(failed(parts, 'draft.call-failed'))
  // The same for the end of a transcription; a recording whose text a draft still waits for is never deleted.
  for (const { recordingId, callId } of recordings.list()) {
    const call = dispatcher.isTranscribed(recordingId) ? calls.find(callId) : undefined
    if (call) drafts.onTranscribed(call.callId).catch(failed(parts, 'draft.transcript-failed'))
  }
}

function wireTranscripts(parts: WiredParts): void {
  const { transcripts, dispatcher, recordings, retention, agents, wallboard } = parts
  const { calls, drafts } = parts.filing
  transcripts.onUtterance((callId, utterance) => {
    wallboard.utterance(callId, utterance)
    drafts.onUtterance(callId, utterance)
    const agentId = calls.find(callId)?.agentId
    if (agentId) agents.send(agentId, { kind: 'utterance', callId, utterance })
  })
  dispatcher.onTranscribed((recordingId, callId) => {
    const call = calls.find(callId)
    drafts.onTranscribed(call?.callId ?? callId).catch(failed(parts, 'draft.transcript-failed'))
    sendSafe(parts, recordingId, callId)
    if (parts.keepsNoAudio) void retention.sweep()
  })
  recordings.onDurable((recordingId) => {
    const callId = recordings.state(recordingId)?.callId
    if (callId) sendSafe(parts, recordingId, callId)
  })
}

/**
 * Sends `recording-safe` when the transcript is stored and all of the recording survives a power cut, whichever comes last.
 * The agent deletes its copy then. Rule R9.
 */
function sendSafe(parts: WiredParts, recordingId: RecordingId, callId: CallId): void {
  const { dispatcher, recordings, agents } = parts
  const recording = recordings.state(recordingId)
  if (!recording?.durable || !dispatcher.isTranscribed(recordingId)) return
  // Another enrollment of the same machine may have taken the call over.
  const owners = new Set([recording.agentId, parts.filing.calls.find(callId)?.agentId])
  for (const owner of owners) if (owner) agents.send(owner, { kind: 'recording-safe', recordingId })
}

function wireDrafts(parts: WiredParts): void {
  const { retention, agents, wallboard, metrics } = parts
  const { drafts, outbox } = parts.filing
  drafts.onChange((draft, agentId, call) => {
    wallboard.draft(draft, call)
    if (agentId) agents.send(agentId, { kind: 'draft', draft })
    if (parts.keepsNoAudio && (draft.state.at === 'filed' || draft.state.at === 'discarded'))
      void retention.sweep()
  })
  // A filed draft may still change (late text, late facts): only the outbox reports a ticket once.
  outbox.onOutcome(({ event }) => {
    if (event.kind === 'filed') metrics.tickets.inc()
  })
  drafts.onProposed((afterMs) => {
    metrics.hangUpToDraft.observe(afterMs / 1_000)
    wallboard.hangUpToDraft(afterMs)
  })
}

function showFigures({ metrics, dispatcher, filing: { drafts, outbox } }: WiredParts): void {
  metrics.show('hub_slots', 'Call slots of the connected workers', () => dispatcher.slots().total)
  metrics.show('hub_leases', 'Calls being transcribed', () => dispatcher.slots().used)
  metrics.show(
    'hub_recordings_waiting',
    'Recordings that wait for a free slot',
    () => dispatcher.slots().waiting,
  )
  metrics.show('hub_drafts_waiting', 'Drafts offered and not yet filed or discarded', () => drafts.waiting())
  metrics.show('hub_writes_waiting', 'Tickets and comments not yet in the helpdesk', () => outbox.waiting())
  metrics.show('hub_writes_blocked', 'Of these, those that wait for a person', () =>
    outbox.blocked().reduce((sum, { count }) => sum + count, 0),
  )
}

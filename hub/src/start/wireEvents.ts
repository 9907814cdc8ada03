import { isActive, HOUR_MS, type Clock } from '@3cx-ninja/protocol'
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

/** Wires the events: each change goes to the agent it concerns, to the wallboard, and to the part that acts on it. */
export function wireEvents(parts: {
  readonly filing: Filing
  readonly transcripts: Transcripts
  readonly dispatcher: Dispatcher
  readonly recordings: Pick<RecordingStore, 'list'>
  readonly retention: Retention
  readonly agents: AgentSocket
  readonly wallboard: WallboardFeed
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  /** Sound goes as soon as it need not be kept. */
  readonly keepsNoAudio: boolean
}): void {
  const { transcripts, dispatcher, retention, agents, wallboard, metrics, log } = parts
  const { calls, drafts, outbox } = parts.filing
  const failed = (event: string) => (error: unknown) => log.error({ error: String(error) }, event)

  calls.onChange((call, before) => {
    wallboard.call(call)
    drafts.onCall(call).catch(failed('draft.call-failed'))
    if (call.agentId && hasNewIdentity(before, call))
      agents.send(call.agentId, { kind: 'call-identified', alias: calls.agentsIdOf(call.callId), call })
    if (before?.phase !== call.phase)
      log.info({ callId: call.callId, phase: call.phase, extension: call.extension }, 'call.changed')
    if (!isActive(call) && call.phase !== 'wrap-up') transcripts.forget(call.callId)
  })
  calls.onFact((held) => {
    const { leg, extension, state: tells } = held.fact
    log.info({ callId: held.callId, leg, extension, state: tells }, 'call.fact')
    agents.sendToEach((one) => (one === extension ? callFactMessage(held) : undefined))
  })
  calls.onPbxLink(() => {
    log.info({ at: calls.pbxFactsOf('').at }, 'pbx.link')
    agents.sendToEach((extension) => pbxLinkMessage(calls, extension))
  })
  // A hub that died between storing a fact and the draft's share of it: nobody tells that fact again. Told twice it changes nothing.
  for (const call of calls.list())
    if ((call.endedAtMs ?? Infinity) >= parts.clock.nowMs() - RECENT_DRAFTS_MS)
      drafts.onRestart(call).catch(failed('draft.call-failed'))
  // The same of the end of a transcription; a recording whose text a draft still waits for is never deleted.
  for (const { recordingId, callId } of parts.recordings.list()) {
    const call = dispatcher.isTranscribed(recordingId) ? calls.find(callId) : undefined
    if (call) drafts.onTranscribed(call.callId).catch(failed('draft.transcript-failed'))
  }
  transcripts.onUtterance((callId, utterance) => {
    wallboard.utterance(callId, utterance)
    drafts.onUtterance(callId, utterance)
    const agentId = calls.find(callId)?.agentId
    if (agentId) agents.send(agentId, { kind: 'utterance', callId, utterance })
  })
  dispatcher.onTranscribed((recordingId, callId) => {
    const call = calls.find(callId)
    drafts.onTranscribed(call?.callId ?? callId).catch(failed('draft.transcript-failed'))
    if (call?.agentId) agents.send(call.agentId, { kind: 'recording-safe', recordingId })
    if (parts.keepsNoAudio) void retention.sweep()
  })
  drafts.onChange((draft, agentId, call) => {
    wallboard.draft(draft, call)
    if (agentId) agents.send(agentId, { kind: 'draft', draft })
    if (parts.keepsNoAudio && (draft.state.at === 'filed' || draft.state.at === 'discarded'))
      void retention.sweep()
  })
  // A filed draft may still change (late text, late facts): only the outbox tells a ticket once.
  outbox.onOutcome(({ event }) => {
    if (event.kind === 'filed') metrics.tickets.inc()
  })
  metrics.show('hub_slots', 'Call slots of the connected workers', () => dispatcher.slots().total)
  metrics.show('hub_leases', 'Calls being transcribed', () => dispatcher.slots().used)
  metrics.show(
    'hub_recordings_waiting',
    'Recordings that no worker has taken',
    () => dispatcher.slots().waiting,
  )
  metrics.show('hub_drafts_waiting', 'Drafts offered and not yet filed or discarded', () => drafts.waiting())
  metrics.show('hub_writes_waiting', 'Tickets and comments not yet in the helpdesk', () => outbox.waiting())
  metrics.show('hub_writes_blocked', 'Of these, those that wait for a person', () =>
    outbox.blocked().reduce((sum, { count }) => sum + count, 0),
  )
  drafts.onProposed((afterMs) => {
    metrics.hangUpToDraft.observe(afterMs / 1_000)
    wallboard.hangUpToDraft(afterMs)
  })
}

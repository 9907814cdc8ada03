import type { AgentId, AgentToHub, CallId, HubToAgent, RecordingId } from '@3cx-ninja/protocol'
import type { Calls } from '../calls/calls.ts'
import type { Log } from '../observe/log.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { Drafts } from '../tickets/drafts.ts'
import type { AgentReplication } from './agentReplication.ts'

/** What the messages of one agent act on, and the link that answers it. */
export interface AgentMessageNeeds {
  readonly agentId: AgentId
  readonly agentName: string
  readonly send: (message: HubToAgent) => void
  readonly replication: Pick<AgentReplication, 'open' | 'close'>
  readonly calls: Calls
  readonly drafts: Drafts
  readonly recordings: Pick<RecordingStore, 'state'>
  readonly erase: (recordingId: RecordingId, callId: CallId | undefined) => Promise<void>
  readonly log: Log
}

/**
 * Returns the handler of one agent's messages: it applies each and sends the answers. Rejects when the hub itself
 * fails.
 */
export function createAgentMessageHandler(needs: AgentMessageNeeds): (message: AgentToHub) => Promise<void> {
  const { agentId, calls, drafts, replication, send } = needs

  const erase = async (recordingId: RecordingId) => {
    const state = needs.recordings.state(recordingId)
    const call =
      calls.list().find((one) => one.recordingId === recordingId) ?? (state && calls.find(state.callId))
    if (call?.agentId !== undefined && call.agentId !== agentId) {
      // The recording belongs to another agent and stays. The request is answered, or the agent would send it forever.
      needs.log.warn({ agentId, recordingId, owner: call.agentId }, 'recording.erase-of-another-refused')
    } else await needs.erase(recordingId, call?.callId ?? state?.callId)
    send({ kind: 'recording-erased', recordingId })
  }
  const answer = (
    draftId: Extract<HubToAgent, { kind: 'draft-refused' }>['draftId'],
    outcome: Awaited<ReturnType<Drafts['edit']>>,
  ) => {
    if (outcome.ok) return
    const { reason, draft } = outcome
    send({ kind: 'draft-refused', draftId, reason, ...(draft ? { draft } : {}) })
  }

  /** Reports under way. An agent that comes back says them in one breath with its parts, whose call they make known. */
  let reporting: Promise<unknown> = Promise.resolve()

  return async (message) => {
    switch (message.kind) {
      case 'call-report': {
        const { callId, revision } = message.call
        const stored = calls.report({ agentId, agentName: needs.agentName, call: message.call })
        reporting = Promise.allSettled([reporting, stored])
        const call = await stored
        send({ kind: 'call-stored', callId, revision })
        return send({ kind: 'call-identified', alias: callId, call })
      }
      case 'part-open':
        // Not before: whose call it is and whether its caller is recorded at all is judged by the report.
        return replication.open(message.stream, message.header, reporting)
      case 'part-close':
        return replication.close(message.stream)
      case 'recording-erase':
        return erase(message.recordingId)
      case 'draft-visible':
        return drafts.visible(agentId, message.draftId)
      case 'draft-edit': {
        const { draftId, baseRevision, changes } = message
        return answer(draftId, await drafts.edit(agentId, draftId, baseRevision, changes))
      }
      case 'draft-decide': {
        const { draftId, baseRevision, decision: choice } = message
        return answer(draftId, await drafts.decide(agentId, draftId, baseRevision, choice))
      }
    }
  }
}

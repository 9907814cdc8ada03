import type {
  AgentId,
  AgentToHub,
  CallId,
  CallSnapshot,
  Clock,
  HubToAgent,
  RecordingId,
} from '@3cx-ninja/protocol'
import type { Calls } from '../calls/calls.ts'
import type { Erasures } from '../erasures/erasures.ts'
import type { Log } from '../observe/log.ts'
import type { Drafts } from '../tickets/drafts.ts'
import type { ErasureQuota } from './erasureQuota.ts'
import type { AgentReplication } from './agentReplication.ts'
import type { ForeignRequests } from './foreignRequests.ts'
import type { AgentIds, Ownership } from './ownership.ts'
import { socketsTuning } from './tuning.ts'

/** What the messages of one agent act on, and the link that answers it. */
export interface AgentMessageNeeds {
  readonly agentId: AgentId
  readonly agentName: string
  /** The extension with which the agent enrolled; empty without one. */
  readonly extension: string
  /** The agent's id and those of the earlier enrollments of its machine. */
  readonly ids: AgentIds
  readonly send: (message: HubToAgent) => void
  readonly replication: Pick<AgentReplication, 'open' | 'close'>
  readonly calls: Calls
  readonly drafts: Drafts
  readonly ownership: Pick<Ownership, 'erasureOf' | 'mayReport'>
  readonly foreign: ForeignRequests
  readonly erasures: Pick<Erasures, 'overwritten'>
  readonly erasureQuota: ErasureQuota
  readonly erase: Erasures['erase']
  /** Called when a report of a new call was refused because the agent has too many. */
  readonly onFull: (callId: CallId) => void
  readonly log: Log
  readonly clock: Pick<Clock, 'nowMs'>
}

/** Returns the handler of one agent's messages: it applies each and sends the answers. Rejects when the hub itself fails. */
export function createAgentMessageHandler(needs: AgentMessageNeeds): (message: AgentToHub) => Promise<void> {
  const { agentId, calls, drafts, replication, send } = needs
  const erase = async (recordingId: RecordingId) => {
    const erasure = await needs.ownership.erasureOf(needs.ids, recordingId)
    const erased = () => send({ kind: 'recording-erased', recordingId })
    if (!erasure.ok) {
      needs.foreign.note('recording.erase-of-another-refused', agentId, { recordingId, owner: erasure.owner })
      return erased() // it stays, but an agent without an answer would ask forever
    }
    if (erasure.callId === undefined && !needs.erasureQuota.allows(agentId)) return // rule R18
    await needs.erase(recordingId, erasure.callId, agentId)
    if (erasure.callId === undefined) return erased() // the database has nothing of it
    // Not awaited: a reader may keep the database's log for minutes. At a stop it rejects, and the agent repeats the request.
    void needs.erasures.overwritten().then(erased, () => undefined)
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

  const report = async (call: CallSnapshot, sentAtMs: number | undefined) => {
    const { callId, revision } = call
    // Not answered: the agent keeps the report, and sends it again after each welcome. Rule C10.
    if (!calls.find(callId) && !(calls.hasRoom(agentId) && drafts.hasRoom(agentId)))
      return needs.onFull(callId)
    const stored = needs.ownership.mayReport(needs.ids, callId)
      ? calls.report({
          agentId,
          agentName: needs.agentName,
          extension: needs.extension,
          formerIds: needs.ids,
          call,
          ...clockOf(sentAtMs, needs.clock.nowMs()),
        })
      : Promise.resolve(undefined)
    reporting = Promise.allSettled([reporting, stored])
    const onBoard = await stored
    // Answered in every case, or the agent would report it forever; whose call it is, only its own agent learns.
    send({ kind: 'call-stored', callId, revision })
    if (onBoard?.agentId === agentId) send({ kind: 'call-identified', alias: callId, call: onBoard })
    else if (!call.elsewhere)
      // Elsewhere, it is the usual report of a technician's second PC. Rule C6.
      needs.foreign.note('call.report-of-another-refused', agentId, { callId, owner: onBoard?.agentId })
    // Until the drafts keep up with the reports: else what the reports cause would wait without a bound.
    return drafts.room(agentId)
  }

  return async (message) => {
    switch (message.kind) {
      case 'call-report':
        return report(message.call, message.sentAtMs)
      case 'join-take-back':
        return takeBack(needs, message.callId)
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

/** Takes a join apart and answers with the call as it is now; another agent's call is not answered. Rule C13. */
async function takeBack({ agentId, calls, send, log }: AgentMessageNeeds, alias: CallId): Promise<void> {
  const call = await calls.takeBackJoin(agentId, alias)
  if (!call) return
  log.info({ agentId, callId: call.callId }, 'call.join-taken-back')
  send({ kind: 'call-identified', alias, call })
}

/** Returns how far the agent's clock is ahead; a smaller difference is the way of the message. Nothing where it did not say. */
function clockOf(sentAtMs: number | undefined, nowMs: number): { readonly clockAheadMs?: number } {
  if (sentAtMs === undefined) return {}
  const aheadMs = sentAtMs - nowMs
  return { clockAheadMs: Math.abs(aheadMs) < socketsTuning.sameClockMs ? 0 : aheadMs }
}

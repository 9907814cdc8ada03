import {
  MAX_FRAME_BYTES,
  acceptLink,
  agentId as agentIdSchema,
  agentToHub,
  type AcceptedLink,
  type AgentId,
  type AgentSettings,
  type AgentToHub,
  type CallId,
  type Clock,
  type HubToAgent,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { bearerOf, type Access } from '../access/access.ts'
import type { Calls } from '../calls/calls.ts'
import type { Log } from '../observe/log.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { SocketRoute } from '../server/serverPort.ts'
import type { Drafts } from '../tickets/drafts.ts'
import { createReplication } from './agentReplication.ts'
import { refuseToken } from './refuseToken.ts'

export interface AgentSocketNeeds {
  readonly access: Access
  readonly calls: Calls
  readonly recordings: RecordingStore
  readonly drafts: Drafts
  readonly clock: Clock
  readonly hubVersion: string
  readonly log: Log
  readonly settings: () => AgentSettings
  /** Transcribed and flushed: the agent may delete its copy. */
  readonly isSafe: (recordingId: RecordingId) => boolean
  readonly erase: (recordingId: RecordingId, callId: CallId | undefined) => Promise<void>
  readonly onRecords: (count: number) => void
  readonly onCount: (count: number) => void
  readonly onPresence: (agentId: AgentId, name: string, extension: string, online: boolean) => void
}

export interface AgentSocket extends SocketRoute {
  /** To this agent, if it is connected. */
  send(agentId: AgentId, message: HubToAgent): void
}

type Link = AcceptedLink<HubToAgent>

/** `/link/agent`: call reports, recordings, drafts. Rules C, R and D of PROTOCOL.md. */
export function createAgentSocket(needs: AgentSocketNeeds): AgentSocket {
  const { access, calls, drafts, clock, log } = needs
  const connected = new Map<AgentId, Link>()

  return {
    path: '/link/agent',
    maxPayloadBytes: MAX_FRAME_BYTES,
    maxBufferedBytes: 8 * 1_048_576,
    send: (agentId, message) => connected.get(agentId)?.send(message),
    async authorise(request) {
      const token = await access.authorise('agent', bearerOf(request.headers), request.remoteAddress)
      if (!token.ok) return refuseToken(token.reason)
      const { member } = token
      const agentId = agentIdSchema.parse(member.id)
      return {
        ok: true,
        context: (socket) => {
          const link: Link = acceptLink<AgentToHub, HubToAgent>({
            socket,
            role: 'agent',
            you: member.id,
            hubVersion: needs.hubVersion,
            clock,
            incoming: agentToHub,
            onReady() {
              connected.get(agentId)?.close('replaced')
              connected.set(agentId, link)
              needs.onCount(connected.size)
              needs.onPresence(agentId, member.name, member.extension ?? '', true)
              log.info({ agentId, extension: member.extension }, 'agent.connected')
              link.send(needs.settings())
              for (const draft of drafts.forAgent(agentId)) link.send({ kind: 'draft', draft })
            },
            onMessage(message) {
              receive(message).catch((error: unknown) => {
                log.error({ agentId, kind: message.kind, error: String(error) }, 'agent.message-failed')
                link.close('internal')
              })
            },
            onBinary: (frame) => replication.frame(frame),
            onClosed({ code, wasReady }) {
              replication.stop()
              if (connected.get(agentId) === link) {
                connected.delete(agentId)
                drafts.agentGone(agentId)
                needs.onPresence(agentId, member.name, member.extension ?? '', false)
              }
              needs.onCount(connected.size)
              if (wasReady) log.info({ agentId, code }, 'agent.gone')
            },
            onOddMessage: (odd) => log.warn({ agentId, ...odd }, 'agent.odd-message'),
          })
          const replication = createReplication({
            ...needs,
            extension: member.extension ?? '',
            send: link.send,
            callOf: (callId) => calls.find(callId),
            ownsCall: (callId) => (calls.find(callId)?.agentId ?? agentId) === agentId,
          })

          const receive = async (message: AgentToHub): Promise<void> => {
            switch (message.kind) {
              case 'call-report': {
                const call = await calls.report({ agentId, agentName: member.name, call: message.call })
                link.send({
                  kind: 'call-stored',
                  callId: message.call.callId,
                  revision: message.call.revision,
                })
                link.send({ kind: 'call-identified', alias: message.call.callId, call })
                return
              }
              case 'part-open':
                return replication.open(message.stream, message.header)
              case 'part-close':
                return replication.close(message.stream)
              case 'recording-erase': {
                const { recordingId } = message
                const state = needs.recordings.state(recordingId)
                const call =
                  calls.list().find((one) => one.recordingId === recordingId) ??
                  (state && calls.find(state.callId))
                if (call?.agentId !== undefined && call.agentId !== agentId) return
                await needs.erase(recordingId, call?.callId ?? state?.callId)
                link.send({ kind: 'recording-erased', recordingId })
                return
              }
              case 'draft-visible':
                return drafts.visible(agentId, message.draftId, message.revision)
              case 'draft-edit':
              case 'draft-decide': {
                const { draftId, baseRevision } = message
                const outcome =
                  message.kind === 'draft-edit'
                    ? await drafts.edit(agentId, draftId, baseRevision, message.changes)
                    : await drafts.decide(agentId, draftId, baseRevision, message.choice)
                if (!outcome.ok)
                  link.send({
                    kind: 'draft-refused',
                    draftId,
                    reason: outcome.reason,
                    ...(outcome.draft ? { draft: outcome.draft } : {}),
                  })
              }
            }
          }
          return { message: link.received, close: link.closed }
        },
      }
    },
  }
}

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
  type Utterance,
} from '@3cx-ninja/protocol'
import { bearerOf, type Access } from '../access/access.ts'
import { callFactsOf } from '../calls/callFacts.ts'
import { callsOfAgent, type Calls } from '../calls/calls.ts'
import type { ClientRow } from '../database/commands/access.ts'
import type { Log } from '../observe/log.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { ServerSocket, SocketHandlers, SocketRoute } from '../server/serverPort.ts'
import type { Drafts } from '../tickets/drafts.ts'
import { createAgentMessageHandler } from './agentMessages.ts'
import { createAgentReplication } from './agentReplication.ts'
import { createFloodGuard } from './floodGuard.ts'
import { createClientLinks } from './clientLinks.ts'
import { refuseToken } from './refuseToken.ts'
import type { SharedTokens } from './sharedTokens.ts'

export interface AgentSocketNeeds {
  readonly access: Pick<Access, 'authorize' | 'onRevoked' | 'wasRevoked' | 'linkOpened'>
  readonly calls: Calls
  readonly recordings: RecordingStore
  readonly drafts: Drafts
  readonly clock: Clock
  readonly hubVersion: string
  readonly log: Log
  readonly settings: () => AgentSettings
  /** Everything said in a call that is on. Rule U3. */
  readonly utterancesOf: (callId: CallId) => Promise<readonly Utterance[]>
  /** Transcribed and flushed: the agent may delete its copy. */
  readonly isSafe: (recordingId: RecordingId) => boolean
  readonly erase: (recordingId: RecordingId, callId: CallId | undefined) => Promise<void>
  readonly onRecords: (count: number) => void
  readonly onCount: (count: number) => void
  readonly sharedTokens: Pick<SharedTokens, 'connected'>
  readonly onPresence: (agentId: AgentId, name: string, extension: string, online: boolean) => void
}

export interface AgentSocket extends SocketRoute {
  /** To this agent, if it is connected. */
  send(agentId: AgentId, message: HubToAgent): void
  /** To all that are connected: the rules have changed. Rule S1. */
  settingsChanged(): void
  /** To each connected agent what its extension is to hear; undefined: nothing. One without an extension hears nothing. */
  sendToEach(messageFor: (extension: string) => HubToAgent | undefined): void
}

type Link = AcceptedLink<HubToAgent>

/** Ten frames a second while live; catching up, frames of 64 records fill a gigabit line with about as many. */
const MESSAGES_PER_SECOND = 5_000
const MAX_BUFFERED_BYTES = 8 * 1_048_576

/** `/link/agent`: call reports, recordings, drafts. Rules S, C, R, U and D of PROTOCOL.md. */
export function createAgentSocket(needs: AgentSocketNeeds): AgentSocket {
  const { access, calls, drafts, clock, log } = needs
  const connected = new Map<AgentId, Link>()
  const extensions = new Map<Link, string>()
  const clientLinks = createClientLinks(access)

  const welcome = (agentId: AgentId, extension: string, link: Link) => {
    link.send(needs.settings())
    if (extension) for (const message of callFactsOf(calls, extension)) link.send(message)
    for (const draft of drafts.forAgent(agentId)) link.send({ kind: 'draft', draft })
    for (const { callId } of callsOfAgent(calls, agentId))
      needs.utterancesOf(callId).then(
        (utterances) => {
          for (const utterance of utterances) link.send({ kind: 'utterance', callId, utterance })
        },
        (error: unknown) => log.error({ agentId, callId, error: String(error) }, 'agent.transcript-not-read'),
      )
  }

  const adopt = (socket: ServerSocket, client: ClientRow, address: string): SocketHandlers => {
    const agentId = agentIdSchema.parse(client.id)
    const extension = client.extension ?? ''
    let release: () => void = () => undefined
    const flood = createFloodGuard({ clock, perSecond: MESSAGES_PER_SECOND })
    const link: Link = acceptLink<AgentToHub, HubToAgent>({
      socket,
      role: 'agent',
      clientId: client.id,
      hubVersion: needs.hubVersion,
      clock,
      incoming: agentToHub,
      onReady({ instance, machine }) {
        const { name } = client
        needs.sharedTokens.connected({ clientId: client.id, role: 'agent', name, instance, machine, address })
        connected.get(agentId)?.close('replaced')
        connected.set(agentId, link)
        if (extension) extensions.set(link, extension)
        needs.onCount(connected.size)
        needs.onPresence(agentId, client.name, extension, true)
        log.info({ agentId, extension }, 'agent.connected')
        welcome(agentId, extension, link)
      },
      onMessage(message) {
        handle(message).catch((error: unknown) => {
          log.error({ agentId, kind: message.kind, error: String(error) }, 'agent.message-failed')
          link.close('internal')
        })
      },
      onBinary: (frame) => replication.frame(frame),
      onClosed({ code, wasReady }) {
        release()
        extensions.delete(link)
        replication.stop()
        if (connected.get(agentId) === link) {
          connected.delete(agentId)
          drafts.agentGone(agentId)
          needs.onPresence(agentId, client.name, extension, false)
        }
        needs.onCount(connected.size)
        if (wasReady) log.info({ agentId, code }, 'agent.disconnected')
      },
      onUnexpectedMessage: (unexpected) => log.warn({ agentId, ...unexpected }, 'agent.unexpected-message'),
    })
    const replication = createAgentReplication({
      ...needs,
      extension,
      send: link.send,
      callOf: (callId) => calls.find(callId),
      ownsCall: (callId) => (calls.find(callId)?.agentId ?? agentId) === agentId,
    })
    const handle = createAgentMessageHandler({
      ...needs,
      agentId,
      agentName: client.name,
      send: link.send,
      replication,
    })
    release = clientLinks.add(client.id, link)
    return {
      message(data) {
        if (flood.allows()) link.received(data)
        else link.close('tooMany')
      },
      close: link.closed,
    }
  }

  return {
    path: '/link/agent',
    maxPayloadBytes: MAX_FRAME_BYTES,
    maxBufferedBytes: MAX_BUFFERED_BYTES,
    send: (agentId, message) => connected.get(agentId)?.send(message),
    settingsChanged() {
      for (const link of connected.values()) link.send(needs.settings())
    },
    sendToEach(messageFor) {
      for (const [link, extension] of extensions) {
        const message = messageFor(extension)
        if (message) link.send(message)
      }
    },
    async authorize(request) {
      const token = await access.authorize('agent', bearerOf(request.headers), request.remoteAddress)
      if (!token.ok) return refuseToken(token.reason)
      return { ok: true, context: (socket) => adopt(socket, token.client, request.remoteAddress) }
    },
  }
}

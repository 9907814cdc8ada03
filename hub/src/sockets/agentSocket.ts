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
import { createClientLinks, type ClientLinks } from './clientLinks.ts'
import type { Ownership } from './ownership.ts'
import { refuseToken } from './refuseToken.ts'
import type { ClientProgram, SharedTokens } from './sharedTokens.ts'

/** What the agents' route works on, and the receivers of what it counts. */
export interface AgentSocketNeeds {
  readonly access: Pick<Access, 'authorize' | 'onRevoked' | 'wasRevoked' | 'linkOpened'>
  readonly calls: Calls
  readonly recordings: RecordingStore
  readonly drafts: Drafts
  readonly clock: Clock
  readonly hubVersion: string
  readonly log: Log
  readonly settings: () => AgentSettings
  /** Resolves with every utterance of an active call so far. Rule U3. */
  readonly utterancesOf: (callId: CallId) => Promise<readonly Utterance[]>
  /** Transcribed and flushed: the agent may delete its copy. */
  readonly isSafe: (recordingId: RecordingId) => boolean
  readonly ownership: Ownership
  readonly erase: (recordingId: RecordingId, callId: CallId | undefined) => Promise<void>
  readonly onRecords: (count: number) => void
  readonly onCount: (count: number) => void
  readonly sharedTokens: Pick<SharedTokens, 'connected'>
  readonly onPresence: (agentId: AgentId, name: string, extension: string, online: boolean) => void
}

/** The route of all agents, with the ways to send to those that are connected. */
export interface AgentSocket extends SocketRoute {
  /** Sends to this agent if it is connected; else the message is dropped. */
  send(agentId: AgentId, message: HubToAgent): void
  /** Sends the new settings to every connected agent. Rule S1. */
  settingsChanged(): void
  /** Sends each connected agent the message for its extension; undefined: none. An agent without an extension gets none. */
  sendToEach(messageFor: (extension: string) => HubToAgent | undefined): void
}

type Link = AcceptedLink<HubToAgent>
type AgentProgram = Pick<ClientProgram, 'instance' | 'machine'>

/** Ten frames a second while live; catching up, frames of 64 records fill a gigabit line with about as many. */
const MESSAGES_PER_SECOND = 5_000
const MAX_BUFFERED_BYTES = 8 * 1_048_576

interface AgentLinks extends AgentSocketNeeds {
  /** The one link of each agent: a second one replaces it. */
  readonly connected: Map<AgentId, Link>
  readonly extensions: Map<Link, string>
  readonly clientLinks: ClientLinks
}

interface Agent {
  readonly agentId: AgentId
  readonly name: string
  readonly extension: string
  readonly address: string
}

/**
 * Creates the route `/link/agent`: call reports, recordings, drafts. A link is authorized, then ready (its hello came), then
 * closed: by the agent, by a newer link of the same agent (`replaced`), by a revoked token, a flood or a failure of the hub.
 * Rules S, C, R, U and D of PROTOCOL.md.
 */
export function createAgentSocket(needs: AgentSocketNeeds): AgentSocket {
  const { access } = needs
  const clientLinks = createClientLinks(access)
  const links: AgentLinks = { ...needs, connected: new Map(), extensions: new Map(), clientLinks }
  return {
    path: '/link/agent',
    maxPayloadBytes: MAX_FRAME_BYTES,
    maxBufferedBytes: MAX_BUFFERED_BYTES,
    send: (agentId, message) => links.connected.get(agentId)?.send(message),
    settingsChanged() {
      for (const link of links.connected.values()) link.send(needs.settings())
    },
    sendToEach(messageFor) {
      for (const [link, extension] of links.extensions) {
        const message = messageFor(extension)
        if (message) link.send(message)
      }
    },
    async authorize(request) {
      const token = await access.authorize('agent', bearerOf(request.headers), request.remoteAddress)
      if (!token.ok) return refuseToken(token.reason)
      return {
        ok: true,
        client: { role: 'agent', id: token.client.id, name: token.client.name },
        context: (socket) => adopt(links, socket, token.client, request.remoteAddress),
      }
    },
  }
}

/** Sends what an agent must have after its hello: settings, live facts, drafts, and the text of its active calls. */
function welcome({ calls, drafts, log, settings, utterancesOf }: AgentLinks, agent: Agent, link: Link): void {
  const { agentId, extension } = agent
  link.send(settings())
  if (extension) for (const message of callFactsOf(calls, extension)) link.send(message)
  for (const draft of drafts.forAgent(agentId)) link.send({ kind: 'draft', draft })
  for (const { callId } of callsOfAgent(calls, agentId))
    utterancesOf(callId).then(
      (utterances) => {
        for (const utterance of utterances) link.send({ kind: 'utterance', callId, utterance })
      },
      (error: unknown) => log.error({ agentId, callId, error: String(error) }, 'agent.transcript-not-read'),
    )
}

function onReady(links: AgentLinks, agent: Agent, link: Link, program: AgentProgram): void {
  const { agentId, name, extension, address } = agent
  const { connected, log } = links
  links.sharedTokens.connected({ clientId: agentId, role: 'agent', name, address, ...program })
  connected.get(agentId)?.close('replaced')
  connected.set(agentId, link)
  if (extension) links.extensions.set(link, extension)
  links.onCount(connected.size)
  links.onPresence(agentId, name, extension, true)
  log.info({ agentId, extension }, 'agent.connected')
  welcome(links, agent, link)
}

function onClosed(links: AgentLinks, { agentId, name, extension }: Agent, link: Link): void {
  const { connected } = links
  links.extensions.delete(link)
  if (connected.get(agentId) === link) {
    connected.delete(agentId)
    links.drafts.agentGone(agentId)
    links.onPresence(agentId, name, extension, false)
  }
  links.onCount(connected.size)
}

/** Accepts one authorized socket as an agent's link. */
function adopt(links: AgentLinks, socket: ServerSocket, client: ClientRow, address: string): SocketHandlers {
  const { calls, clock, hubVersion, log } = links
  const agentId = agentIdSchema.parse(client.id)
  const agent: Agent = { agentId, name: client.name, extension: client.extension ?? '', address }
  let release: () => void = () => undefined
  const flood = createFloodGuard({ clock, perSecond: MESSAGES_PER_SECOND })
  const link: Link = acceptLink<AgentToHub, HubToAgent>({
    socket,
    role: 'agent',
    clientId: agentId,
    hubVersion,
    clock,
    incoming: agentToHub,
    onReady({ instance, machine }) {
      if (!socket.admit()) return link.close('tooMany')
      onReady(links, agent, link, { instance, machine })
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
      replication.stop()
      onClosed(links, agent, link)
      if (wasReady) log.info({ agentId, code }, 'agent.disconnected')
    },
    onUnexpectedMessage: (unexpected) => log.warn({ agentId, ...unexpected }, 'agent.unexpected-message'),
    onFailure: ({ stack }) => log.error({ agentId, error: stack }, 'agent.data-failed'),
  })
  const { send } = link
  const replication = createAgentReplication({
    ...links,
    agentId,
    extension: agent.extension,
    send,
    callOf: (callId) => calls.find(callId),
  })
  const { name: agentName, extension } = agent
  const handle = createAgentMessageHandler({ ...links, agentId, agentName, extension, send, replication })
  release = links.clientLinks.add(agentId, link, address)
  return {
    message(data) {
      if (flood.allows()) link.received(data)
      else link.close('tooMany')
    },
    close: link.closed,
  }
}

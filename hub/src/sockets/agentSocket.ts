import { createBudget, type Budget } from '@3cx-ninja/node-kit/budget.ts'
import { QueueStopped } from '@3cx-ninja/node-kit/fairQueue.ts'
import {
  MAX_FRAME_BYTES,
  acceptLink,
  agentId as agentIdSchema,
  agentToHub,
  hubToAgent,
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
import type { Calls } from '../calls/calls.ts'
import type { ClientRow } from '../database/commands/access.ts'
import type { Erasures } from '../erasures/erasures.ts'
import type { Log } from '../observe/log.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { ServerSocket, SocketHandlers, SocketRoute } from '../server/serverPort.ts'
import type { Drafts } from '../tickets/drafts.ts'
import { createAgentMessageHandler, type AgentMessageNeeds } from './agentMessages.ts'
import { createAgentReplication } from './agentReplication.ts'
import { welcomeAgent } from './agentWelcome.ts'
import type { BusyClients, BusyHow } from './busyClients.ts'
import type { ErasureQuota } from './erasureQuota.ts'
import { createFloodGuard, type FloodGuard } from './floodGuard.ts'
import { createClientLinks, type ClientLinks } from './clientLinks.ts'
import type { ForeignRequests } from './foreignRequests.ts'
import type { AgentIds, Ownership } from './ownership.ts'
import { createIntakes, type Intakes } from './intake.ts'
import { createPagedSender, type PagedSender } from './pagedSender.ts'
import { createPace, createReading } from './reading.ts'
import { refuseToken } from './refuseToken.ts'
import type { ClientProgram, SharedTokens } from './sharedTokens.ts'
import { socketsTuning } from './tuning.ts'

/** What the agents' route works on, and the receivers of what it counts. */
export interface AgentSocketNeeds {
  readonly access: Pick<Access, 'authorize' | 'formerIds' | 'onRevoked' | 'wasRevoked' | 'linkOpened'>
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
  readonly foreign: ForeignRequests
  readonly erasures: Pick<Erasures, 'overwritten' | 'ofAgent'>
  readonly erasureQuota: ErasureQuota
  readonly erase: Erasures['erase']
  readonly onRecords: (count: number) => void
  readonly onCount: (count: number) => void
  readonly sharedTokens: Pick<SharedTokens, 'connected'>
  readonly busyClients: Pick<BusyClients, 'note'>
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

const MAX_BUFFERED_BYTES = 8 * 1_048_576
const FULL = 'The technician files or discards drafts; then the agent’s next link brings this call.'

interface AgentLinks extends AgentSocketNeeds {
  /** The one link of each agent: a second one replaces it. */
  readonly connected: Map<AgentId, Link>
  readonly extensions: Map<Link, string>
  readonly clientLinks: ClientLinks
  readonly intakes: Intakes
  /** What each agent may send in the long run: it goes on over reconnects. */
  readonly budgets: Map<AgentId, Budget>
}

interface Agent {
  readonly agentId: AgentId
  readonly name: string
  readonly extension: string
  /** The agent's id and those of the earlier enrollments of its machine. */
  readonly ids: AgentIds
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
  const links: AgentLinks = {
    ...needs,
    connected: new Map(),
    extensions: new Map(),
    clientLinks,
    intakes: createIntakes({ clock: needs.clock, tuning: socketsTuning }),
    budgets: new Map(),
  }
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
      const former = await access.formerIds(token.client.id)
      const agent = agentOf(token.client, former, request.remoteAddress)
      return {
        ok: true,
        client: { role: 'agent', id: token.client.id, name: token.client.name },
        context: (socket) => adopt(links, socket, agent),
      }
    },
  }
}

function onReady(
  links: AgentLinks,
  agent: Agent,
  link: Link,
  { pages, ...program }: AgentProgram & { readonly pages: PagedSender<HubToAgent> },
): void {
  const { agentId, name, extension, address } = agent
  const { connected, log } = links
  links.sharedTokens.connected({ clientId: agentId, role: 'agent', name, address, ...program })
  connected.get(agentId)?.close('replaced')
  connected.set(agentId, link)
  if (extension) links.extensions.set(link, extension)
  links.onCount(connected.size)
  links.onPresence(agentId, name, extension, true)
  log.info({ agentId, extension }, 'agent.connected')
  welcomeAgent(links, agent, link, pages)
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

/** Returns the guard of one link of the agent, with what the agent may send in the long run. */
function guardOf({ budgets, clock }: AgentLinks, agentId: AgentId): FloodGuard {
  const steady = budgets.get(agentId) ?? createBudget({ clock, ...socketsTuning.steady })
  budgets.set(agentId, steady)
  return createFloodGuard({ clock, limits: socketsTuning.agent, steady })
}

/** Returns the receivers of what a link could not handle or send; each writes one line. */
function faultsOf(log: Log, agentId: AgentId) {
  return {
    onUnexpectedMessage: (unexpected: object) =>
      log.warn({ agentId, ...unexpected }, 'agent.unexpected-message'),
    onSetAside: (message: object) => log.error({ agentId, ...message }, 'agent.message-set-aside'),
    onFailure: ({ stack }: Error) => log.error({ agentId, error: stack }, 'agent.data-failed'),
  }
}

function agentOf(client: ClientRow, former: readonly string[], address: string): Agent {
  const { id, name, extension } = client
  const ids = [id, ...former].map((one) => agentIdSchema.parse(one))
  return { agentId: agentIdSchema.parse(id), name, extension: extension ?? '', ids, address }
}

function handlerOf(
  links: AgentLinks,
  agent: Agent,
  link: Pick<AgentMessageNeeds, 'send' | 'replication'>,
): (message: AgentToHub) => Promise<void> {
  const { agentId, name: agentName } = agent
  const onFull = (callId: CallId) =>
    links.log.warn({ agentId, callId, remedy: FULL }, 'call.refused-as-too-many')
  return createAgentMessageHandler({ ...links, ...agent, ...link, agentName, onFull })
}

/** Accepts one authorized socket as an agent's link. */
function adopt(links: AgentLinks, socket: ServerSocket, agent: Agent): SocketHandlers {
  const { calls, clock, hubVersion, log } = links
  const { agentId, name, ids, address } = agent
  let release: () => void = () => undefined
  let bytes = 0
  const flood = guardOf(links, agentId)
  const busy = (how: BusyHow) => links.busyClients.note({ clientId: agentId, role: 'agent', name, how })
  const link: Link = acceptLink<AgentToHub, HubToAgent>({
    socket,
    role: 'agent',
    clientId: agentId,
    hubVersion,
    clock,
    incoming: agentToHub,
    outgoing: hubToAgent,
    onReady({ instance, machine }) {
      if (!socket.admit()) {
        busy('links')
        return link.close('tooMany')
      }
      onReady(links, agent, link, { instance, machine, pages })
    },
    onMessage: (message) =>
      intake.add(bytes, () =>
        handle(message).catch((error: unknown) => {
          if (error instanceof QueueStopped) return // the hub stops; the agent sends it again
          log.error({ agentId, kind: message.kind, error: String(error) }, 'agent.message-failed')
          link.close('internal')
        }),
      ),
    onBinary: (frame) => replication.frame(frame),
    onClosed({ code, wasReady }) {
      release()
      intake.close()
      pace.stop()
      pages.stop()
      replication.stop()
      onClosed(links, agent, link)
      if (wasReady) log.info({ agentId, code }, 'agent.disconnected')
    },
    ...faultsOf(log, agentId),
  })
  const { send } = link
  const reading = createReading(socket, link.reading)
  const pace = createPace({ reading, clock, ...socketsTuning.pace })
  const intake = links.intakes.open(agentId, reading, () => busy('behind'))
  const pages = createPagedSender({
    link,
    clock,
    pageBytes: socketsTuning.pageBytes,
    onFailure: (error) => log.error({ agentId, error: String(error) }, 'agent.transcript-not-read'),
  })
  const replication = createAgentReplication({
    ...links,
    ...agent,
    send,
    callOf: (callId) => calls.find(callId),
    holdReading: () => reading.hold(),
  })
  const handle = handlerOf(links, agent, { send, replication })
  release = links.clientLinks.add(agentId, link, address, ids.slice(1))
  return {
    message(data) {
      bytes = data.length
      pace.count(data.length)
      if (flood.allows(data)) return link.received(data)
      link.close('tooMany')
      busy('flood')
    },
    drain: () => pages.drained(),
    close: link.closed,
  }
}

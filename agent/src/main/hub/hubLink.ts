import {
  agentToHub,
  hubToAgent,
  openLink,
  type AgentToHub,
  type Clock,
  type HubToAgent,
  type Link,
  type LinkState,
  type LinkTuning,
  type Random,
} from '@3cx-ninja/protocol'
import { connectSocket } from '@3cx-ninja/node-kit/connectSocket.ts'
import type { Logger } from '../process/log.ts'
import type { Identity } from '../process/secrets.ts'

/** What the link to the hub is opened with. */
export interface HubLinkNeeds {
  readonly identity: () => Identity
  readonly version: string
  /** Identifies this run of the program. */
  readonly instance: string
  readonly machine: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly tuning?: LinkTuning
  readonly onMessage: (message: HubToAgent) => void
  readonly onState: (state: LinkState) => void
}

/**
 * Opens the agent's link to its hub, which connects again until it is stopped or refused. Logs the changes of its state.
 * Never throws.
 */
export function openHubLink(needs: HubLinkNeeds): Link<AgentToHub> {
  return openLink<HubToAgent, AgentToHub>({
    connect(on) {
      const { hub, token, ca } = needs.identity()
      return connectSocket({ hub, path: '/link/agent', token, ...(ca ? { ca } : {}) }, on)
    },
    hello: {
      role: 'agent',
      version: needs.version,
      instance: needs.instance,
      machine: needs.machine.slice(0, 120),
    },
    incoming: hubToAgent,
    outgoing: agentToHub,
    clock: needs.clock,
    random: needs.random,
    ...(needs.tuning ? { tuning: needs.tuning } : {}),
    onMessage: needs.onMessage,
    onState(state) {
      if (state.at === 'waiting') needs.log.warn({ why: state.why, attempt: state.attempt }, 'link.lost')
      if (state.at === 'refused') needs.log.error({ reason: state.reason }, 'link.refused')
      if (state.at === 'open') needs.log.info({ hubVersion: state.welcome.hubVersion }, 'link.open')
      needs.onState(state)
    },
    onUnexpectedMessage: ({ kind, broken, detail }) =>
      broken
        ? needs.log.error({ kind, detail }, 'link.broken-message')
        : needs.log.warn({ kind }, 'link.unknown-message'),
    onSetAside: (message) => needs.log.error({ ...message }, 'link.message-set-aside'),
  })
}

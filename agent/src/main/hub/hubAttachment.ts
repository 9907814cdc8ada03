import { randomUUID } from 'node:crypto'
import type { AgentToHub, Clock, HubToAgent, Link, LinkState, LinkTuning, Random } from '@3cx-ninja/protocol'
import type { Logger } from '../process/log.ts'
import type { Identity, Secrets } from '../process/secrets.ts'
import type { SettingsFile } from '../process/settings.ts'
import { userError } from '../process/userError.ts'
import { enrollOnce, ensureIdentity } from './enrollment.ts'
import { openHubLink } from './hubLink.ts'

export interface HubAttachmentNeeds {
  readonly settings: SettingsFile
  readonly secrets: Secrets
  readonly enrollmentKey: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly version: string
  readonly machine: string
  readonly linkTuning?: LinkTuning
  readonly onEnrolled: (identity: Identity) => void
  readonly onUserError: (error: Error) => void
}

export interface HubAttachment {
  /** Enrolls if needed, then keeps a link open until stopped. */
  attach(on: {
    readonly onMessage: (message: HubToAgent) => void
    readonly onState: (state: LinkState) => void
  }): void
  /** false: the hub is away, nothing was sent. */
  readonly send: (message: AgentToHub) => boolean
  readonly sendBinary: (bytes: Uint8Array) => boolean
  readonly bufferedBytes: () => number
  at(): LinkState['at'] | 'not-enrolled'
  /** This PC slept or changed its network. */
  resumed(): void
  /** Enrolls anew at the hub of the settings, once, and opens the link with the new identity. Rejects with the remedy. */
  enroll(key: string): Promise<void>
  /** Rejects with the remedy when the hub refuses this agent for good. */
  readonly refused: Promise<never>
  stop(): Promise<void>
}

/** The agent's attachment to its hub: enrollment once, then the link. Without a hub everything else goes on. */
export function createHubAttachment(needs: HubAttachmentNeeds): HubAttachment {
  const { settings, secrets, clock, random, log } = needs
  const stopping = new AbortController()
  let link: Link<AgentToHub> | undefined
  const instance = randomUUID()
  let at: LinkState['at'] | 'not-enrolled' = 'not-enrolled'
  let attached: Promise<void> = Promise.resolve()
  let reject: (error: Error) => void = () => undefined
  const refused = new Promise<never>((_, fail) => (reject = fail))
  refused.catch(() => undefined) // also told as trouble; whoever wants to end on it awaits it
  const refuse = (error: Error) => {
    needs.onUserError(error)
    reject(error)
  }

  /** Enrolling anew ends what the attachment before still tries. */
  let attempt = new AbortController()
  let on: Parameters<HubAttachment['attach']>[0] | undefined

  const who = (hub: string) => {
    const { name, extension, email } = settings.value
    return { hub, name, extension, email, machine: needs.machine, secrets, clock, random }
  }
  const connect = (identity: Identity, hub: string) => {
    needs.onEnrolled(identity)
    if (!on) return
    const { onMessage, onState } = on
    link = openHubLink({
      identity: () => ({ ...(secrets.identity() ?? identity), hub }),
      version: needs.version,
      instance,
      machine: needs.machine,
      clock,
      random,
      log,
      ...(needs.linkTuning ? { tuning: needs.linkTuning } : {}),
      onMessage,
      onState(state) {
        at = state.at
        onState(state)
        if (state.at === 'waiting' && state.closedAs === 'replaced')
          needs.onUserError(
            userError(
              'identity-shared',
              'Another PC uses the enrollment of this one: both cut each other off.',
            ),
          )
        if (state.at === 'refused') {
          const { meaning } = state
          refuse(userError('hub-refused', `The hub refuses this agent: ${meaning}.`, { facts: { meaning } }))
        }
      },
    })
  }
  const attach: HubAttachment['attach'] = (handlers) => {
    on = handlers
    const signal = AbortSignal.any([stopping.signal, attempt.signal])
    const open = async () => {
      const { hub } = settings.value
      if (!hub) return log.warn({}, 'hub.not-set')
      const identity = await ensureIdentity({
        ...who(hub),
        key: needs.enrollmentKey,
        onAway: (cause) => log.warn({ cause: cause.message }, 'hub.away'),
        signal,
      })
      if (!signal.aborted) connect(identity, hub)
    }
    attached = open().catch((error: unknown) => {
      const detail = error instanceof Error ? error.message : String(error)
      if (!signal.aborted) refuse(userError('enrollment-failed', detail, { facts: { detail }, cause: error }))
    })
  }

  return {
    attach,
    send: (message) => link?.send(message) ?? false,
    sendBinary: (bytes) => link?.sendBinary(bytes) ?? false,
    bufferedBytes: () => link?.bufferedBytes() ?? 0,
    at: () => at,
    resumed: () => link?.resumed(),
    async enroll(key) {
      const { hub } = settings.value
      if (!hub) throw new Error('The address of the hub is not set: give it first.')
      const identity = await enrollOnce({ ...who(hub), key })
      attempt.abort()
      attempt = new AbortController()
      await attached
      link?.stop()
      link = undefined
      if (!stopping.signal.aborted) connect(identity, hub)
    },
    refused,
    async stop() {
      stopping.abort()
      await attached
      link?.stop()
    },
  }
}

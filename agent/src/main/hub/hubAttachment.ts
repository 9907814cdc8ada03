import { randomUUID } from 'node:crypto'
import { toError } from '@3cx-ninja/protocol'
import type { AgentToHub, Clock, HubToAgent, Link, LinkState, LinkTuning, Random } from '@3cx-ninja/protocol'
import type { Logger } from '../process/log.ts'
import type { Identity, Secrets } from '../process/secrets.ts'
import type { SettingsFile } from '../process/settings.ts'
import { userError } from '../process/userError.ts'
import { enrollOnce, ensureIdentity } from './enrollment.ts'
import { openHubLink } from './hubLink.ts'

/** What the attachment to the hub is built on. */
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

/** The agent's connection to its hub: the enrollment, then one link. */
export interface HubAttachment {
  /** Enrolls where necessary, then keeps a link open until `stop`. */
  attach(on: {
    readonly onMessage: (message: HubToAgent) => void
    readonly onState: (state: LinkState) => void
  }): void
  /** Returns false when the hub is away and nothing was sent. */
  readonly send: (message: AgentToHub) => boolean
  readonly sendBinary: (bytes: Uint8Array) => boolean
  readonly bufferedBytes: () => number
  /** Returns the state of the link, or 'not-enrolled' before the first one. */
  at(): LinkState['at'] | 'not-enrolled'
  /** Connects again at once, after this PC slept or changed its network. */
  resumed(): void
  /** Enrolls again at the hub of the settings, once, and opens the link with the new identity. Rejects with an `EnrollError`. */
  enroll(key: string): Promise<void>
  /** Rejects with the remedy when the hub refuses this agent for good. */
  readonly refused: Promise<never>
  stop(): Promise<void>
}

interface AttachmentState {
  readonly needs: HubAttachmentNeeds
  /** Identifies this run of the program. */
  readonly instance: string
  readonly stopping: AbortController
  /** Rejects `refused`. */
  readonly reject: (error: Error) => void
  link: Link<AgentToHub> | undefined
  at: LinkState['at'] | 'not-enrolled'
  attached: Promise<void>
  /** Aborted by a new enrollment, which ends the attempts of the old one. */
  attempt: AbortController
  handlers: Handlers | undefined
}

type Handlers = Parameters<HubAttachment['attach']>[0]

/**
 * Creates the agent's attachment to its hub: not enrolled until the hub has given an identity, then the states of the link (see
 * protocol's linkMachine) until `stop`; `refused` is left by a new enrollment only. Without a hub everything else of the agent works.
 * Knows nothing of what the messages mean: that lives in hubInbox.ts.
 */
export function createHubAttachment(needs: HubAttachmentNeeds): HubAttachment {
  let reject: (error: Error) => void = () => undefined
  const refused = new Promise<never>((_, fail) => (reject = fail))
  refused.catch(() => undefined) // reported as a user error, too; a process that ends on it awaits it
  const state: AttachmentState = {
    needs,
    instance: randomUUID(),
    stopping: new AbortController(),
    reject,
    link: undefined,
    at: 'not-enrolled',
    attached: Promise.resolve(),
    attempt: new AbortController(),
    handlers: undefined,
  }
  return {
    attach: (handlers) => attach(state, handlers),
    send: (message) => state.link?.send(message) ?? false,
    sendBinary: (bytes) => state.link?.sendBinary(bytes) ?? false,
    bufferedBytes: () => state.link?.bufferedBytes() ?? 0,
    at: () => state.at,
    resumed: () => state.link?.resumed(),
    enroll: (key) => enrollAgain(state, key),
    refused,
    async stop() {
      state.stopping.abort()
      await state.attached
      state.link?.stop()
    },
  }
}

function refuse({ needs, reject }: AttachmentState, error: Error): void {
  needs.onUserError(error)
  reject(error)
}

function attach(state: AttachmentState, handlers: Handlers): void {
  state.handlers = handlers
  const signal = AbortSignal.any([state.stopping.signal, state.attempt.signal])
  state.attached = open(state, signal).catch((error: unknown) => {
    const detail = toError(error).message
    if (!signal.aborted)
      refuse(state, userError('enrollment-failed', detail, { facts: { detail }, cause: error }))
  })
}

async function open(state: AttachmentState, signal: AbortSignal): Promise<void> {
  const { settings, enrollmentKey, log } = state.needs
  const { hub } = settings.value
  if (!hub) return log.warn({}, 'hub.not-set')
  const identity = await ensureIdentity({
    ...enrollmentNeeds(state, hub),
    key: enrollmentKey,
    onAway: (cause) => log.warn({ cause: cause.message }, 'hub.away'),
    signal,
  })
  if (!signal.aborted) connect(state, identity, hub)
}

async function enrollAgain(state: AttachmentState, key: string): Promise<void> {
  const { hub } = state.needs.settings.value
  if (!hub) throw new Error('The address of the hub is not set: give it first.')
  const identity = await enrollOnce({ ...enrollmentNeeds(state, hub), key })
  state.attempt.abort()
  state.attempt = new AbortController()
  await state.attached
  state.link?.stop()
  state.link = undefined
  if (!state.stopping.signal.aborted) connect(state, identity, hub)
}

function enrollmentNeeds({ needs }: AttachmentState, hub: string) {
  const { settings, machine, secrets, clock, random } = needs
  const { name, extension, email } = settings.value
  return { hub, name, extension, email, machine, secrets, clock, random }
}

function connect(state: AttachmentState, identity: Identity, hub: string): void {
  const { needs, handlers, instance } = state
  needs.onEnrolled(identity)
  if (!handlers) return
  const { secrets, version, machine, clock, random, log, linkTuning } = needs
  state.link = openHubLink({
    identity: () => ({ ...(secrets.identity() ?? identity), hub }),
    version,
    instance,
    machine,
    clock,
    random,
    log,
    ...(linkTuning ? { tuning: linkTuning } : {}),
    onMessage: handlers.onMessage,
    onState(link) {
      state.at = link.at
      handlers.onState(link)
      reportState(state, link)
    },
  })
}

function reportState(state: AttachmentState, link: LinkState): void {
  if (link.at === 'waiting' && link.closedAs === 'replaced')
    state.needs.onUserError(
      userError('identity-shared', 'Another PC uses the enrollment of this one: both cut each other off.'),
    )
  if (link.at === 'refused') {
    const { meaning } = link
    refuse(state, userError('hub-refused', `The hub refuses this agent: ${meaning}.`, { facts: { meaning } }))
  }
}

import {
  agentId,
  nextDelayMs,
  toError,
  type BackoffTuning,
  type Clock,
  type Random,
} from '@3cx-ninja/protocol'
import { abortableSleep } from '@3cx-ninja/node-kit/abortableSleep.ts'
import { enroll, enrollError, isWorthRetrying, type Enrolled } from '@3cx-ninja/node-kit/enroll.ts'
import type { Identity, Secrets } from '../process/secrets.ts'

/** What an enrollment needs: the hub, the key, and the names that the hub shows. */
export interface EnrollmentNeeds {
  readonly hub: string
  readonly key: string
  readonly name: string
  readonly extension: string
  readonly email: string
  readonly machine: string
  readonly secrets: Secrets
  readonly clock: Clock
  readonly random: Random
  readonly tuning?: BackoffTuning
  /** Receives the cause each time the hub is away; the enrollment is tried again after a growing delay. */
  readonly onAway: (cause: Error) => void
  readonly signal: AbortSignal
  readonly enroll?: typeof enroll
}

/** A person or a service manager waits for the first link: 0.5 s at first, 15 s at most. */
const againTuning: BackoffTuning = { firstMs: 500, maxMs: 15_000, factor: 2 }

/**
 * Resolves with the identity of this agent on its hub: the stored one, or a new one in exchange for the enrollment key. Waits for a
 * hub that is away, without end. Rejects with an `EnrollError` that names the remedy when the hub refuses, and when `signal` aborts.
 */
export async function ensureIdentity(needs: EnrollmentNeeds): Promise<Identity> {
  const kept = needs.secrets.identity()
  if (kept && new URL(kept.hub).origin === new URL(needs.hub).origin) return kept
  if (needs.key === '') {
    throw enrollError(
      'key-incomplete',
      kept
        ? `This agent is enrolled at ${kept.hub}, not at ${needs.hub}: give an enrollment key of the new hub.`
        : 'This agent is not enrolled yet: give an enrollment key from the admin page of the hub.',
    )
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await enrollOnce(needs)
    } catch (error) {
      if (!isWorthRetrying(error)) throw error
      needs.onAway(toError(error))
      await pause(needs, nextDelayMs({ attempt, random: needs.random }, needs.tuning ?? againTuning))
    }
  }
}

/** Resolves with a new identity for the key, stored durably in place of an earlier one. Asks the hub once; rejects with an `EnrollError`. */
export async function enrollOnce(needs: Omit<EnrollmentNeeds, 'onAway' | 'signal'>): Promise<Identity> {
  const enrolled = await (needs.enroll ?? enroll)(needs.hub, needs.key, {
    role: 'agent',
    name: needs.name || needs.extension || needs.machine,
    machine: needs.machine,
    ...(needs.extension ? { extension: needs.extension } : {}),
    ...(needs.email ? { email: needs.email } : {}),
    ...formerTokenOf(needs),
  })
  return keep(enrolled, needs)
}

/** Its calls and recordings wait on this disk: with its token the hub lets the new enrollment continue them. */
function formerTokenOf({ secrets, hub }: Pick<EnrollmentNeeds, 'secrets' | 'hub'>): { formerToken?: string } {
  const kept = secrets.identity()
  return kept && new URL(kept.hub).origin === new URL(hub).origin ? { formerToken: kept.token } : {}
}

async function keep(enrolled: Enrolled, needs: Pick<EnrollmentNeeds, 'hub' | 'secrets'>): Promise<Identity> {
  const identity: Identity = {
    agentId: agentId.parse(enrolled.id),
    token: enrolled.token,
    hubName: enrolled.hubName,
    hub: new URL(needs.hub).origin,
    ...(enrolled.ca ? { ca: enrolled.ca } : {}),
  }
  await needs.secrets.saveIdentity(identity)
  return identity
}

async function pause({ clock, signal }: EnrollmentNeeds, delayMs: number): Promise<void> {
  await abortableSleep(clock, delayMs, signal)
  if (signal.aborted) throw new Error('stopped while waiting for the hub')
}

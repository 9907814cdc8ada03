import { agentId, nextDelayMs, type BackoffTuning, type Clock, type Random } from '@3cx-ninja/protocol'
import { enroll, hubWasAway, type Enrolled } from '@3cx-ninja/node-kit/enroll.ts'
import type { Identity, Secrets } from '../process/secrets.ts'

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
  /** The hub is away; it is tried again. */
  readonly onAway: (cause: Error) => void
  readonly signal: AbortSignal
  readonly enroll?: typeof enroll
}

/** A person waits in front of it, or a service manager: not too slow, not too eager. */
const againTuning: BackoffTuning = { firstMs: 500, maxMs: 15_000, factor: 2 }

/**
 * The identity of this agent on its hub: the kept one, or a new one for the enrollment key; waits for a hub that is away.
 * Rejects with the remedy when the hub refuses, and when `signal` aborts.
 */
export async function ensureIdentity(needs: EnrollmentNeeds): Promise<Identity> {
  const kept = needs.secrets.identity()
  if (kept && new URL(kept.hub).origin === new URL(needs.hub).origin) return kept
  if (needs.key === '') {
    throw new Error(
      kept
        ? `This agent is enrolled at ${kept.hub}, not at ${needs.hub}: give an enrollment key of the new hub.`
        : 'This agent is not enrolled yet: give an enrollment key from the admin page of the hub.',
    )
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await enrollOnce(needs)
    } catch (error) {
      if (!hubWasAway(error) || !(error instanceof Error)) throw error
      needs.onAway(error)
      await pause(needs, nextDelayMs({ attempt, random: needs.random }, needs.tuning ?? againTuning))
    }
  }
}

/** A new identity for the key, whatever was kept; asks the hub once. */
export async function enrollOnce(needs: Omit<EnrollmentNeeds, 'onAway' | 'signal'>): Promise<Identity> {
  const enrolled = await (needs.enroll ?? enroll)(needs.hub, needs.key, {
    role: 'agent',
    name: needs.name || needs.extension || needs.machine,
    machine: needs.machine,
    ...(needs.extension ? { extension: needs.extension } : {}),
    ...(needs.email ? { email: needs.email } : {}),
  })
  return keep(enrolled, needs)
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

function pause({ clock, signal }: EnrollmentNeeds, delayMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
    const stop = () => {
      cancel()
      reject(new Error('stopped while waiting for the hub'))
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

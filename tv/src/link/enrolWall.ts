import { enrolAnswer, refusal, type Clock, type EnrolRequest } from '@3cx-ninja/protocol'
import type { TextKey } from '../texts/fr.ts'
import { wallTuning } from '../tuning.ts'

export type EnrolOutcome =
  | { readonly ok: true; readonly token: string }
  /** `trouble`: key of the sentence for the person at the screen. */
  | { readonly ok: false; readonly trouble: TextKey }

/** What the hub's refusals mean to that person. */
const TROUBLES: ReadonlyMap<string, TextKey> = new Map([
  ['unknown-secret', 'enrol.unknown'],
  ['broken-request', 'enrol.unknown'],
  ['expired', 'enrol.expired'],
  ['used-up', 'enrol.usedUp'],
  ['other-role', 'enrol.otherRole'],
  ['too-many-attempts', 'enrol.tooMany'],
])

/** Exchanges the enrolment key that an administrator gave for this wall's own token. Never rejects. */
export async function enrolWall(needs: {
  readonly key: string
  readonly name: string
  readonly machine: string
  readonly clock: Clock
}): Promise<EnrolOutcome> {
  // The pin behind the dot is for programs; the browser trusts by its own certificate store.
  const secret = needs.key.trim().split('.')[0] ?? ''
  const body: EnrolRequest = { role: 'wall', secret, name: needs.name, machine: needs.machine }
  try {
    const answer = await fetch('/api/enroll', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: needs.clock.timeout(wallTuning.probeMs),
    })
    const said: unknown = await answer.json()
    const enrolled = enrolAnswer.safeParse(said)
    if (answer.ok && enrolled.success) return { ok: true, token: enrolled.data.token }
    const refused = refusal.safeParse(said)
    const trouble = refused.success ? TROUBLES.get(refused.data.error) : undefined
    return { ok: false, trouble: trouble ?? 'enrol.failed' }
  } catch {
    return { ok: false, trouble: 'enrol.failed' } // no answer in time
  }
}

import { enrollResponse, refusal, type Clock, type EnrollRequest } from '@3cx-ninja/protocol'
import type { TextKey } from '../texts/fr.ts'
import { wallboardTuning } from '../tuning.ts'

export type EnrollOutcome =
  | { readonly ok: true; readonly token: string }
  /** `failure` is the key of the sentence for the person at the screen. */
  | { readonly ok: false; readonly failure: TextKey }

/** The sentence for each refusal code of the hub. */
const FAILURES: ReadonlyMap<string, TextKey> = new Map([
  ['unknown-secret', 'enroll.unknown'],
  ['broken-request', 'enroll.unknown'],
  ['expired', 'enroll.expired'],
  ['used-up', 'enroll.usedUp'],
  ['other-role', 'enroll.otherRole'],
  ['too-many-attempts', 'enroll.tooMany'],
])

/** Resolves with this wallboard's own token in exchange for an administrator's enrollment key. Never rejects. */
export async function enrollWallboard(needs: {
  readonly key: string
  readonly name: string
  readonly machine: string
  readonly clock: Clock
}): Promise<EnrollOutcome> {
  // The pin after the dot is for programs; a browser trusts by its own certificate store.
  const secret = needs.key.trim().split('.')[0] ?? ''
  const body: EnrollRequest = { role: 'wallboard', secret, name: needs.name, machine: needs.machine }
  try {
    const answer = await fetch('/api/enroll', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: needs.clock.timeout(wallboardTuning.probeMs),
    })
    const said: unknown = await answer.json()
    const enrolled = enrollResponse.safeParse(said)
    if (answer.ok && enrolled.success) return { ok: true, token: enrolled.data.token }
    const refused = refusal.safeParse(said)
    const failure = refused.success ? FAILURES.get(refused.data.error) : undefined
    return { ok: false, failure: failure ?? 'enroll.failed' }
  } catch {
    return { ok: false, failure: 'enroll.failed' } // no answer in time
  }
}

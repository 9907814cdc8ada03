import { enrolAnswer, refusal, type Clock, type EnrolRequest } from '@3cx-ninja/protocol'
import { wallTuning } from '../tuning.ts'

export type EnrolOutcome =
  | { readonly ok: true; readonly token: string }
  /** `message`: the hub's own sentence; left out when it did not answer. */
  | { readonly ok: false; readonly message?: string }

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
    return refused.success ? { ok: false, message: refused.data.message } : { ok: false }
  } catch {
    return { ok: false } // no answer in time
  }
}

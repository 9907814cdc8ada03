import { refusal, type Clock } from '@3cx-ninja/protocol'
import type { TextKey } from '../texts/fr.ts'
import { wallboardTuning } from '../tuning.ts'

export type EnrollOutcome =
  | { readonly ok: true }
  /** `failure` is the key of the sentence for the person at the screen. */
  | { readonly ok: false; readonly failure: TextKey }

/** What a screen is admitted by: the code of a link, or a key that a person typed. */
export type Admission = { readonly once: string } | { readonly key: string; readonly name: string }

/** The sentence for each refusal code of the hub. */
const FAILURES: ReadonlyMap<string, TextKey> = new Map([
  ['unknown-secret', 'enroll.unknown'],
  ['broken-request', 'enroll.unknown'],
  ['expired', 'enroll.expired'],
  ['used-up', 'enroll.usedUp'],
  ['other-role', 'enroll.otherRole'],
  ['too-many-attempts', 'enroll.tooMany'],
])

/** Resolves once the hub has given this screen its cookie, which no script can read, or refused to. Never rejects. */
export async function enrollWallboard(admission: Admission, clock: Clock): Promise<EnrollOutcome> {
  const body =
    'once' in admission
      ? admission
      : // The pin after the dot is for programs; a browser trusts by its own certificate store.
        { secret: admission.key.trim().split('.')[0] ?? '', name: admission.name }
  try {
    const answer = await post('/api/wallboard/screens', body, clock)
    if (answer.ok) return { ok: true }
    const refused = refusal.safeParse(await answer.json())
    const failure = refused.success ? FAILURES.get(refused.data.error) : undefined
    return { ok: false, failure: failure ?? 'enroll.failed' }
  } catch {
    return { ok: false, failure: 'enroll.failed' } // no answer in time
  }
}

/** Asks the hub to let this screen's cookie last another time. Never rejects: the next renewal asks again. */
export async function renewScreen(clock: Clock): Promise<void> {
  await post('/api/wallboard/renewals', {}, clock).catch(() => undefined)
}

function post(address: string, body: object, clock: Clock): Promise<Response> {
  return fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: clock.timeout(wallboardTuning.probeMs),
  })
}

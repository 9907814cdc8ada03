import { Hono, type Context } from 'hono'
import { enrollRequest, type EnrollResponse } from '@3cx-ninja/protocol'
import type { Access, EnrollOutcome } from '../access/access.ts'
import type { HubEnv, Routes } from './app.ts'
import { readJson } from './readJson.ts'

type Refusal = Extract<EnrollOutcome, { ok: false }>
type Refused = Refusal['reason']
const REFUSALS: Readonly<Record<Refused, { status: 401 | 403 | 429; message: string }>> = {
  'unknown-secret': {
    status: 401,
    message: 'This enrollment key is unknown or was revoked: ask for a new one on the admin page.',
  },
  expired: { status: 401, message: 'This enrollment key has expired: ask for a new one on the admin page.' },
  'used-up': {
    status: 401,
    message: 'This enrollment key was used as often as it may be: ask for a new one on the admin page.',
  },
  'other-role': {
    status: 403,
    message:
      'This enrollment key is for another kind of part (agent, worker or wallboard): make one for this kind on the admin page.',
  },
  'too-many-attempts': { status: 429, message: 'Too many wrong keys from this address: wait.' },
}

/** Answers an enrollment that was refused, with its code and what a person can do. */
export function enrollmentRefusal(c: Context, { reason, retryAfterSeconds }: Refusal): Response {
  const { status, message } = REFUSALS[reason]
  if (retryAfterSeconds !== undefined) c.header('retry-after', String(retryAfterSeconds))
  return c.json({ error: reason, message }, status)
}

/**
 * Returns the routes `GET /ca.pem` and `POST /api/enroll`, which exchanges an enrollment key for a token or refuses
 * with a code.
 */
export function enrollRoutes({
  access,
  caPem,
  hubName,
}: {
  access: Access
  caPem: string | undefined
  hubName: string
}): Routes {
  const app = new Hono<HubEnv>()
  app.get('/ca.pem', (c) =>
    caPem === undefined
      ? c.json({ error: 'no-ca', message: 'This hub uses no certificate authority of its own.' }, 404)
      : c.text(caPem, 200, { 'content-type': 'application/x-pem-file' }),
  )
  app.post('/api/enroll', async (c) => {
    const parsed = enrollRequest.safeParse(await readJson(c))
    if (!parsed.success)
      return c.json(
        {
          error: 'broken-request',
          message: 'The enrollment request lacks its shape: update the agent or worker.',
        },
        400,
      )
    const outcome = await access.enroll(parsed.data, c.env.remoteAddress)
    if (outcome.ok) return c.json({ id: outcome.id, token: outcome.token, hubName } satisfies EnrollResponse)
    return enrollmentRefusal(c, outcome)
  })
  return app
}

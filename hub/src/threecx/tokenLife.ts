import { DAY_MS, HOUR_MS, MINUTE_MS, parseJson, SECOND_MS } from '@3cx-ninja/protocol'

/** Until 20.0.9 `expires_in` counted minutes (60), since then seconds (3600). No token lives for less than 5 minutes. */
const MOST_MINUTES = 300
const LEAST_MS = 30 * SECOND_MS

/**
 * Returns how long a new token lives, in ms. From its own stamps where it is a JWT: between them, for the PBX's clock
 * may be wrong; else from `expires_in`, whose unit has changed.
 */
export function tokenLifeMs({
  token,
  expiresIn,
  nowMs,
}: {
  readonly token: string
  readonly expiresIn: number | undefined
  readonly nowMs: number
}): number {
  const { exp, iat } = claimsOf(token)
  if (typeof exp === 'number') {
    const lifeMs = typeof iat === 'number' ? (exp - iat) * 1_000 : exp * 1_000 - nowMs
    if (lifeMs >= LEAST_MS && lifeMs <= DAY_MS) return lifeMs
  }
  if (expiresIn === undefined || !(expiresIn > 0)) return HOUR_MS
  return Math.min(DAY_MS, expiresIn < MOST_MINUTES ? expiresIn * MINUTE_MS : expiresIn * SECOND_MS)
}

/** Returns whether the token lists roles without Enterprise: a hint why the PBX refuses, nothing more. */
export function lacksEnterprise(token: string): boolean {
  const lists = Object.values(claimsOf(token)).filter((value) => Array.isArray(value)) as unknown[][] // what isArray just said
  const roles = lists.find((list) => list.some((one) => one === 'Paid' || one === 'PhoneSystemAdmin'))
  return roles !== undefined && !roles.includes('Enterprise')
}

/** Read, not verified: the PBX verifies it. */
function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const [, payload = ''] = token.split('.')
  const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'))
  return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {}
}

import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'

export interface ApiClient {
  readonly clientId: string
  readonly clientSecret: string
}

/** Returns the token issuer of one API client, as in 3CX: ES256 JWTs, of which only the newest is valid. */
export function createTokens(needs: {
  readonly client: ApiClient
  readonly nowMs: () => number
  readonly lifeSeconds: () => number
  /** 3CX before 20.0.9 gave `expires_in` in minutes. */
  readonly reportsMinutes: () => boolean
  readonly roles: () => readonly string[]
}) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let valid: { readonly token: string; readonly untilMs: number } | undefined
  let issued = 0
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

  const issue = () => {
    const iat = Math.floor(needs.nowMs() / 1_000)
    const exp = iat + needs.lifeSeconds()
    const unsigned = `${part({ alg: 'ES256', typ: 'JWT' })}.${part({ iss: 'sandbox', sub: needs.client.clientId, jti: randomUUID(), iat, exp, role: needs.roles() })}` // prettier-ignore
    const signature = sign('sha256', Buffer.from(unsigned), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    const token = `${unsigned}.${signature.toString('base64url')}`
    valid = { token, untilMs: exp * 1_000 } // the previous token is invalid from now on
    issued += 1
    const life = needs.lifeSeconds()
    return {
      token_type: 'Bearer',
      expires_in: needs.reportsMinutes() ? Math.round(life / 60) : life,
      access_token: token,
      refresh_token: null,
    }
  }
  return {
    issue,
    issued: () => issued,
    isValid: (header: string | undefined) =>
      valid !== undefined && header === `Bearer ${valid.token}` && needs.nowMs() < valid.untilMs,
  }
}

/** Resolves with status and body of POST /connect/token, which accepts only urlencoded and multipart forms. */
export async function answerToken(
  request: { readonly type: string; readonly body: Buffer },
  client: ApiClient,
  issue: () => object,
): Promise<{ readonly status: number; readonly body: object }> {
  const isForm = /^(application\/x-www-form-urlencoded|multipart\/form-data)/.test(request.type)
  if (!isForm) return { status: 400, body: { error: 'invalid_request' } }
  const form = await new Response(new Uint8Array(request.body), { headers: { 'content-type': request.type } })
    .formData()
    .catch(() => undefined)
  if (form?.get('grant_type') !== 'client_credentials')
    return { status: 400, body: { error: 'unsupported_grant_type' } }
  if (form.get('client_id') !== client.clientId || form.get('client_secret') !== client.clientSecret)
    return { status: 401, body: { error: 'invalid_client' } }
  return { status: 200, body: issue() }
}

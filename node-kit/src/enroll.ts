import { X509Certificate, createHash } from 'node:crypto'
import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { enrollResponse, refusal, type EnrollResponse, type EnrollRequest } from '@3cx-ninja/protocol'
import { assertPrivate } from './connectSocket.ts'

const LIMIT_MS = 15_000
const MAX_ANSWER_BYTES = 65_536

export interface Enrolled extends EnrollResponse {
  /** PEM of the hub's certificate authority; absent on loopback without TLS. */
  readonly ca?: string
}

/**
 * Exchanges an enrollment key (`<secret>.<SHA-256 of the CA's public key, base64url>`) for a token of one's own. The CA
 * is fetched unverified and used only if its public key is the pinned one. Throws an Error with the remedy; trying again
 * without a person's help makes sense only when `hubWasAway` says so.
 */
export async function enroll(
  hub: string,
  enrollmentKey: string,
  who: Omit<EnrollRequest, 'secret'>,
): Promise<Enrolled> {
  const [secret, pin] = enrollmentKey.trim().split('.')
  if (!secret) throw new Error('The enrollment key is empty: copy it whole from the admin page of the hub.')
  const base = new URL(hub)
  assertPrivate(base)
  const ca = base.protocol === 'https:' ? await fetchPinnedCa(base, pin) : undefined
  const body = JSON.stringify({ ...who, secret })
  const answer = await exchange(new URL('/api/enroll', base), { body, ...(ca ? { ca } : {}) })
  if (answer.status !== 200) throw refusalOf(answer)
  return { ...enrollResponse.parse(JSON.parse(answer.text)), ...(ca ? { ca } : {}) }
}

async function fetchPinnedCa(base: URL, pin: string | undefined): Promise<string> {
  if (!pin)
    throw new Error(
      'The enrollment key has no pin behind its dot: copy it whole from the admin page of the hub.',
    )
  const answer = await exchange(new URL('/ca.pem', base), { unverified: true })
  if (answer.status !== 200) throw refusalOf(answer)
  const authorities = answer.text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const pinned = authorities.find((pem) => publicKeyPin(pem) === pin)
  if (!pinned) {
    throw new Error(
      `${base.host} is not the hub that issued this enrollment key (its certificate authority differs): check the address, or ask for a new key.`,
    )
  }
  return pinned
}

/** SHA-256 of a certificate's SubjectPublicKeyInfo, base64url. */
export function publicKeyPin(pem: string): string {
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(key).digest('base64url')
}

interface Answer {
  readonly status: number
  readonly text: string
}

function exchange(url: URL, options: { body?: string; ca?: string; unverified?: boolean }): Promise<Answer> {
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve, reject) => {
    const outgoing = send(
      url,
      {
        method: options.body ? 'POST' : 'GET',
        headers: options.body ? { 'content-type': 'application/json' } : {},
        timeout: LIMIT_MS,
        ...(options.ca ? { ca: options.ca } : {}),
        // Only for ca.pem, whose content is checked against the pin before anything is trusted.
        ...(options.unverified ? { rejectUnauthorized: false, agent: false } : {}),
      },
      (incoming) => {
        const chunks: Buffer[] = []
        let size = 0
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > MAX_ANSWER_BYTES)
            incoming.destroy(new Error(`${url.host} answered with too much: it is no hub of ours`))
          else chunks.push(chunk)
        })
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        )
        incoming.on('error', reject)
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('error', (cause: NodeJS.ErrnoException) =>
      reject(
        away(
          `Cannot reach the hub at ${url.origin} (${cause.code === 'EPROTO' ? 'no TLS' : cause.message}): ${remedyFor(url, cause)}.`,
          cause,
        ),
      ),
    )
    outgoing.end(options.body)
  })
}

/** What usually lies behind a failed request: the wrong half of http and https says so in no words of its own. */
function remedyFor(url: URL, cause: NodeJS.ErrnoException): string {
  if (cause.code === 'EPROTO' || cause.code?.startsWith('ERR_SSL'))
    return 'nothing speaks HTTPS there: check the port'
  if (url.protocol === 'http:' && cause.code === 'ECONNRESET')
    return 'a hub with a certificate is reached by https://, so write that, and check the port'
  return 'check address, network and that the hub runs'
}

/** Whether `enroll` failed because the hub could not be reached or was busy: the same key may work a moment later. */
export function hubWasAway(error: unknown): boolean {
  return error instanceof Error && 'hubWasAway' in error
}

function away(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { hubWasAway: true })
}

function refusalOf(answer: Answer): Error {
  const busy = answer.status === 429 || answer.status >= 500
  return busy ? away(explain(answer)) : new Error(explain(answer))
}

function explain(answer: Answer): string {
  try {
    const parsed = refusal.safeParse(JSON.parse(answer.text))
    if (parsed.success) return parsed.data.message
  } catch {
    // not ours: told below
  }
  return `The hub answered ${answer.status}: is this the address of a 3CX-Ninja Realtime hub?`
}

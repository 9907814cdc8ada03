import { X509Certificate, createHash } from 'node:crypto'
import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import {
  enrollResponse,
  refusal,
  toError,
  type EnrollResponse,
  type EnrollRequest,
} from '@3cx-ninja/protocol'
import { assertPrivate } from './connectSocket.ts'

/** The hub answers in milliseconds; a network that drops packets must not keep a set-up waiting for longer. */
const LIMIT_MS = 15_000
const MAX_ANSWER_BYTES = 65_536

/**
 * Why an enrollment failed. `hub-away` and `hub-busy` pass by themselves; every other code needs a person: an incomplete key is
 * copied again, `wrong-hub` and `unexpected-answer` mean a wrong address, `key-refused` a used or unknown key.
 */
export type EnrollErrorCode =
  | 'hub-away'
  | 'hub-busy'
  | 'not-protected'
  | 'wrong-hub'
  | 'unexpected-answer'
  | 'key-incomplete'
  | 'key-refused'

/** A failed enrollment: `code` is for programs, the message is for a person and names the remedy. */
export interface EnrollError extends Error {
  readonly name: 'EnrollError'
  readonly code: EnrollErrorCode
}

/** Returns an error with a code for programs and a message for a person. */
export function enrollError(code: EnrollErrorCode, message: string, cause?: unknown): EnrollError {
  const error = new Error(message, cause === undefined ? {} : { cause })
  return Object.assign(error, { name: 'EnrollError', code } as const)
}

/** Returns whether an error came from `enroll`, so that its `code` may be read. */
export function isEnrollError(error: unknown): error is EnrollError {
  return error instanceof Error && error.name === 'EnrollError' && 'code' in error
}

/** Returns whether `enroll` failed because the hub was away or busy: the same key may work a moment later. */
export function isWorthRetrying(error: unknown): boolean {
  return isEnrollError(error) && (error.code === 'hub-away' || error.code === 'hub-busy')
}

export interface Enrolled extends EnrollResponse {
  /** PEM of the hub's certificate authority; absent on loopback without TLS. */
  readonly ca?: string
}

/**
 * Exchanges an enrollment key (`<secret>.<SHA-256 of the CA's public key, base64url>`) for a token of its own. The CA
 * is fetched unverified and used only if its public key is the pinned one, so the secret never reaches another hub. Asks the hub
 * once, 15 s at most per request. Rejects with an `EnrollError`; a retry without a person's help makes sense only where
 * `isWorthRetrying` says so.
 */
export async function enroll(
  hub: string,
  enrollmentKey: string,
  client: Omit<EnrollRequest, 'secret'>,
): Promise<Enrolled> {
  const [secret, pin] = enrollmentKey.trim().split('.')
  if (!secret)
    throw enrollError(
      'key-incomplete',
      'The enrollment key is empty: copy it whole from the admin page of the hub.',
    )
  const base = new URL(hub)
  try {
    assertPrivate(base)
  } catch (error) {
    throw enrollError('not-protected', toError(error).message, error)
  }
  const ca = base.protocol === 'https:' ? await fetchPinnedCa(base, pin) : undefined
  const body = JSON.stringify({ ...client, secret })
  const answer = await exchange(new URL('/api/enroll', base), { body, ...(ca ? { ca } : {}) })
  if (answer.status !== 200) throw refusalOf(answer)
  return { ...readResponse(answer), ...(ca ? { ca } : {}) }
}

function readResponse(answer: Answer): EnrollResponse {
  try {
    return enrollResponse.parse(JSON.parse(answer.text))
  } catch (cause) {
    throw enrollError('unexpected-answer', unexpected(answer), cause)
  }
}

async function fetchPinnedCa(base: URL, pin: string | undefined): Promise<string> {
  if (!pin)
    throw enrollError(
      'key-incomplete',
      'The enrollment key has no pin after its dot: copy it whole from the admin page of the hub.',
    )
  const answer = await exchange(new URL('/ca.pem', base), { unverified: true })
  if (answer.status !== 200) throw refusalOf(answer)
  const authorities = answer.text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const pinned = authorities.find((pem) => publicKeyPin(pem) === pin)
  if (!pinned) {
    throw enrollError(
      'wrong-hub',
      `${base.host} is not the hub that issued this enrollment key (its certificate authority differs): check the address, or ask for a new key.`,
    )
  }
  return pinned
}

/** Returns the SHA-256 of a certificate's SubjectPublicKeyInfo, base64url. Throws for a text that is no certificate. */
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
            incoming.destroy(
              new Error(`${url.host} answered with too much: it is not a 3CX-Ninja Realtime hub`),
            )
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
        enrollError(
          'hub-away',
          `Cannot reach the hub at ${url.origin} (${cause.code === 'EPROTO' ? 'no TLS' : cause.message}): ${remedyFor(url, cause)}.`,
          cause,
        ),
      ),
    )
    outgoing.end(options.body)
  })
}

/** Returns the usual remedy of a failed request: a client that speaks the wrong one of http and https gets no readable answer. */
function remedyFor(url: URL, cause: NodeJS.ErrnoException): string {
  if (cause.code === 'EPROTO' || cause.code?.startsWith('ERR_SSL'))
    return 'nothing speaks HTTPS there: check the port'
  if (url.protocol === 'http:' && cause.code === 'ECONNRESET')
    return 'a hub with a certificate is reached by https://, so write that, and check the port'
  return 'check address, network and that the hub runs'
}

function refusalOf(answer: Answer): EnrollError {
  const message = refusalMessage(answer)
  if (answer.status === 429 || answer.status >= 500)
    return enrollError('hub-busy', message ?? unexpected(answer))
  return message === undefined
    ? enrollError('unexpected-answer', unexpected(answer))
    : enrollError('key-refused', message)
}

/** Returns the hub's own words, or undefined where the answer is not a refusal of a hub. */
function refusalMessage(answer: Answer): string | undefined {
  try {
    const parsed = refusal.safeParse(JSON.parse(answer.text))
    return parsed.success ? parsed.data.message : undefined
  } catch {
    return undefined // not JSON: another server answers at this address
  }
}

const unexpected = ({ status }: Answer) =>
  `The hub answered ${status}: is this the address of a 3CX-Ninja Realtime hub?`

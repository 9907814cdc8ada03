import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { assertPrivate } from '@3cx-ninja/node-kit/connectSocket.ts'
import type { Identity } from '../process/secrets.ts'

/** A hub that is silent for so long, before its answer or in the middle of it, is away. */
const SILENT_MS = 10_000

/**
 * Resolves with the answer to one GET of the hub by this agent's token, whatever its status. Trusts nothing but the pinned
 * CA, uses no proxy, and never goes in clear beyond loopback, like the link. Rejects when the hub cannot be reached within 10
 * s.
 */
export function askHub(
  { hub, token, ca }: Pick<Identity, 'hub' | 'token' | 'ca'>,
  address: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = new URL(address, hub)
  assertPrivate(url)
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        headers: { authorization: `Bearer ${token}` },
        timeout: SILENT_MS,
        agent: false,
        signal,
        ...(ca ? { ca } : {}),
      },
      resolve,
    )
    request.on('timeout', () => request.destroy(new Error(`no answer within ${SILENT_MS / 1_000} seconds`)))
    request.on('error', reject)
    request.end()
  })
}

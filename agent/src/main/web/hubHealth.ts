import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { z } from 'zod'
import type { HubHealth } from '../desk/ports.ts'

const LIMIT_MS = 5_000
const MAX_BYTES = 65_536

const healthSchema = z.object({
  version: z.string().max(40),
  parts: z
    .array(
      z.object({
        name: z.string().max(40),
        state: z.enum(['ok', 'degraded', 'failed']),
        reason: z.string().optional(),
        remedy: z.string().optional(),
      }),
    )
    .max(50),
})

/** Resolves with the health of the hub, trusting only the pinned CA; a hub that is not ready answers, too. Rejects with the cause, after 5 s at most. */
export function askHubHealth(hub: string, ca: string | undefined): Promise<HubHealth> {
  const url = new URL('/health', hub)
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve, reject) => {
    const request = send(url, { timeout: LIMIT_MS, agent: false, ...(ca ? { ca } : {}) }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
        if (text.length > MAX_BYTES) answer.destroy(new Error('the answer is too long'))
      })
      answer.on('error', reject)
      answer.on('end', () => {
        try {
          resolve(healthSchema.parse(JSON.parse(text)))
        } catch {
          reject(new Error(`the answer ${answer.statusCode ?? 0} does not come from a hub`))
        }
      })
    })
    request.on('timeout', () => request.destroy(new Error('no answer within 5 seconds')))
    request.on('error', reject)
    request.end()
  })
}

import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  json(): unknown
}
export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** The only trusted authority, PEM. */
  readonly ca?: string
}

const LIMIT_MS = 20_000

/** Sends one HTTP request and resolves with its answer; a redirect is an answer like any other. */
export function ask(address: string, asking: Asking = {}): Promise<Answer> {
  const url = new URL(address)
  const body = asking.body === undefined ? undefined : JSON.stringify(asking.body)
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve, reject) => {
    const outgoing = send(
      url,
      {
        method: asking.method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...asking.headers },
        timeout: LIMIT_MS,
        agent: false,
        ...(asking.ca ? { ca: asking.ca } : {}),
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text,
            json: () => JSON.parse(text) as unknown,
          })
        })
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${url.origin} did not answer`)))
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

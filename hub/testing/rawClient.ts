import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { WebSocket } from 'ws'

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
  json<Shape = Record<string, unknown>>(): Shape
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** The only authority that the request trusts. */
  readonly ca?: string | undefined
  /** Accepts an invalid certificate. */
  readonly insecure?: boolean
}

/** Sends one HTTP request without keep-alive, trusting only the given authority. Rejects when the connection fails. */
export function askHttp(
  url: string | URL,
  { method, headers, body, ca, insecure }: Asked = {},
): Promise<RawAnswer> {
  const target = new URL(url)
  const send = target.protocol === 'https:' ? tlsRequest : plainRequest
  return new Promise((resolve, reject) => {
    const outgoing = send(
      target,
      {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}), ...headers },
        agent: false,
        ...(ca === undefined ? {} : { ca }),
        ...(insecure ? { rejectUnauthorized: false } : {}),
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
            json: <Shape>() => JSON.parse(text) as Shape,
          })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** A message of any kind; tests read the fields that they need. */
export type AnyMessage = { readonly kind: string } & Readonly<Record<string, unknown>>

export interface RawLink {
  send(data: object | string | Uint8Array): void
  /** Resolves with the next message of this kind, now or later; rejects when the link ends first. */
  next(kind: string): Promise<AnyMessage>
  /** Every message and frame received so far, in order. */
  readonly received: readonly (AnyMessage | Buffer)[]
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly socket: WebSocket
  close(): void
}

export interface RawLinkOptions {
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly ca?: string | undefined
}

/** Thrown when the hub answered the upgrade as HTTP. */
export class Refused extends Error {
  readonly status: number
  readonly body: { readonly error: string; readonly message: string }
  constructor(status: number, text: string) {
    super(`${status} ${text}`)
    this.status = status
    this.body = JSON.parse(text) as Refused['body'] // our own error shape
  }
}

/** Opens a socket that follows no rule of the protocol, so that tests see how the hub answers. Rejects with Refused. */
export function openRawLink(url: string | URL, options: RawLinkOptions = {}): Promise<RawLink> {
  const target = new URL(url)
  target.protocol = target.protocol.replace('http', 'ws')
  const socket = new WebSocket(target, {
    headers: { ...(options.token ? { authorization: `Bearer ${options.token}` } : {}), ...options.headers },
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    perMessageDeflate: false,
  })
  const received: (AnyMessage | Buffer)[] = []
  const waiting = new Set<() => void>()
  const consumed = new Set<object>()
  let isClosed = false
  const wake = () => {
    for (const check of [...waiting]) check()
  }
  socket.on('message', (data: Buffer, isBinary) => {
    received.push(isBinary ? data : (JSON.parse(data.toString('utf8')) as AnyMessage))
    wake()
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => {
      isClosed = true
      resolve({ code, reason: reason.toString() })
      wake()
    }),
  )
  const link: RawLink = {
    socket,
    received,
    closed,
    send: (data) =>
      socket.send(
        typeof data === 'string' || data instanceof Uint8Array ? data : JSON.stringify(data),
        () => undefined,
      ),
    next: (kind) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = received.find(
            (one) => !Buffer.isBuffer(one) && one.kind === kind && !consumed.has(one),
          )
          if (!found && !isClosed) return
          waiting.delete(check)
          if (!found) return reject(new Error(`the link ended before '${kind}' arrived`))
          consumed.add(found)
          resolve(found as AnyMessage) // the search excludes Buffers
        }
        waiting.add(check)
        check()
      }),
    close: () => socket.close(),
  }
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => {
      socket.off('error', reject)
      socket.on('error', () => undefined) // its cause follows as the close code
      resolve(link)
    })
    socket.on('unexpected-response', (request, response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        request.destroy()
        reject(new Refused(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')))
      })
    })
  })
}

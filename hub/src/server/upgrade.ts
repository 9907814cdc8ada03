import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { isOwnOrigin } from './origin.ts'
import { peerOf } from './peer.ts'
import type { ServerOptions, SocketRequest } from './serverPort.ts'

/** The HTTP answer to an upgrade that is refused. */
export interface UpgradeRefusal {
  readonly status: number
  readonly error: string
  readonly message: string
}

/** An upgrade as it came in: where to, from whom, and by which page. */
export interface Upgrade {
  readonly path: string
  readonly request: SocketRequest
  readonly bypassesProxy: boolean
  /** It carries a cookie, and no page of the hub opened it: the browser added the cookie by itself. */
  readonly isForeignPage: boolean
}

/** Returns what an upgrade says; undefined when its address is no URL, as `//` is. */
export function readUpgrade(
  incoming: IncomingMessage,
  { proxy, publicUrl, tls }: Pick<ServerOptions, 'proxy' | 'publicUrl' | 'tls'>,
): Upgrade | undefined {
  const url = URL.parse(incoming.url ?? '/', 'http://hub')
  if (!url) return undefined
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, String(value))
  const peer = peerOf(incoming.socket.remoteAddress, headers.get('x-forwarded-for'), proxy)
  const request = { headers, query: url.searchParams, remoteAddress: peer.address }
  const reached = {
    host: headers.get('host'),
    forwardedHost: peer.isProxied ? headers.get('x-forwarded-host') : null,
    tls: tls !== undefined,
    publicUrl,
  }
  const isForeignPage = headers.has('cookie') && !isOwnOrigin(headers.get('origin'), reached)
  return { path: url.pathname, request, bypassesProxy: peer.bypassesProxy, isForeignPage }
}

/** Answers an upgrade as HTTP with the cause, and cuts a peer that does not close within `refusalMs`. */
export function refuseUpgrade(
  stream: Duplex,
  { status, error, message }: UpgradeRefusal,
  refusalMs: number,
): void {
  if (stream.destroyed) return
  // A timer of the machine itself: the engine is the edge, and real sockets are cut by real time.
  const deadline = setTimeout(() => stream.destroy(), refusalMs)
  stream.once('end', () => stream.destroy())
  stream.once('close', () => clearTimeout(deadline))
  stream.resume()
  const body = JSON.stringify({ error, message })
  stream.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

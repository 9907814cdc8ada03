import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { peerOf } from './peer.ts'
import type { SocketRequest } from './serverPort.ts'

/** The HTTP answer to an upgrade that is refused. */
export interface UpgradeRefusal {
  readonly status: number
  readonly error: string
  readonly message: string
}

/** Returns path and request of an upgrade; undefined when its address is no URL, as `//` is. */
export function readUpgrade(
  incoming: IncomingMessage,
  proxy: string | undefined,
): { readonly path: string; readonly request: SocketRequest; readonly bypassesProxy: boolean } | undefined {
  const url = URL.parse(incoming.url ?? '/', 'http://hub')
  if (!url) return undefined
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, String(value))
  const peer = peerOf(incoming.socket.remoteAddress, headers.get('x-forwarded-for'), proxy)
  const request = { headers, query: url.searchParams, remoteAddress: peer.address }
  return { path: url.pathname, request, bypassesProxy: peer.bypassesProxy }
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

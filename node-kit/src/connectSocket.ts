import { WebSocket, type ClientOptions } from 'ws'
import { CLOSE, MAX_FRAME_BYTES, type LinkSocket, type SocketHandlers } from '@3cx-ninja/protocol'

export interface SocketAddress {
  /** `https://host:port` of the hub, or `http://` on loopback. */
  readonly hub: string
  readonly path: '/link/agent' | '/link/worker'
  readonly token: string
  /** The pinned certificate authority, PEM; several during a rotation. Absent only on loopback without TLS. */
  readonly ca?: string
}

/**
 * Opens a WebSocket to the hub, trusting nothing but the pinned CA. Calls `on.close` once, with the code of CLOSE.badToken when the hub answers
 * 401 to the token, and with 1006 when the hub cannot be reached. Throws for an address that would send the token in clear.
 * Knows nothing of hello, welcome and retries: those live in protocol's openLink.
 */
export function connectSocket(address: SocketAddress, on: SocketHandlers): LinkSocket {
  const url = new URL(address.path, address.hub)
  assertPrivate(url)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const options: ClientOptions & { closeTimeout: number } = {
    headers: { authorization: `Bearer ${address.token}` },
    ...(address.ca ? { ca: address.ca } : {}),
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handshakeTimeout: 10_000,
    // A hub that does not answer the close must not keep a stopping process alive for ws's 30 s (not in @types/ws 8.18).
    closeTimeout: 2_000,
  }
  const socket = new WebSocket(url, options)
  let refusedWith = 0
  let failure = ''
  socket.on('open', () => on.open())
  socket.on('message', (data: Buffer, isBinary) => on.message(isBinary ? data : data.toString('utf8')))
  socket.on('unexpected-response', (request, response) => {
    refusedWith = response.statusCode ?? 0
    failure = `the hub answered ${refusedWith}`
    response.resume()
    request.destroy()
    on.close(refusedWith === 401 ? CLOSE.badToken.code : 1006, failure)
  })
  socket.on('error', (error) => (failure = error.message))
  socket.on('close', (code, reason) => {
    if (refusedWith === 0) on.close(code, reason.toString() || failure || 'connection closed')
  })
  return {
    send: (data) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data)
    },
    close: (code, reason) => {
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate()
      else socket.close(code, reason)
    },
    bufferedBytes: () => socket.bufferedAmount,
  }
}

/** Throws for a plain HTTP address beyond loopback: a token must never cross a network in clear. */
export function assertPrivate(url: URL): void {
  if (url.protocol === 'https:') return
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  if (url.protocol !== 'http:' || !loopback) {
    throw new Error(
      `${url.origin} is not protected: use https:// (plain http:// is allowed on this machine's loopback only)`,
    )
  }
}

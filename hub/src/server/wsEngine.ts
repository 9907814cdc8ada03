import { createServer as createPlainServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { WebSocketServer, type WebSocket } from 'ws'
import { CLOSE } from '@3cx-ninja/protocol'
import type {
  HubServer,
  ServerOptions,
  ServerSocket,
  SocketHandlers,
  SocketRoute,
  StartServer,
} from './serverPort.ts'

/** Sockets get this long to answer the close on stop. */
const STOP_MS = 2_000
const HEADERS_MS = 10_000
const REQUEST_MS = 120_000

/** The default engine: node:http(s) and ws. */
export const startWsEngine: StartServer = async (options) => {
  const topics = new Map<string, Set<WebSocket>>()
  const listener = getRequestListener((request, env) => {
    const remoteAddress = 'incoming' in env ? (env.incoming.socket.remoteAddress ?? '') : ''
    return options.fetch(request, { remoteAddress })
  })
  const handle = (incoming: IncomingMessage, outgoing: Parameters<typeof listener>[1]) =>
    void listener(incoming, outgoing)
  const server: Server | TlsServer = options.tls
    ? createTlsServer({ ...options.tls, minVersion: 'TLSv1.2' }, handle)
    : createPlainServer(handle)
  server.headersTimeout = HEADERS_MS
  server.requestTimeout = REQUEST_MS
  const accepting = options.sockets.map((route) => ({ route, sockets: createSocketServer(route) }))

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const url = new URL(request.url ?? '/', 'http://hub')
    const found = accepting.find(({ route }) => route.path === url.pathname)
    if (!found) return refuse(stream, 404, 'not-found', `No socket at ${url.pathname}.`)
    const asked = {
      headers: headersOf(request),
      query: url.searchParams,
      remoteAddress: request.socket.remoteAddress ?? '',
    }
    found.route.authorise(asked).then(
      (answer) => {
        if (!answer.ok) return refuse(stream, answer.status, answer.error, answer.message)
        found.sockets.handleUpgrade(request, stream, head, (socket) =>
          adopt(socket, found.route, answer.context, topics),
        )
      },
      () => refuse(stream, 503, 'internal', 'The hub could not check this connection; see its log.'),
    )
  })

  await listen(server, options)
  const sockets = () => accepting.flatMap((one) => [...one.sockets.clients])
  let stopping: Promise<void> | undefined
  return {
    port: (server.address() as AddressInfo).port, // a listening TCP server has an AddressInfo
    publish(topic, text) {
      for (const socket of topics.get(topic) ?? []) if (socket.readyState === socket.OPEN) socket.send(text)
    },
    replaceCertificate(certificate) {
      if ('setSecureContext' in server) server.setSecureContext(certificate)
    },
    stop: () => (stopping ??= stop(server, sockets)),
  } satisfies HubServer
}

function createSocketServer(route: SocketRoute): WebSocketServer {
  return new WebSocketServer({ noServer: true, maxPayload: route.maxPayloadBytes, perMessageDeflate: false })
}

function adopt(
  socket: WebSocket,
  route: SocketRoute,
  open: (socket: ServerSocket) => SocketHandlers,
  topics: Map<string, Set<WebSocket>>,
): void {
  const joined = new Set<string>()
  let wasFull = false
  const leave = (topic: string) => {
    joined.delete(topic)
    const members = topics.get(topic)
    members?.delete(socket)
    if (members?.size === 0) topics.delete(topic)
  }
  const handlers: SocketHandlers = open({
    send(data) {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > route.maxBufferedBytes) {
        socket.close(CLOSE.tooSlow.code, 'tooSlow')
        socket.terminate()
        return
      }
      socket.send(data, () => {
        if (!wasFull || socket.bufferedAmount > 0) return
        wasFull = false
        handlers.drain?.()
      })
      wasFull ||= socket.bufferedAmount > 0
    },
    bufferedBytes: () => socket.bufferedAmount,
    close: (code, reason) => socket.close(code, reason),
    subscribe(topic) {
      joined.add(topic)
      const members = topics.get(topic) ?? new Set()
      topics.set(topic, members.add(socket))
    },
    unsubscribe: leave,
  })
  socket.on('message', (data: Buffer, isBinary) => handlers.message(isBinary ? data : data.toString('utf8')))
  socket.on('error', () => undefined) // its cause follows as the close code
  socket.on('close', (code) => {
    for (const topic of [...joined]) leave(topic)
    handlers.close(code)
  })
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new Error(explainListen(cause, host, port), { cause })),
    )
    server.listen(port, host, resolve)
  })
}

function explainListen(cause: NodeJS.ErrnoException, host: string, port: number): string {
  if (cause.code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is in use by another program: stop it, or choose another port (setting listen.port, environment PORT).`
  }
  if (cause.code === 'EACCES')
    return `Port ${port} needs administrator rights: choose a port above 1023 (setting listen.port, environment PORT).`
  if (cause.code === 'EADDRNOTAVAIL')
    return `${host} is no address of this machine: correct the setting listen.host.`
  return `Cannot listen on ${host}:${port}: ${cause.message}`
}

async function stop(server: Server | TlsServer, sockets: () => readonly WebSocket[]): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  for (const socket of sockets()) socket.close(CLOSE.goingAway.code, 'goingAway')
  // eslint-disable-next-line no-restricted-globals -- the engine is the edge; a stop is bounded by real time
  const late = setTimeout(() => {
    for (const socket of sockets()) socket.terminate()
    server.closeAllConnections()
  }, STOP_MS)
  await closed
  clearTimeout(late)
}

function refuse(stream: Duplex, status: number, error: string, message: string): void {
  const body = JSON.stringify({ error, message })
  stream.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, String(value))
  return headers
}

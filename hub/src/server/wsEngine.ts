import { createServer as createPlainServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { WebSocketServer, type WebSocket } from 'ws'
import { CLOSE } from '@3cx-ninja/protocol'
import { peerOf } from './peer.ts'
import type { Certificate, HubServer, ServerOptions, SocketRoute, StartServer } from './serverPort.ts'
import { serverTuning, type ServerTuning } from './tuning.ts'
import { readUpgrade, refuseUpgrade } from './upgrade.ts'
import { adoptSocket, createTopics } from './wsSocket.ts'

const PAST_PROXY =
  'This hub is reached through its proxy, which protects the connection: use its https address.'
const STOPPING = 'The hub stops or restarts: try again in a moment.'
const MIN_TLS = { minVersion: 'TLSv1.2' } as const

/** Starts the default engine: node:http(s) and ws. Rejects when it cannot listen. */
export const startWsEngine: StartServer = wsEngine(serverTuning)

/** Returns the same engine with other durations, as tests need them. */
export function wsEngine(tuning: ServerTuning): StartServer {
  return async (options) => {
    const topics = createTopics()
    let stopping: Promise<void> | undefined
    const server = createServer(options, tuning, () => stopping !== undefined)
    const routes = options.sockets.map((route) => ({ route, sockets: createSocketServer(route) }))
    const authorizing = new Set<Duplex>()

    server.on('upgrade', (incoming: IncomingMessage, stream: Duplex, head: Buffer) => {
      stream.on('error', destroyItself)
      const refuse = (status: number, error: string, message: string) =>
        refuseUpgrade(stream, { status, error, message }, tuning.refusalMs)
      const upgrade = readUpgrade(incoming, options.proxy)
      if (!upgrade) return refuse(400, 'bad-address', 'This is no address.')
      if (upgrade.bypassesProxy && !options.tls) return refuse(403, 'use-the-proxy', PAST_PROXY)
      const found = routes.find(({ route }) => route.path === upgrade.path)
      if (!found) return refuse(404, 'not-found', `No socket at ${upgrade.path}.`)
      if (stopping) return refuse(503, 'stopping', STOPPING)
      authorizing.add(stream)
      found.route
        .authorize(upgrade.request)
        .then(
          (answer) => {
            if (stopping) return refuse(503, 'stopping', STOPPING)
            if (!answer.ok) return refuse(answer.status, answer.error, answer.message)
            found.sockets.handleUpgrade(incoming, stream, head, (socket) =>
              adoptSocket(socket, stream, tuning.gatherMs, found.route, answer.context, topics),
            )
          },
          () => refuse(503, 'internal', 'The hub could not check this connection; see its log.'),
        )
        .finally(() => authorizing.delete(stream))
    })

    await listen(server, options)
    server.on('error', (error) => options.onConnectionError?.(error))
    const sockets = () => routes.flatMap((one) => [...one.sockets.clients])
    const destroyAuthorizing = () => {
      for (const stream of authorizing) stream.destroy()
    }
    return {
      port: (server.address() as AddressInfo).port, // a listening TCP server has an AddressInfo
      publish: topics.publish,
      replaceCertificate(certificate) {
        if ('setSecureContext' in server) server.setSecureContext({ ...certificate, ...MIN_TLS })
      },
      stop: () => (stopping ??= stop(server, sockets, destroyAuthorizing, tuning.stopMs)),
    } satisfies HubServer
  }
}

/** Not an arrow function within the listener: that would keep the whole request for as long as the socket lives. */
function destroyItself(this: Duplex): void {
  this.destroy()
}

function createServer(
  options: ServerOptions,
  tuning: ServerTuning,
  isStopping: () => boolean,
): Server | TlsServer {
  const listener = getRequestListener((request, env) => {
    // A browser holds a spare connection, which no stop closes as idle: the hub must not seem to be there through it.
    if (isStopping())
      return Response.json(
        { error: 'stopping', message: STOPPING },
        { status: 503, headers: { connection: 'close' } },
      )
    const socketAddress = 'incoming' in env ? env.incoming.socket.remoteAddress : undefined
    const peer = peerOf(socketAddress, request.headers.get('x-forwarded-for'), options.proxy)
    if (peer.bypassesProxy && !options.tls)
      return Response.json({ error: 'use-the-proxy', message: PAST_PROXY }, { status: 403 })
    return options.fetch(request, { remoteAddress: peer.address })
  })
  const handle = (incoming: IncomingMessage, outgoing: Parameters<typeof listener>[1]) =>
    void listener(incoming, outgoing)
  const limits = {
    headersTimeout: tuning.headersMs,
    requestTimeout: tuning.requestMs,
    connectionsCheckingInterval: tuning.checkMs,
  }
  const tls: (Certificate & typeof MIN_TLS) | undefined = options.tls && { ...options.tls, ...MIN_TLS }
  return tls ? createTlsServer({ ...limits, ...tls }, handle) : createPlainServer(limits, handle)
}

function createSocketServer(route: SocketRoute): WebSocketServer {
  return new WebSocketServer({ noServer: true, maxPayload: route.maxPayloadBytes, perMessageDeflate: false })
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (cause: NodeJS.ErrnoException) =>
      reject(new Error(explainListen(cause, host, port), { cause }))
    server.once('error', refused)
    server.listen(port, host, () => {
      server.off('error', refused)
      resolve()
    })
  })
}

function explainListen(cause: NodeJS.ErrnoException, host: string, port: number): string {
  if (cause.code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is in use by another program: stop it, or choose another port (setting listen.port, environment PORT).`
  }
  if (cause.code === 'EACCES')
    return `Port ${port} needs administrator rights: choose a port above 1023 (setting listen.port, environment PORT).`
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND')
    return `${host} is no address of this machine: correct the setting listen.host.`
  return `Cannot listen on ${host}:${port}: ${cause.message}`
}

async function stop(
  server: Server | TlsServer,
  sockets: () => readonly WebSocket[],
  cutAuthorizing: () => void,
  stopMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  for (const socket of sockets()) socket.close(CLOSE.goingAway.code, 'goingAway')
  // A timer of the machine itself: the engine is the edge, and a stop is bounded by real time.
  const deadline = setTimeout(() => {
    for (const socket of sockets()) socket.terminate()
    cutAuthorizing()
    server.closeAllConnections()
  }, stopMs)
  await closed
  clearTimeout(deadline)
}

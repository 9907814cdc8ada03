import { createServer as createPlainServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { WebSocketServer, type ServerOptions as ServerOptionsOfWs } from 'ws'
import { CLOSE } from '@3cx-ninja/protocol'
import {
  createClientSockets,
  type ClientSockets,
  type SocketClient,
  type SocketOrigin,
} from './clientSockets.ts'
import { createConnectionGuard, type ConnectionGuard } from './connectionGuard.ts'
import { connectionLimits } from './connectionLimits.ts'
import { inTurn } from './inTurn.ts'
import { networkOf, peerOf } from './peer.ts'
import { createPipelineGate, type PipelineGate } from './pipelineGate.ts'
import type { HubServer, ServerOptions, SocketRoute, StartServer } from './serverPort.ts'
import { createTraffic, type Traffic } from './traffic.ts'
import { TLS } from './tlsOptions.ts'
import { serverTuning, type ServerTuning } from './tuning.ts'
import { readUpgrade, refuseUpgrade } from './upgrade.ts'
import { adoptSocket, createTopics, type SocketSurroundings, type Topics } from './wsSocket.ts'

const PAST_PROXY =
  'This hub is reached through its proxy, which protects the connection: use its https address.'
const STOPPING = 'The hub stops or restarts: try again in a moment.'
const FOREIGN_PAGE =
  'A page of another address opened this socket with the cookie of this hub: open the hub’s own page, at the address in hub.publicUrl.'

/** Starts the default engine: node:http(s) and ws. Rejects when it cannot listen. */
export const startWsEngine: StartServer = wsEngine(serverTuning)

/** Returns the same engine with other durations, as tests need them. */
export function wsEngine(tuning: ServerTuning): StartServer {
  return async (options) => {
    const limits = options.limits ?? connectionLimits(undefined)
    const engine: Engine = {
      options,
      tuning,
      topics: createTopics(),
      guard: createConnectionGuard(limits, options.proxy),
      gate: createPipelineGate(tuning.maxPipelined + 1),
      clientSockets: createClientSockets(tuning),
      traffic: createTraffic(() => performance.now()),
      routes: options.sockets.map((route) => ({ route, sockets: createSocketServer(route, tuning) })),
      authorizing: new Set(),
      stopping: undefined,
    }
    const server = createServer(engine)
    server.maxConnections = limits.total
    guardConnections(server, engine)
    server.on('upgrade', (incoming: IncomingMessage, stream: Duplex, head: Buffer) => {
      stream.on('error', destroyItself)
      engine.gate.release(stream)
      upgrade(engine, incoming, stream, head)
    })
    await listen(server, options)
    server.on('error', (error) => options.onConnectionError?.(error))
    return {
      port: (server.address() as AddressInfo).port, // a listening TCP server has an AddressInfo
      publish: engine.topics.publish,
      figures: () => ({
        connections: engine.guard.figures(),
        limits,
        busiest: engine.traffic.busiest(),
      }),
      replaceCertificate(certificate) {
        if ('setSecureContext' in server) server.setSecureContext({ ...certificate, ...TLS })
      },
      stop: () => (engine.stopping ??= stop(server, engine)),
    } satisfies HubServer
  }
}

interface Engine {
  readonly options: ServerOptions
  readonly tuning: ServerTuning
  readonly topics: Topics
  readonly guard: ConnectionGuard
  readonly gate: PipelineGate
  readonly clientSockets: ClientSockets
  readonly traffic: Traffic
  readonly routes: readonly { readonly route: SocketRoute; readonly sockets: WebSocketServer }[]
  /** Upgrades whose token is being checked. */
  readonly authorizing: Set<Duplex>
  stopping: Promise<void> | undefined
}

/** Not an arrow function within the listener: that would keep the whole request for as long as the socket lives. */
function destroyItself(this: Duplex): void {
  this.destroy()
}

function guardConnections(server: Server | TlsServer, { guard, gate, options }: Engine): void {
  server.on('connection', (socket: Socket) => guard.opened(socket))
  server.on('secureConnection', (socket: Socket) => guard.active(socket))
  server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => gate.watch(socket))
  server.on('drop', (data?: { remoteAddress?: string }) => guard.dropped(data?.remoteAddress))
}

function upgrade(engine: Engine, incoming: IncomingMessage, stream: Duplex, head: Buffer): void {
  const { options, tuning, authorizing } = engine
  const refuse = (status: number, error: string, message: string) =>
    refuseUpgrade(stream, { status, error, message }, tuning.refusalMs)
  const asked = readUpgrade(incoming, options)
  if (!asked) return refuse(400, 'bad-address', 'This is no address.')
  if (asked.bypassesProxy && !options.tls) return refuse(403, 'use-the-proxy', PAST_PROXY)
  const found = engine.routes.find(({ route }) => route.path === asked.path)
  if (!found) return refuse(404, 'not-found', `No socket at ${asked.path}.`)
  if (asked.isForeignPage) return refuse(403, 'other-origin', FOREIGN_PAGE)
  if (engine.stopping) return refuse(503, 'stopping', STOPPING)
  engine.guard.active(incoming.socket)
  authorizing.add(stream)
  found.route
    .authorize(asked.request)
    .then(
      (answer) => {
        if (engine.stopping) return refuse(503, 'stopping', STOPPING)
        if (!answer.ok) return refuse(answer.status, answer.error, answer.message)
        found.sockets.handleUpgrade(incoming, stream, head, (socket) => {
          // Not the request itself: it would live as long as the socket.
          const { remoteAddress, remotePort } = incoming.socket
          const from = { clientId: answer.client?.id, network: networkOf(asked.request.remoteAddress) }
          const surroundings = surroundingsOf(engine, answer.client, from, { remoteAddress, remotePort })
          engine.clientSockets.greeting(from, socket)
          adoptSocket(socket, stream, found.route, answer.context, surroundings)
        })
      },
      () => refuse(503, 'internal', 'The hub could not check this connection; see its log.'),
    )
    .finally(() => authorizing.delete(stream))
}

function surroundingsOf(
  { tuning, topics, guard, clientSockets, traffic }: Engine,
  client: SocketClient | undefined,
  from: SocketOrigin,
  peer: Pick<Socket, 'remoteAddress' | 'remotePort'>,
): SocketSurroundings {
  return {
    tuning,
    topics,
    admit: (socket) => guard.proven(peer) && clientSockets.admitted(from, socket),
    received(bytes) {
      if (client) traffic.count(client, bytes)
    },
    ended: (socket) => clientSockets.ended(from, socket),
  }
}

function createServer(engine: Engine): Server | TlsServer {
  const { options, tuning, guard } = engine
  const listener = getRequestListener((request, env) => {
    // A browser holds a spare connection, which no stop closes as idle: the hub must not seem to be there through it.
    if (engine.stopping)
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
  const handle = inTurn((incoming, outgoing) => {
    guard.active(incoming.socket)
    void listener(incoming, outgoing)
  }, tuning.maxPipelined)
  const limits = {
    headersTimeout: tuning.headersMs,
    requestTimeout: tuning.requestMs,
    connectionsCheckingInterval: tuning.checkMs,
  }
  return options.tls
    ? createTlsServer({ ...limits, ...options.tls, ...TLS, handshakeTimeout: tuning.handshakeMs }, handle)
    : createPlainServer(limits, handle)
}

function createSocketServer(route: SocketRoute, tuning: ServerTuning): WebSocketServer {
  const options: ServerOptionsOfWs & UntypedOptions = {
    noServer: true,
    maxPayload: route.maxPayloadBytes,
    perMessageDeflate: false,
    maxFragments: tuning.maxFragments,
    maxBufferedChunks: tuning.maxBufferedChunks,
    closeTimeout: tuning.closeMs,
  }
  return new WebSocketServer(options)
}

/** Options of ws 8.23 that are not in its types. */
interface UntypedOptions {
  readonly maxBufferedChunks: number
  readonly closeTimeout: number
}

/** Connections that the kernel holds until this process is free: with its default of 511 a burst makes honest peers wait a second. */
const BACKLOG = 4_096

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (cause: NodeJS.ErrnoException) =>
      reject(new Error(explainListen(cause, host, port), { cause }))
    server.once('error', refused)
    server.listen(port, host, BACKLOG, () => {
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

async function stop(server: Server | TlsServer, { routes, authorizing, tuning }: Engine): Promise<void> {
  const sockets = () => routes.flatMap((one) => [...one.sockets.clients])
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  for (const socket of sockets()) socket.close(CLOSE.goingAway.code, 'goingAway')
  // A timer of the machine itself: the engine is the edge, and a stop is bounded by real time.
  const deadline = setTimeout(() => {
    for (const socket of sockets()) socket.terminate()
    for (const stream of authorizing) stream.destroy()
    server.closeAllConnections()
  }, tuning.stopMs)
  await closed
  clearTimeout(deadline)
}

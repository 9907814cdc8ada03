import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import type { WireParticipant } from './participants.ts'
import { answerToken, createTokens, type ApiClient } from './pbxClient.ts'

/** Misbehavior of a part of the sandbox: an HTTP status, or the answer of a proxy or web console around a PBX. */
export type Fault = number | 'html' | 'huge' | 'wrong-types' | 'broken-json' | 'silent'

export interface PbxSetup {
  readonly client?: Partial<ApiClient>
  readonly nowMs?: () => number
  /** Numbers that the client sees, with their type; the list always contains its own route point. */
  readonly numbers?: Readonly<Record<string, string>>
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly port?: number
}

/** Modes that a test or a demonstration may set at any time. */
export interface PbxModes {
  token?: Fault | undefined
  api?: Fault | undefined
  socket?: Fault | undefined
  /** Sends every frame twice, as 3CX often does. */
  twice: boolean
  /** Loses frames: nothing is sent. */
  mute: boolean
  /** Cuts the stream when its token is replaced. The behavior of 3CX itself is unknown. */
  cutsOnReplace: boolean
  lifeSeconds: number
  reportsMinutes: boolean
  roles: readonly string[]
  /** Sends participants within the Upsert, as some clients have seen. */
  embeds: 'no' | 'plain' | 'wrapped'
}

export interface SandboxPbx extends AsyncDisposable {
  readonly url: string
  readonly client: ApiClient
  readonly modes: PbxModes
  /** One line per request: 'GET /callcontrol 200'. */
  readonly requests: string[]
  readonly numbers: Map<string, string>
  /** Creates or changes a participant and sends the event. */
  put(part: WireParticipant): void
  /** Ends a participant and sends the event. */
  take(dn: string, id: number): void
  /** Returns all participants of all numbers. */
  participants(): readonly WireParticipant[]
  send(text: string): void
  /** Issues a token of the same client to another program, which invalidates the hub's. */
  replaceToken(): void
  tokensIssued(): number
  sockets(): number
  /** Cuts every connection of the stream without a close frame. */
  cut(): void
  /** Stops sending to all peers, even the answer to a ping; no connection ends. */
  freeze(): void
}

/**
 * Starts a Call Control API like that of 3CX V20, as far as its pages and captures document it, and as strict: it refuses
 * the requests that 3CX refuses. Resolves once it listens.
 */
export async function startSandboxPbx(setup: PbxSetup = {}): Promise<SandboxPbx> {
  const client = { clientId: 'hubninja', clientSecret: 'sandbox-api-key', ...setup.client }
  const modes: PbxModes = {
    twice: false,
    mute: false,
    cutsOnReplace: false,
    lifeSeconds: 3_600,
    reportsMinutes: false,
    roles: ['Enterprise', 'Paid', 'MyUser'],
    embeds: 'no',
  }
  const numbers = new Map([
    [client.clientId, 'Wroutepoint'],
    ...Object.entries(setup.numbers ?? { 201: 'Wextension', 202: 'Wextension' }),
  ])
  const parts = new Map<string, WireParticipant>()
  const requests: string[] = []
  const streams = new Set<WebSocket>()
  const raw = new Set<Socket>()
  let sequence = 0
  const tokens = createTokens({
    client,
    nowMs: setup.nowMs ?? (() => Date.now()),
    lifeSeconds: () => modes.lifeSeconds,
    reportsMinutes: () => modes.reportsMinutes,
    roles: () => modes.roles,
  })
  const issue = () => {
    const answer = tokens.issue()
    if (modes.cutsOnReplace) for (const stream of streams) stream.terminate()
    return answer
  }
  const of = (dn: string) => [...parts.values()].filter((part) => part.dn === dn)
  const devices = (dn: string) => [{ dn, device_id: `sip:${dn}@192.0.2.20:5063`, user_agent: '3CX Windows' }]
  const shown = (dn: string) => ({ dn, type: numbers.get(dn), devices: devices(dn), participants: of(dn) })

  /** Returns the answer of GET; undefined means 404. */
  const find = (path: string): unknown => {
    const [, root, dn = '', kind, id, more] = path.split('/').map(decodeURIComponent)
    if (root !== 'callcontrol' || more !== undefined) return undefined
    if (dn === '') return path.endsWith('/') ? undefined : [...numbers.keys()].map(shown)
    if (!numbers.has(dn)) return undefined
    if (kind === undefined) return shown(dn)
    if (kind === 'devices') return id === undefined ? devices(dn) : devices(dn).find((one) => one.device_id === id) // prettier-ignore
    if (kind !== 'participants') return undefined
    return id === undefined ? of(dn) : parts.get(`${dn}/${id}`)
  }
  const reply = (to: ServerResponse, status: number, body?: unknown) => {
    to.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    to.end(body === undefined ? '' : JSON.stringify(body))
  }
  const misbehave = (to: ServerResponse, fault: Fault): void => {
    switch (fault) {
      case 'html':
        to.writeHead(200, { 'content-type': 'text/html' })
        return void to.end('<!doctype html><title>3CX</title><p>Please sign in')
      case 'huge':
        to.writeHead(200, { 'content-type': 'application/json' })
        return void to.end(`["${'x'.repeat(40_000_000)}"]`)
      case 'wrong-types':
        return reply(to, 200, [{ dn: 7, type: [], participants: 'none' }, null, 3, { participants: {} }])
      case 'broken-json':
        to.writeHead(200, { 'content-type': 'application/json' })
        return void to.end('[{"dn":"201","participants":[{"id":1,')
      case 'silent':
        return
      default:
        return reply(to, fault, { error: 'sandbox fault' })
    }
  }
  const answer = async (request: IncomingMessage, to: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://pbx')
    to.on('finish', () => requests.push(`${request.method ?? ''} ${pathname} ${to.statusCode}`))
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer) // a server's request gives buffers
    if (pathname === '/connect/token') {
      if (modes.token !== undefined) return misbehave(to, modes.token)
      if (request.method !== 'POST') return reply(to, 405)
      const type = request.headers['content-type'] ?? ''
      const { status, body } = await answerToken({ type, body: Buffer.concat(chunks) }, client, issue)
      return reply(to, status, body)
    }
    if (!pathname.startsWith('/callcontrol')) return misbehave(to, 'html') // the web console
    if (!tokens.isValid(request.headers.authorization)) return reply(to, 401)
    if (modes.api !== undefined) return misbehave(to, modes.api)
    if (request.method !== 'GET') return reply(to, 405)
    const found = find(pathname)
    return found === undefined ? reply(to, 404) : reply(to, 200, found)
  }
  const listener = (request: IncomingMessage, to: ServerResponse) => void answer(request, to)
  const server = setup.tls ? createTlsServer(setup.tls, listener) : createServer(listener)
  server.on('connection', (socket: Socket) => {
    raw.add(socket)
    socket.on('close', () => raw.delete(socket))
  })
  const upgrades = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const refuse = (status: number) => {
      requests.push(`UPGRADE ${request.url ?? ''} ${status}`)
      socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
    }
    socket.on('error', () => socket.destroy())
    if (request.url !== '/callcontrol/ws') return refuse(404)
    if (!tokens.isValid(request.headers.authorization)) return refuse(401)
    if (modes.socket === 'silent') return
    if (modes.socket !== undefined) return refuse(typeof modes.socket === 'number' ? modes.socket : 200)
    upgrades.handleUpgrade(request, socket, head, (stream) => {
      requests.push('UPGRADE /callcontrol/ws 101')
      streams.add(stream)
      stream.on('close', () => streams.delete(stream))
      stream.on('error', () => stream.terminate())
      stream.on('message', (data: Buffer) => respond(stream, data.toString('utf8')))
    })
  })
  /** Answers an optional request on the stream as an event of type 4. */
  const respond = (stream: WebSocket, text: string) => {
    const asked = JSON.parse(text) as { RequestID?: string; Path?: string } // the sandbox's own tests only
    const Response = find(asked.Path ?? '')
    const attached_data = { RequestID: asked.RequestID, Path: asked.Path, StatusCode: Response === undefined ? 404 : 200, Response } // prettier-ignore
    stream.send(JSON.stringify({ sequence: ++sequence, event: { event_type: 4, entity: '', attached_data } }))
  }
  const send = (text: string) => {
    for (const stream of streams) stream.send(text)
  }
  const report = (event_type: 0 | 1, dn: string, id: number, part?: WireParticipant) => {
    if (modes.mute || !numbers.has(dn)) return
    const attached_data = !part || modes.embeds === 'no' ? null : modes.embeds === 'plain' ? part : { StatusCode: 200, Response: part } // prettier-ignore
    const entity = `/callcontrol/${dn}/participants/${id}`
    for (let times = 0; times < (modes.twice ? 2 : 1); times++)
      send(JSON.stringify({ sequence: ++sequence, event: { event_type, entity, attached_data } }))
  }
  await new Promise<void>((resolve) => server.listen(setup.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port

  return {
    url: `${setup.tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}`,
    client,
    modes,
    requests,
    numbers,
    put(part) {
      parts.set(`${part.dn}/${part.id}`, part)
      report(0, part.dn, part.id, part)
    },
    take(dn, id) {
      if (parts.delete(`${dn}/${id}`)) report(1, dn, id)
    },
    participants: () => [...parts.values()].filter(({ dn }) => numbers.has(dn)),
    send,
    replaceToken: () => void issue(),
    tokensIssued: tokens.issued,
    sockets: () => streams.size,
    cut() {
      for (const stream of streams) stream.terminate()
    },
    freeze() {
      for (const socket of raw) socket.pause()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of raw) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

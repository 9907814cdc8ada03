import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  hubToWorker,
  acceptLink,
  encodeFrame,
  enrollRequest,
  workerToHub,
  type AcceptedLink,
  type HubToWorker,
  type LogRecord,
  type WorkerToHub,
} from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { WebSocketServer } from 'ws'

export interface FakeHub extends AsyncDisposable {
  readonly url: string
  readonly received: readonly WorkerToHub[]
  /** Resolves with the next message of this kind that no call of `next` has returned yet. */
  next<Kind extends WorkerToHub['kind']>(kind: Kind): Promise<Extract<WorkerToHub, { kind: Kind }>>
  send(message: HubToWorker): void
  sendRecords(stream: number, records: readonly LogRecord[]): void
  /** Whether the hub answers renewals; true until the test sets it. */
  renews: boolean
  cut(): void
}

const TOKEN = 'token-of-the-worker'
export const ENROLLMENT_KEY = 'secret-of-the-admin-page'

/** A hub that enrolls one worker and speaks the protocol strictly: a message that is not of its shape closes the link. */
export async function startFakeHub(): Promise<FakeHub> {
  const received: WorkerToHub[] = []
  const unread: WorkerToHub[] = []
  const waiting = new Set<() => void>()
  let link: AcceptedLink<HubToWorker> | undefined
  let renews = true

  const http = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const asked = enrollRequest.safeParse(body)
      const known = request.url === '/api/enroll' && asked.success && asked.data.secret === ENROLLMENT_KEY
      response.writeHead(known ? 200 : 403, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify(
          known
            ? { id: 'worker-1', token: TOKEN, hubName: 'Test' }
            : { error: 'bad-key', message: 'The enrollment key is unknown: make a new one.' },
        ),
      )
    })
  })
  const sockets = new WebSocketServer({ noServer: true })
  http.on('upgrade', (request, socket, head) => {
    if (request.url !== '/link/worker' || request.headers.authorization !== `Bearer ${TOKEN}`)
      return void socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const accepted = acceptLink<WorkerToHub, HubToWorker>({
        socket: {
          send: (data) => ws.send(data),
          close: (code, reason) => ws.close(code, reason),
          bufferedBytes: () => ws.bufferedAmount,
        },
        role: 'worker',
        clientId: 'worker-1',
        hubVersion: 'test',
        clock: systemClock,
        incoming: workerToHub,
        outgoing: hubToWorker,
        onReady: () => (link = accepted),
        onMessage(message) {
          if (message.kind === 'lease-renew' && renews)
            accepted.send({
              kind: 'lease-renewed',
              leaseId: message.leaseId,
              fence: message.fence,
              ttlMs: 60_000, // As in process.test.ts: a busy machine must not lose the lease.
            })
          received.push(message)
          unread.push(message)
          for (const check of [...waiting]) check()
        },
        onBinary: () => undefined,
        onClosed: () => undefined,
      })
      ws.on('message', (data: Buffer, isBinary) => accepted.received(isBinary ? data : data.toString('utf8')))
      ws.on('close', (code) => accepted.closed(code))
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    received,
    next: <Kind extends WorkerToHub['kind']>(kind: Kind) =>
      new Promise<Extract<WorkerToHub, { kind: Kind }>>((resolve) => {
        const check = () => {
          const index = unread.findIndex((message) => message.kind === kind)
          if (index < 0) return
          waiting.delete(check)
          // found by its kind just above
          resolve(unread.splice(index, 1)[0] as Extract<WorkerToHub, { kind: Kind }>)
        }
        waiting.add(check)
        check()
      }),
    send: (message) => link?.send(message),
    sendRecords(stream, records) {
      for (let at = 0; at < records.length; at += 40)
        link?.sendBinary(encodeFrame(stream, records.slice(at, at + 40)))
    },
    get renews() {
      return renews
    },
    set renews(value) {
      renews = value
    },
    cut() {
      for (const ws of sockets.clients) ws.terminate()
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const ws of sockets.clients) ws.terminate()
        http.closeAllConnections()
        http.close(() => resolve())
      }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined // The body is no enrollment request.
  }
}

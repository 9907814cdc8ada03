// The hub's baseline: a server of `ws` with the hub's own certificate that forwards each frame to a receiver and
// acknowledges it. As `stored` it also encrypts each frame and appends it to one file with a shared flush.
import { createCipheriv, randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { HUB } from '../partTuning.ts'
import { relayOrder, type RelayOrder } from './messages.ts'

const order = relayOrder.parse(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')))
const [key = '', cert = ''] = (await readFile(order.leafFile, 'utf8')).split(
  /(?=-----BEGIN CERTIFICATE-----)/,
)
const receivers: WebSocket[] = []
const keep = order.kind === 'stored' ? await openStore(order) : undefined

const server = createServer({ key, cert, minVersion: 'TLSv1.2' })
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
let agents = 0
sockets.on('connection', (socket, request) => {
  if (request.url === '/receive') return void receivers.push(socket)
  const receiver = receivers[agents++ % receivers.length]
  socket.on('message', (data: Buffer) => {
    receiver?.send(data)
    // u16 stream at 1, u32 sequence of the first record at 3, count of records at 7
    const position = data.readUInt32BE(3) + data.readUInt8(7)
    if (keep) keep(socket, data, position)
    else acknowledge(socket, position)
  })
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo // it listens on a TCP port
  process.stdout.write(`${JSON.stringify({ relay: 'ready', port })}\n`)
})

function acknowledge(socket: WebSocket, position: number): void {
  socket.send(JSON.stringify({ kind: 'records-flushed', stream: 1, position }))
}

/** Opens one file with one shared flush for all frames; flushes are at least as far apart as the hub's. */
async function openStore({ file, flushDelayMs }: RelayOrder) {
  const handle = await open(file, 'w')
  const secret = randomBytes(32)
  let waiting: Buffer[] = []
  let owed = new Map<WebSocket, number>()
  let scheduled = false
  let lastMs = 0
  const flush = async () => {
    lastMs = performance.now()
    const bytes = Buffer.concat(waiting)
    const owing = owed
    waiting = []
    owed = new Map()
    await handle.write(bytes)
    await handle.datasync()
    if (flushDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, flushDelayMs))
    for (const [socket, position] of owing) acknowledge(socket, position)
    scheduled = false
    if (waiting.length > 0) schedule()
  }
  const schedule = () => {
    if (scheduled) return
    scheduled = true
    const inMs = Math.max(0, lastMs + HUB.flushEveryMs - performance.now())
    setTimeout(() => void flush(), inMs)
  }
  return (socket: WebSocket, data: Buffer, position: number) => {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', secret, nonce)
    waiting.push(nonce, cipher.update(data), cipher.final(), cipher.getAuthTag())
    owed.set(socket, position)
    schedule()
  }
}

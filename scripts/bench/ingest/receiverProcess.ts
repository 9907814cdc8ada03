// Stands in for the workers in its own process: accepts leases on every recording, reads the forwarded frames and reports
// progress as a worker does, without transcribing. With a relay it only reads.
import { readFile } from 'node:fs/promises'
import { hubToWorker, openLink, streamOfFrame, type HubToWorker, type Link, type WorkerToHub } from '@3cx-ninja/protocol' // prettier-ignore
import { connectSocket } from '@3cx-ninja/node-kit/connectSocket.ts'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { WebSocket } from 'ws'
import { WORKER } from '../partTuning.ts'
import { receiverOrder, type ReceiverOrder } from './messages.ts'

const print = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`)
const order = receiverOrder.parse(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')))
const ca = await readFile(order.caFile, 'utf8')
let frames = 0
let leases = 0
/** Layout of the frame's head: u32 sequence of the first record at 3, count of records at 7. */
const COUNT_AT = 7
const positionBehind = (frame: Buffer) => frame.readUInt32BE(3) + frame.readUInt8(COUNT_AT)

await Promise.all(order.tokens.map((token) => (order.dialect === 'hub' ? attach(order, token) : read(order))))
print({ receiver: 'ready' })
// Each line on stdin requests the count of forwarded frames; the process ends with its stdin.
process.stdin.on('data', () => print({ receiver: 'frames', frames }))
process.stdin.on('end', () => process.exit(0))

function read({ url }: ReceiverOrder): Promise<void> {
  const socket = new WebSocket(`${url}/receive`, { ca, perMessageDeflate: false })
  socket.on('message', () => (frames += 1))
  return new Promise((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
}

function attach({ url, tokens, recordings }: ReceiverOrder, token: string): Promise<void> {
  const slots = Math.ceil(recordings / tokens.length)
  const streams = new Map<
    number,
    { readonly leaseId: string; readonly part: number; unacknowledged: number }
  >()
  return new Promise((resolve, reject) => {
    const receive = (message: HubToWorker) => {
      if (message.kind === 'lease-offer') {
        const { leaseId, fence, ttlMs } = message.lease
        link.send({ kind: 'lease-accept', leaseId })
        leases += 1
        if (leases === recordings) print({ receiver: 'all-leased' })
        setInterval(() => link.send({ kind: 'lease-renew', leaseId, fence }), ttlMs / 4)
      }
      if (message.kind === 'part-follows')
        streams.set(message.stream, {
          leaseId: message.leaseId,
          part: message.header.part,
          unacknowledged: 0,
        })
      if (message.kind === 'lease-revoked') print({ receiver: 'revoked', reason: message.reason })
    }
    const link: Link<WorkerToHub> = openLink<HubToWorker, WorkerToHub>({
      connect: (on) =>
        connectSocket({ hub: url.replace('wss:', 'https:'), path: '/link/worker', token, ca }, on),
      hello: { role: 'worker', version: 'bench' },
      incoming: hubToWorker,
      clock: systemClock,
      random: Math.random,
      onMessage: receive,
      onBinary(bytes) {
        frames += 1
        const lease = streams.get(streamOfFrame(bytes) ?? 0)
        if (!lease) return
        const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        lease.unacknowledged += frame.readUInt8(COUNT_AT)
        if (lease.unacknowledged < WORKER.acknowledgeRecords) return
        lease.unacknowledged = 0
        const { leaseId, part } = lease
        const taken = { kind: 'records-acknowledged', leaseId, part, position: positionBehind(frame) }
        link.send(taken as WorkerToHub) // the id is the hub's own
      },
      onState(state) {
        if (state.at === 'refused' || state.at === 'waiting') reject(new Error('the hub refused a worker'))
        if (state.at !== 'open') return
        link.send({
          kind: 'worker-offer',
          name: 'bench',
          slots,
          engine: 'none',
          model: 'none',
          device: 'bench',
          decoders: 1,
          speed: 1,
        })
        resolve()
      },
    })
  })
}

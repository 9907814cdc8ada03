import type { WebSocket } from 'ws'
import { reconnects } from './agent.ts'
import { flood, openLinkOf, goesOn, pause, type Attack } from '../wire.ts'

/** Thousands of wallboards that never say hello, with one token. */
const idleWallboards: Attack = async (needs) => {
  const open = new Set<WebSocket>()
  while (goesOn(needs)) {
    while (open.size < 3_000 && goesOn(needs)) {
      const some = await Promise.all(
        Array.from({ length: 20 }, () => openLinkOf('wallboard', needs, { hello: open.size % 2 === 0 })),
      )
      for (const socket of some) {
        needs.count()
        if (!socket) continue
        open.add(socket)
        socket.on('close', () => open.delete(socket))
      }
      if (some.every((socket) => !socket)) await pause(200)
    }
    await pause(50)
  }
  for (const socket of open) socket.terminate()
}

/** A worker that offers room for everything, accepts every lease, renews it and never reads a record. */
const idleWorker: Attack = async (needs) => {
  while (goesOn(needs)) {
    const socket = await openLinkOf('worker', needs)
    needs.count()
    if (!socket) {
      await pause(200)
      continue
    }
    const leases = new Map<string, number>()
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return
      const message = JSON.parse(data.toString('utf8')) as { kind: string; lease?: { leaseId: string; fence: number } }
      if (message.kind !== 'lease-offer' || !message.lease) return
      leases.set(message.lease.leaseId, message.lease.fence)
      socket.send(JSON.stringify({ kind: 'lease-accept', leaseId: message.lease.leaseId }))
    })
    socket.send(JSON.stringify({ kind: 'worker-offer', slots: 200, languages: ['fr', 'en'], codecs: ['opus', 'pcm16'], speed: 100 }))
    while (goesOn(needs) && socket.readyState === socket.OPEN) {
      for (const [leaseId, fence] of leases) socket.send(JSON.stringify({ kind: 'lease-renew', leaseId, fence }))
      needs.count(leases.size)
      await pause(500)
    }
    socket.terminate()
  }
} // prettier-ignore

/** Utterances of leases that the worker does not hold. */
const foreignUtterances: Attack = (needs) =>
  flood('worker', needs, {
    perSecond: 3_000,
    next: (attempt) => JSON.stringify({ kind: 'lease-renew', leaseId: `hostile-lease-${attempt}`, fence: 1 }),
  })

export const wallboardAttacks: Readonly<Record<string, Attack>> = {
  '3,000 idle wallboards': idleWallboards,
  "a wallboard's token on the agents' route": reconnects,
}
export const workerAttacks: Readonly<Record<string, Attack>> = {
  'a worker that accepts and reads nothing': idleWorker,
  'renewals of leases of others': foreignUtterances,
}

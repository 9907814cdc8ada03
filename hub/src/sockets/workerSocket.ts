import {
  MAX_FRAME_BYTES,
  acceptLink,
  workerId,
  workerToHub,
  type Clock,
  type HubToWorker,
} from '@3cx-ninja/protocol'
import { bearerOf, type Access } from '../access/access.ts'
import type { Dispatcher, WorkerSeat } from '../dispatch/ports.ts'
import type { Log } from '../observe/log.ts'
import type { SocketRoute } from '../server/serverPort.ts'
import { refuseToken } from './refuseToken.ts'

export interface WorkerSocketNeeds {
  readonly access: Access
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  readonly hubVersion: string
  readonly log: Log
  readonly onCount: (count: number) => void
}

/** `/link/worker`: workers offer places, take leases and send text. Rules W1 to W12 of PROTOCOL.md. */
export function createWorkerSocket({
  access,
  dispatcher,
  clock,
  hubVersion,
  log,
  onCount,
}: WorkerSocketNeeds): SocketRoute {
  const connected = new Map<string, { close(): void }>()
  return {
    path: '/link/worker',
    maxPayloadBytes: MAX_FRAME_BYTES,
    maxBufferedBytes: 64 * 1_048_576,
    async authorise(request) {
      const token = await access.authorise('worker', bearerOf(request.headers), request.remoteAddress)
      if (!token.ok) return refuseToken(token.reason)
      const { member } = token
      return {
        ok: true,
        context: (socket) => {
          let seat: WorkerSeat | undefined
          const link = acceptLink<ReturnType<typeof workerToHub.parse>, HubToWorker>({
            socket,
            role: 'worker',
            you: member.id,
            hubVersion,
            clock,
            incoming: workerToHub,
            onReady() {
              connected.get(member.id)?.close()
              connected.set(member.id, { close: () => link.close('replaced') })
              onCount(connected.size)
              const id = workerId.parse(member.id)
              seat = dispatcher.attach({
                workerId: id,
                send: link.send,
                sendBinary: link.sendBinary,
                bufferedBytes: link.bufferedBytes,
              })
              log.info({ workerId: member.id, name: member.name }, 'worker.connected')
            },
            onMessage: (message) => seat?.message(message),
            onBinary: () => link.close('brokenMessage'),
            onClosed({ code }) {
              seat?.gone()
              if (!seat) return
              if (connected.get(member.id) === own) connected.delete(member.id)
              onCount(connected.size)
              log.info({ workerId: member.id, code }, 'worker.gone')
            },
            onOddMessage: (odd) => log.warn({ workerId: member.id, ...odd }, 'worker.odd-message'),
          })
          const own = { close: () => link.close('replaced') }
          return { message: link.received, drain: () => seat?.drain(), close: link.closed }
        },
      }
    },
  }
}

import {
  MAX_FRAME_BYTES,
  acceptLink,
  hubToWorker,
  workerId as workerIdSchema,
  workerToHub,
  type AcceptedLink,
  type Clock,
  type HubToWorker,
  type WorkerId,
  type WorkerToHub,
} from '@3cx-ninja/protocol'
import { bearerOf, type Access } from '../access/access.ts'
import type { Dispatcher, AttachedWorker } from '../dispatch/ports.ts'
import type { Log } from '../observe/log.ts'
import type { ServerSocket, SocketHandlers, SocketRoute } from '../server/serverPort.ts'
import type { BusyClients } from './busyClients.ts'
import { createFloodGuard } from './floodGuard.ts'
import { createClientLinks } from './clientLinks.ts'
import { createReading } from './reading.ts'
import { refuseToken } from './refuseToken.ts'
import type { SharedTokens } from './sharedTokens.ts'
import { socketsTuning } from './tuning.ts'

/** What the workers' route works on, and the receivers of what it counts. */
export interface WorkerSocketNeeds {
  readonly access: Pick<Access, 'authorize' | 'onRevoked' | 'wasRevoked' | 'linkOpened'>
  readonly dispatcher: Pick<Dispatcher, 'attach'>
  readonly clock: Clock
  readonly hubVersion: string
  readonly log: Log
  readonly onCount: (count: number) => void
  readonly sharedTokens: Pick<SharedTokens, 'connected'>
  readonly busyClients: Pick<BusyClients, 'note'>
}

/** Feeds pause at 1 MiB (dispatch/tuning.ts); more than this means that even what is no audio does not get through. */
const MAX_BUFFERED_BYTES = 64 * 1_048_576

/**
 * Creates the route `/link/worker`: workers offer slots, accept leases and send text. Rules W1 to W9 of PROTOCOL.md.
 */
export function createWorkerSocket(needs: WorkerSocketNeeds): SocketRoute {
  const { access, dispatcher, clock, log } = needs
  const connected = new Map<WorkerId, AcceptedLink<HubToWorker>>()
  const clientLinks = createClientLinks(access)

  const adopt = (socket: ServerSocket, id: WorkerId, name: string, address: string): SocketHandlers => {
    let attached: AttachedWorker | undefined
    let release: () => void = () => undefined
    const flood = createFloodGuard({ clock, limits: socketsTuning.worker })
    const link = acceptLink<WorkerToHub, HubToWorker>({
      socket,
      role: 'worker',
      clientId: id,
      hubVersion: needs.hubVersion,
      clock,
      incoming: workerToHub,
      outgoing: hubToWorker,
      onReady({ instance, machine }) {
        if (!socket.admit()) {
          needs.busyClients.note({ clientId: id, role: 'worker', name, how: 'links' })
          return link.close('tooMany')
        }
        needs.sharedTokens.connected({ clientId: id, role: 'worker', name, instance, machine, address })
        connected.get(id)?.close('replaced')
        connected.set(id, link)
        needs.onCount(connected.size)
        const { send, sendBinary, bufferedBytes } = link
        attached = dispatcher.attach({ workerId: id, send, sendBinary, bufferedBytes, hold: reading.hold })
        log.info({ workerId: id, name }, 'worker.connected')
      },
      onMessage: (message) => attached?.receive(message),
      onBinary: () => link.close('brokenMessage'), // a worker has no sound to send
      onClosed({ code, wasReady }) {
        release()
        attached?.detach()
        attached = undefined
        if (connected.get(id) === link) connected.delete(id)
        needs.onCount(connected.size)
        if (wasReady) log.info({ workerId: id, code }, 'worker.disconnected')
      },
      onUnexpectedMessage: (unexpected) =>
        log.warn({ workerId: id, ...unexpected }, 'worker.unexpected-message'),
      onSetAside: (message) => log.error({ workerId: id, ...message }, 'worker.message-set-aside'),
      onFailure: ({ stack }) => log.error({ workerId: id, error: stack }, 'worker.data-failed'),
    })
    const reading = createReading(socket, link.reading)
    release = clientLinks.add(id, link, address)
    return {
      message(data) {
        if (flood.allows(data)) return link.received(data)
        link.close('tooMany')
        needs.busyClients.note({ clientId: id, role: 'worker', name, how: 'flood' })
      },
      drain: () => attached?.drained(),
      close: link.closed,
    }
  }

  return {
    path: '/link/worker',
    maxPayloadBytes: MAX_FRAME_BYTES,
    maxBufferedBytes: MAX_BUFFERED_BYTES,
    async authorize(request) {
      const token = await access.authorize('worker', bearerOf(request.headers), request.remoteAddress)
      if (!token.ok) return refuseToken(token.reason)
      const { id, name } = token.client
      return {
        ok: true,
        client: { role: 'worker', id, name },
        context: (socket) => adopt(socket, workerIdSchema.parse(id), name, request.remoteAddress),
      }
    },
  }
}

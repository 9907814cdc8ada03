import {
  MAX_FRAME_BYTES,
  acceptLink,
  hubToWallboard,
  type Clock,
  type HubToWallboard,
} from '@3cx-ninja/protocol'
import { z } from 'zod'
import { bearerOf, cookieOf, type Access } from '../access/access.ts'
import type { Log } from '../observe/log.ts'
import type { SocketRoute } from '../server/serverPort.ts'
import type { WallboardFeed } from '../wallboard/wallboardFeed.ts'
import type { BusyClients } from './busyClients.ts'
import { createFloodGuard } from './floodGuard.ts'
import { createClientLinks } from './clientLinks.ts'
import { refuseToken } from './refuseToken.ts'
import { socketsTuning } from './tuning.ts'

/** The topic by which one text is sent to all wallboards. */
export const WALLBOARD_TOPIC = 'wallboard'

const MAX_BUFFERED_BYTES = 4 * 1_048_576
/** A wallboard says nothing but hello and pings: whatever else has a kind is closed. Rule T5. */
const anyMessage = z.object({ kind: z.string() })

/**
 * Creates the route `/link/wallboard`: sends a snapshot on connect, then what changes, published once for all
 * wallboards. Rules T1 to T4.
 */
export function createWallboardSocket(needs: {
  access: Access
  feed: WallboardFeed
  clock: Clock
  hubVersion: string
  log: Log
  busyClients: Pick<BusyClients, 'note'>
  /** The name of the cookie that holds a screen's token. */
  cookie: string
  onCount: (count: number) => void
}): SocketRoute {
  const clientLinks = createClientLinks(needs.access)
  let wallboards = 0
  return {
    path: '/link/wallboard',
    maxPayloadBytes: MAX_FRAME_BYTES,
    maxBufferedBytes: MAX_BUFFERED_BYTES,
    async authorize(request) {
      const token = await needs.access.authorize(
        'wallboard',
        bearerOf(request.headers) ?? cookieOf(request.headers, needs.cookie),
        request.remoteAddress,
      )
      if (!token.ok) return refuseToken(token.reason)
      return {
        ok: true,
        client: { role: 'wallboard', id: token.client.id, name: token.client.name },
        context: (socket) => {
          let release: () => void = () => undefined
          let isCounted = false
          const flood = createFloodGuard({ clock: needs.clock, limits: socketsTuning.wallboard })
          const link = acceptLink<z.infer<typeof anyMessage>, HubToWallboard>({
            socket,
            role: 'wallboard',
            clientId: token.client.id,
            hubVersion: needs.hubVersion,
            clock: needs.clock,
            incoming: anyMessage,
            outgoing: hubToWallboard,
            maxMessageBytes: MAX_BUFFERED_BYTES, // a browser has no limit of its own, and a busy company's snapshot is large
            onReady() {
              if (!socket.admit()) {
                const { id, name } = token.client
                needs.busyClients.note({ clientId: id, role: 'wallboard', name, how: 'links' })
                return link.close('tooMany')
              }
              isCounted = true
              wallboards += 1
              needs.onCount(wallboards)
              link.send(needs.feed.snapshot())
              socket.subscribe(WALLBOARD_TOPIC)
            },
            onMessage: () => link.close('brokenMessage'),
            onSetAside: (message) => needs.log.error({ ...message }, 'wallboard.message-set-aside'),
            onBinary: () => link.close('brokenMessage'),
            onClosed() {
              release()
              if (isCounted) wallboards -= 1
              needs.onCount(wallboards)
            },
          })
          release = clientLinks.add(token.client.id, link, request.remoteAddress)
          return {
            message(data) {
              if (flood.allows(data)) return link.received(data)
              link.close('tooMany')
              const { id, name } = token.client
              needs.busyClients.note({ clientId: id, role: 'wallboard', name, how: 'flood' })
            },
            close: link.closed,
          }
        },
      }
    },
  }
}

import { MAX_FRAME_BYTES, acceptLink, type Clock, type HubToWall } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { bearerOf, cookieOf, type Access } from '../access/access.ts'
import type { Log } from '../observe/log.ts'
import type { SocketRoute } from '../server/serverPort.ts'
import type { WallFeed } from '../wall/wallFeed.ts'
import { createFloodGuard } from './floodGuard.ts'
import { createMemberLinks } from './memberLinks.ts'
import { refuseToken } from './refuseToken.ts'

export const WALL_TOPIC = 'wall'
export const WALL_COOKIE = 'wall'

/** A wall pings once in five seconds; a browser that says so much is broken, or none. */
const MESSAGES_PER_SECOND = 20
/** A wall says nothing but hello and pings: whatever else has a kind is closed. Rule T5. */
const anything = z.object({ kind: z.string() })

/** `/link/wall`: a snapshot on connect, then what changes, published once for all walls. Rules T1 to T4. */
export function createWallSocket(needs: {
  access: Access
  feed: WallFeed
  clock: Clock
  hubVersion: string
  log: Log
  onCount: (count: number) => void
}): SocketRoute {
  const members = createMemberLinks(needs.access)
  let walls = 0
  return {
    path: '/link/wall',
    maxPayloadBytes: MAX_FRAME_BYTES,
    maxBufferedBytes: 4 * 1_048_576,
    async authorise(request) {
      const token = await needs.access.authorise(
        'wall',
        bearerOf(request.headers) ?? cookieOf(request.headers, WALL_COOKIE),
        request.remoteAddress,
      )
      if (!token.ok) return refuseToken(token.reason)
      return {
        ok: true,
        context: (socket) => {
          let release: () => void = () => undefined
          const flood = createFloodGuard({ clock: needs.clock, perSecond: MESSAGES_PER_SECOND })
          const link = acceptLink<z.infer<typeof anything>, HubToWall>({
            socket,
            role: 'wall',
            you: token.member.id,
            hubVersion: needs.hubVersion,
            clock: needs.clock,
            incoming: anything,
            onReady() {
              walls += 1
              needs.onCount(walls)
              link.send(needs.feed.snapshot())
              socket.subscribe(WALL_TOPIC)
            },
            onMessage: () => link.close('brokenMessage'),
            onBinary: () => link.close('brokenMessage'),
            onClosed({ wasReady }) {
              release()
              if (wasReady) walls -= 1
              needs.onCount(walls)
            },
          })
          release = members.hold(token.member.id, link)
          return {
            message(data) {
              if (flood.allows()) link.received(data)
              else link.close('tooMany')
            },
            close: link.closed,
          }
        },
      }
    },
  }
}

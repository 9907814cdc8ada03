import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { CLOSE } from '@3cx-ninja/protocol'
import { WebSocketServer, type WebSocket } from 'ws'
import { z } from 'zod'
import type { Desk } from '../desk/desk.ts'
import type { Logger } from '../process/log.ts'
import { requestNames, type createGuard } from './guard.ts'

/** One call of the page; the table checks its input. */
const asked = z.object({ id: z.int().min(0), name: z.string().max(64), input: z.unknown() })

/** The largest message of a page is an escaped description of 20,000 characters. */
const MAX_MESSAGE_BYTES = 262_144
const MAX_PAGES = 8
/** A page has one or two calls under way. */
const MAX_IN_FLIGHT = 32
/** A page that does not read is disconnected; it connects again and gets everything again. */
const MAX_BUFFERED_BYTES = 8_388_608

/** Serves the desk over WebSockets until `stop`: calls in, answers and events out, all JSON. Knows nothing of what the functions do: that lives in desk/. */
export function openDeskSockets(needs: {
  readonly server: Server
  readonly guard: ReturnType<typeof createGuard>
  readonly desk: Pick<Desk, 'connect'>
  readonly log: Logger
}) {
  const { server, guard, desk, log } = needs
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined) // a peer that vanishes during the handshake
    const verdict = guard.mayConnect(requestNames(request))
    if (!verdict.ok || request.url !== '/desk') {
      const status = verdict.ok ? '404 Not Found' : `${verdict.status} ${verdict.why}`
      log.warn({ why: verdict.ok ? 'path' : verdict.why }, 'desk.refused')
      return void socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`)
    }
    sockets.handleUpgrade(request, socket, head, accept)
  })

  const accept = (socket: WebSocket) => {
    socket.on('error', (error) => log.warn({ cause: error.message }, 'desk.socket'))
    if (sockets.clients.size > MAX_PAGES) return socket.close(CLOSE.tooMany.code, 'too many pages')
    let inFlight = 0
    const send = (message: unknown) => {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return socket.terminate()
      socket.send(JSON.stringify(message))
    }
    const client = desk.connect(send)
    socket.on('message', (data: Buffer, isBinary) => {
      const message = isBinary ? undefined : parse(data.toString('utf8'))
      if (!message) return socket.close(CLOSE.brokenMessage.code, 'not a call of this page')
      if (inFlight >= MAX_IN_FLIGHT) return socket.close(CLOSE.tooMany.code, 'too many calls at once')
      inFlight += 1
      // The desk answers every call.
      void client.call(message).then((answer) => {
        inFlight -= 1
        send({ ...answer, id: message.id })
      })
    })
    socket.on('close', () => client.close())
  }

  return {
    stop() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}

function parse(text: string) {
  try {
    const { id, name, input } = asked.parse(JSON.parse(text))
    return { id, name, input }
  } catch {
    return undefined // the caller closes the socket with a code
  }
}

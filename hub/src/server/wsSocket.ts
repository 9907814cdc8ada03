import type { WebSocket } from 'ws'
import { CLOSE } from '@3cx-ninja/protocol'
import type { ServerSocket, SocketHandlers, SocketRoute } from './serverPort.ts'

/** Who is subscribed to what; sends go through each socket's own measure of slowness. */
export interface Topics {
  join(topic: string, member: ServerSocket): void
  leave(topic: string, member: ServerSocket): void
  publish(topic: string, text: string): void
}

export function createTopics(): Topics {
  const topics = new Map<string, Set<ServerSocket>>()
  return {
    join(topic, member) {
      topics.set(topic, (topics.get(topic) ?? new Set()).add(member))
    },
    leave(topic, member) {
      const members = topics.get(topic)
      members?.delete(member)
      if (members?.size === 0) topics.delete(topic)
    },
    publish(topic, text) {
      for (const member of [...(topics.get(topic) ?? [])]) member.send(text)
    },
  }
}

/** Gives an accepted WebSocket to the route that asked for it. */
export function adoptSocket(
  socket: WebSocket,
  route: Pick<SocketRoute, 'maxBufferedBytes'>,
  open: (socket: ServerSocket) => SocketHandlers,
  topics: Topics,
): void {
  const joined = new Set<string>()
  let wasFull = false
  let isTooSlow = false
  const member: ServerSocket = {
    send(data) {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > route.maxBufferedBytes) {
        // It does not read: no close frame would reach it, and what waits for it must be let go now.
        isTooSlow = true
        socket.terminate()
        return
      }
      socket.send(data, () => {
        if (!wasFull || socket.bufferedAmount > 0 || socket.readyState !== socket.OPEN) return
        wasFull = false
        handlers.drain?.()
      })
      wasFull ||= socket.bufferedAmount > 0
    },
    bufferedBytes: () => socket.bufferedAmount,
    close: (code, reason) => socket.close(code, reason),
    subscribe(topic) {
      joined.add(topic)
      topics.join(topic, member)
    },
    unsubscribe(topic) {
      joined.delete(topic)
      topics.leave(topic, member)
    },
  }
  const handlers = open(member)
  socket.on('message', (data: Buffer, isBinary) => handlers.message(isBinary ? data : data.toString('utf8')))
  socket.on('error', () => undefined) // its cause follows as the close code
  socket.on('close', (code) => {
    for (const topic of joined) topics.leave(topic, member)
    handlers.close(isTooSlow ? CLOSE.tooSlow.code : code)
  })
}

import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { CLOSE } from '@3cx-ninja/protocol'
import type { LimitedSocket } from './clientSockets.ts'
import type { ServerSocket, SocketHandlers, SocketRoute } from './serverPort.ts'
import type { ServerTuning } from './tuning.ts'

/** Which sockets are subscribed to which topic; each send goes through the socket's own measure of slowness. */
export interface Topics {
  join(topic: string, subscriber: ServerSocket): void
  leave(topic: string, subscriber: ServerSocket): void
  publish(topic: string, text: string): void
}

/** Creates the subscriptions by topic; a publish sends to each subscriber in turn. */
export function createTopics(): Topics {
  const topics = new Map<string, Set<ServerSocket>>()
  return {
    join(topic, subscriber) {
      topics.set(topic, (topics.get(topic) ?? new Set()).add(subscriber))
    },
    leave(topic, subscriber) {
      const subscribers = topics.get(topic)
      subscribers?.delete(subscriber)
      if (subscribers?.size === 0) topics.delete(topic)
    },
    publish(topic, text) {
      for (const subscriber of [...(topics.get(topic) ?? [])]) subscriber.send(text)
    },
  }
}

/** Above this nothing is gathered, and `drain` is called when the buffer has run empty. */
const MUCH_BYTES = 65_536

/**
 * Binary messages are sound on its way to a worker: many small ones for many calls. They leave together every `gatherMs`,
 * as one write and one TLS record: each alone costs about 25 µs, a quarter of what a hub with 1,000 calls does.
 */
function createGathering(socket: WebSocket, stream: Duplex, gatherMs: number) {
  let timer: NodeJS.Timeout | undefined
  const release = () => {
    if (!timer) return
    clearTimeout(timer)
    timer = undefined
    stream.uncork()
  }
  return {
    begin() {
      if (timer || socket.bufferedAmount > MUCH_BYTES) return
      stream.cork()
      // A timer of the machine itself: the engine is the edge, and it waits for the network's sake.
      timer = setTimeout(release, gatherMs)
    },
    release,
  }
}

/** What the engine gives each socket besides its route. */
export interface SocketSurroundings {
  readonly tuning: Pick<ServerTuning, 'gatherMs' | 'maxGreetingBytes' | 'maxBytesAfterClose'>
  readonly topics: Topics
  /** Returns whether the socket may become a link of its client. */
  readonly admit: (socket: LimitedSocket) => boolean
  /** Called with the size of each message. */
  readonly received: (bytes: number) => void
  readonly ended: (socket: LimitedSocket) => void
}

/**
 * Bounds what a peer may send while it has not said hello, and after the hub closed the socket: ws reads and parses both. A
 * peer that says too much before its hello is cut; after the close the hub reads no more, so that the close frame still
 * arrives, and ws cuts the connection at the end of `closeMs`.
 */
function boundBytes(socket: WebSocket, stream: Duplex, { tuning }: SocketSurroundings) {
  let left = tuning.maxGreetingBytes
  let phase: 'greeting' | 'admitted' | 'closing' = 'greeting'
  // Before the listener of ws, which parses the bytes at once.
  stream.prependListener('data', (chunk: Buffer) => {
    if (phase === 'admitted') return
    left -= chunk.length
    if (left >= 0) return
    if (phase === 'greeting') socket.terminate()
    else socket.pause()
  })
  return {
    get isGreeting() {
      return phase === 'greeting'
    },
    admitted() {
      phase = 'admitted'
    },
    closing() {
      if (phase !== 'closing') left = tuning.maxBytesAfterClose
      phase = 'closing'
    },
  }
}

/**
 * Opens an accepted WebSocket for its route: calls the handlers, gathers binary data, and terminates a socket that is
 * too slow, or that says too much before its hello.
 */
export function adoptSocket(
  socket: WebSocket,
  stream: Duplex,
  route: Pick<SocketRoute, 'maxBufferedBytes'>,
  open: (socket: ServerSocket) => SocketHandlers,
  surroundings: SocketSurroundings,
): void {
  const { topics } = surroundings
  const joined = new Set<string>()
  let wasFull = false
  let isTooSlow = false
  const gathering = createGathering(socket, stream, surroundings.tuning.gatherMs)
  const bounds = boundBytes(socket, stream, surroundings)
  /** One for all messages: 20,000 leave a hub of 1,000 agents each second. */
  const sent = () => {
    if (!wasFull || socket.bufferedAmount > 0 || socket.readyState !== socket.OPEN) return
    wasFull = false
    handlers.drain?.()
  }
  const subscriber: ServerSocket = {
    send(data) {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > route.maxBufferedBytes) {
        // It does not read: no close frame would reach it, and what waits for it must be released now.
        isTooSlow = true
        socket.terminate()
        return
      }
      if (typeof data !== 'string') gathering.begin()
      socket.send(data, sent)
      wasFull ||= socket.bufferedAmount > MUCH_BYTES
    },
    bufferedBytes: () => socket.bufferedAmount,
    close(code, reason) {
      gathering.release()
      const isGreeting = bounds.isGreeting
      bounds.closing()
      socket.close(code, reason)
      // One that has proved nothing gets the close frame, and no time to answer it.
      if (isGreeting) stream.end(() => stream.destroy())
    },
    admit() {
      if (!surroundings.admit(socket)) return false
      bounds.admitted()
      return true
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    subscribe(topic) {
      joined.add(topic)
      topics.join(topic, subscriber)
    },
    unsubscribe(topic) {
      joined.delete(topic)
      topics.leave(topic, subscriber)
    },
  }
  const handlers = open(subscriber)
  socket.on('message', (data: Buffer, isBinary) => {
    surroundings.received(data.length)
    // What comes behind a close is no message any more: ws goes on reading for the peer's close frame.
    if (socket.readyState === socket.OPEN) handlers.message(isBinary ? data : data.toString('utf8'))
  })
  socket.on('error', () => undefined) // its cause follows as the close code
  socket.on('close', (code) => {
    gathering.release()
    for (const topic of joined) topics.leave(topic, subscriber)
    surroundings.ended(socket)
    handlers.close(isTooSlow ? CLOSE.tooSlow.code : code)
  })
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Answers one request; its end is the end of `outgoing`. */
export type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/**
 * Returns the listener that serves the requests of one connection one after the other. Node parses all that a peer has pipelined
 * and hands it over at once: a thousand requests in one packet would all be computed before the first is answered. Destroys a
 * connection with more than `maxWaiting` requests behind the one being served.
 */
export function inTurn(listener: Listener, maxWaiting: number): Listener {
  const busy = new WeakMap<Socket, [IncomingMessage, ServerResponse][]>()
  const serve: Listener = (incoming, outgoing) => {
    const { socket } = incoming
    outgoing.once('close', () => {
      const next = busy.get(socket)?.shift()
      if (!next || socket.destroyed) busy.delete(socket)
      else serve(...next)
    })
    listener(incoming, outgoing)
  }
  return (incoming, outgoing) => {
    const { socket } = incoming
    if (socket.destroyed) return
    const waiting = busy.get(socket)
    if (!waiting) {
      busy.set(socket, [])
      serve(incoming, outgoing)
    } else if (waiting.length < maxWaiting) waiting.push([incoming, outgoing])
    else socket.destroy()
  }
}

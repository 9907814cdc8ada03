import type { ServerTuning } from './tuning.ts'

/** The client to which a token belongs, for limits and for the figures of its traffic. */
export interface SocketClient {
  readonly role: 'agent' | 'worker' | 'wallboard'
  readonly id: string
  /** Its name, for people who are signed in. */
  readonly name: string
}

/** A socket as far as the limits act on it. */
export interface LimitedSocket {
  /** Ends the socket at once, without a close frame. */
  terminate(): void
}

/** The sockets of each client, before and after their hello. */
export interface ClientSockets {
  /** Holds a socket that waits for its hello; ends the client's oldest such socket when it has too many. */
  greeting(clientId: string, socket: LimitedSocket): void
  /** Counts the socket as a link from now on. Returns false when the client has too many links. */
  admitted(clientId: string, socket: LimitedSocket): boolean
  /** Forgets the socket, in whichever state it was. */
  ended(clientId: string, socket: LimitedSocket): void
}

/** Creates the bounded sets of sockets of each client. */
export function createClientSockets(
  tuning: Pick<ServerTuning, 'maxGreetingsOfClient' | 'maxLinksOfClient'>,
): ClientSockets {
  const greetings = new Map<string, Set<LimitedSocket>>()
  const links = new Map<string, Set<LimitedSocket>>()
  const remove = (from: Map<string, Set<LimitedSocket>>, id: string, socket: LimitedSocket) => {
    const sockets = from.get(id)
    sockets?.delete(socket)
    if (sockets?.size === 0) from.delete(id)
  }
  return {
    greeting(id, socket) {
      const waiting = (greetings.get(id) ?? new Set()).add(socket)
      greetings.set(id, waiting)
      const [oldest] = waiting
      if (waiting.size > tuning.maxGreetingsOfClient) oldest?.terminate()
    },
    admitted(id, socket) {
      remove(greetings, id, socket)
      const open = links.get(id) ?? new Set()
      if (open.size >= tuning.maxLinksOfClient) return false
      links.set(id, open.add(socket))
      return true
    },
    ended(id, socket) {
      remove(greetings, id, socket)
      remove(links, id, socket)
    },
  }
}

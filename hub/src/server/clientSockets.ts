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

/** Whose token opened a socket, if the route says so, and from which network it came. */
export interface SocketOrigin {
  readonly clientId: string | undefined
  readonly network: string
}

/** The sockets of each client, before and after their hello. */
export interface ClientSockets {
  /** Holds a socket that waits for its hello; ends the oldest such socket of its client, or of its network, when there are too many. */
  greeting(from: SocketOrigin, socket: LimitedSocket): void
  /** Counts the socket as a link from now on. Returns false when the client has too many links. */
  admitted(from: SocketOrigin, socket: LimitedSocket): boolean
  /** Forgets the socket, in whichever state it was. */
  ended(from: SocketOrigin, socket: LimitedSocket): void
}

/** Creates the bounded sets of sockets of each client, and of those without a hello of each network. */
export function createClientSockets(
  tuning: Pick<ServerTuning, 'maxGreetingsOfClient' | 'maxGreetingsOfAddress' | 'maxLinksOfClient'>,
): ClientSockets {
  const greetings = new Map<string, Set<LimitedSocket>>()
  const fromNetwork = new Map<string, Set<LimitedSocket>>()
  const links = new Map<string, Set<LimitedSocket>>()
  return {
    greeting({ clientId, network }, socket) {
      if (clientId !== undefined) hold(greetings, clientId, socket, tuning.maxGreetingsOfClient)
      hold(fromNetwork, network, socket, tuning.maxGreetingsOfAddress)
    },
    admitted({ clientId, network }, socket) {
      remove(fromNetwork, network, socket)
      if (clientId === undefined) return true
      remove(greetings, clientId, socket)
      const open = links.get(clientId) ?? new Set()
      if (open.size >= tuning.maxLinksOfClient) return false
      links.set(clientId, open.add(socket))
      return true
    },
    ended({ clientId, network }, socket) {
      remove(fromNetwork, network, socket)
      if (clientId === undefined) return
      remove(greetings, clientId, socket)
      remove(links, clientId, socket)
    },
  }
}

function hold(into: Map<string, Set<LimitedSocket>>, key: string, socket: LimitedSocket, most: number): void {
  const waiting = (into.get(key) ?? new Set()).add(socket)
  into.set(key, waiting)
  const [oldest] = waiting
  if (waiting.size > most) oldest?.terminate()
}

function remove(from: Map<string, Set<LimitedSocket>>, key: string, socket: LimitedSocket): void {
  const sockets = from.get(key)
  sockets?.delete(socket)
  if (sockets?.size === 0) from.delete(key)
}

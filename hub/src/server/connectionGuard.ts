import type { Socket } from 'node:net'
import type { ConnectionLimits } from './connectionLimits.ts'
import { networkOf } from './peer.ts'

/** What the guard has counted, for `/health` and the figures. */
export interface ConnectionFigures {
  /** Connections open now. */
  readonly open: number
  /** Of these, the ones that have proved no token. */
  readonly unproven: number
  /** Connections closed since the start, to make room for newer ones or because there was none. */
  readonly dropped: number
  /** The address from which the last one of them came; undefined: none was closed. */
  readonly droppedOf: string | undefined
}

/** Holds the open connections, and closes what has proved nothing when there are too many. */
export interface ConnectionGuard {
  /** Admits a new connection; when its address or all together have too many unproven ones, closes the one that did nothing for the longest time. */
  opened(socket: Socket): void
  /** Notes that the connection did something: it is closed after those that did nothing. */
  active(socket: Peer): void
  /** Moves the connection to the proven ones, which the guard never closes. Returns false when there are too many of them. */
  proven(socket: Peer): boolean
  /** Counts a connection that the server closed unread. */
  dropped(address: string | undefined): void
  figures(): ConnectionFigures
}

/** A socket by its two ends: a TLS socket and the TCP socket below it are the same connection. */
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>

interface Connection {
  readonly socket: Socket
  /** undefined: the reverse proxy, which speaks for many. */
  readonly network: string | undefined
}

interface GuardState {
  readonly limits: ConnectionLimits
  readonly open: Map<string, Connection>
  /** The least recently active one first. */
  readonly unproven: Set<Connection>
  readonly byNetwork: Map<string, Set<Connection>>
  dropped: number
  droppedOf: string | undefined
}

const keyOf = ({ remoteAddress, remotePort }: Peer) => `${remoteAddress ?? ''} ${remotePort ?? ''}`

/**
 * Creates the guard. A new connection is never refused for the sake of old ones that prove nothing: among these the one
 * goes that was idle for the longest time, so that a peer which holds a thousand silent connections displaces its own.
 * `proxy` has no limit of its own; all together have one.
 */
export function createConnectionGuard(limits: ConnectionLimits, proxy: string | undefined): ConnectionGuard {
  const state: GuardState = {
    limits,
    open: new Map(),
    unproven: new Set(),
    byNetwork: new Map(),
    dropped: 0,
    droppedOf: undefined,
  }
  const trusted = proxy === undefined ? undefined : networkOf(proxy)
  return {
    opened(socket) {
      const network = networkOf(socket.remoteAddress ?? '')
      const connection = { socket, network: network === trusted ? undefined : network }
      const key = keyOf(socket)
      state.open.set(key, connection)
      join(state, connection)
      socket.once('close', () => {
        leave(state, connection)
        if (state.open.get(key) === connection) state.open.delete(key)
      })
      makeRoom(state, connection)
    },
    active(socket) {
      const connection = state.open.get(keyOf(socket))
      if (!connection || !state.unproven.has(connection)) return
      leave(state, connection)
      join(state, connection)
    },
    proven(socket) {
      const connection = state.open.get(keyOf(socket))
      if (!connection) return true // its TCP connection has just closed
      if (!state.unproven.has(connection)) return true
      if (state.open.size - state.unproven.size >= limits.total - limits.unproven) return false
      leave(state, connection)
      return true
    },
    dropped(address) {
      state.dropped += 1
      state.droppedOf = address
    },
    figures: () => ({
      open: state.open.size,
      unproven: state.unproven.size,
      dropped: state.dropped,
      droppedOf: state.droppedOf,
    }),
  }
}

function join({ unproven, byNetwork }: GuardState, connection: Connection): void {
  const { network } = connection
  unproven.add(connection)
  if (network === undefined) return
  byNetwork.set(network, (byNetwork.get(network) ?? new Set()).add(connection))
}

function leave({ unproven, byNetwork }: GuardState, connection: Connection): void {
  const { network } = connection
  unproven.delete(connection)
  const siblings = network === undefined ? undefined : byNetwork.get(network)
  siblings?.delete(connection)
  if (network !== undefined && siblings?.size === 0) byNetwork.delete(network)
}

function makeRoom(state: GuardState, newest: Connection): void {
  const { limits, unproven, byNetwork } = state
  const siblings = newest.network === undefined ? undefined : byNetwork.get(newest.network)
  if (siblings && siblings.size > limits.unprovenOfAddress) return evict(state, siblings)
  if (unproven.size > limits.unproven) evict(state, largest(state) ?? unproven)
}

/** The address with the most connections pays first; the proxy's are in no such set. */
function largest({ byNetwork }: GuardState): ReadonlySet<Connection> | undefined {
  let most: ReadonlySet<Connection> | undefined
  for (const siblings of byNetwork.values()) if (siblings.size > (most?.size ?? 1)) most = siblings
  return most
}

function evict(state: GuardState, from: ReadonlySet<Connection>): void {
  const [idlest] = from
  if (!idlest) return
  state.dropped += 1
  state.droppedOf = idlest.socket.remoteAddress
  leave(state, idlest)
  idlest.socket.destroy()
}

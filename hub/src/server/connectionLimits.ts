/** How many connections the server keeps open, by what they have proved. */
export interface ConnectionLimits {
  /** Connections in all: above it the server closes new ones unread. */
  readonly total: number
  /** Connections that have not proved a token: handshakes, requests, sockets before their hello. */
  readonly unproven: number
  /** Of those, from one address. */
  readonly unprovenOfAddress: number
}

/** A machine that names no limit, as Windows, has room for what a hub of this size needs. */
const UNLIMITED_HANDLES = 65_536
/** More than any measured hub had; each connection costs some 50 KB. */
const MOST_CONNECTIONS = 20_000
const MOST_UNPROVEN = 2_048

/**
 * Returns the limits for a process that may open `handles` files. Three eighths stay free of connections: recordings, database
 * and pages need them, and no peer may take them. Connections without a proof get at most three tenths of the rest, so that
 * those with one always find room; one address gets half of that, because a whole office may come from one.
 */
export function connectionLimits(handles: number | undefined): ConnectionLimits {
  const budget = Math.max(64, handles ?? UNLIMITED_HANDLES)
  const total = Math.min(MOST_CONNECTIONS, Math.floor((budget * 5) / 8))
  const unproven = Math.min(MOST_UNPROVEN, Math.floor(total * 0.3))
  return { total, unproven, unprovenOfAddress: Math.floor(unproven / 2) }
}

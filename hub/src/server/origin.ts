/** The address at which a request reached the hub, as far as it is known. */
export interface ReachedAt {
  /** The request's own Host header. */
  readonly host: string | null
  /** X-Forwarded-Host of the trusted proxy; null from every other peer. */
  readonly forwardedHost: string | null
  /** The hub does TLS itself: no page over plain HTTP is its own. */
  readonly tls: boolean
  /** The setting hub.publicUrl. */
  readonly publicUrl: string | undefined
}

/**
 * Returns whether a page of this origin is the hub's own: the address in hub.publicUrl, or the host by which the browser reached
 * the hub. A browser adds its cookie to a socket that any page opens, and lets that page read it: only the Origin header,
 * which no page can choose, says which page it was.
 */
export function isOwnOrigin(origin: string | null, reached: ReachedAt): boolean {
  const page = origin === null ? undefined : (URL.parse(origin) ?? undefined)
  if (!page || page.origin === 'null' || !['http:', 'https:'].includes(page.protocol)) return false
  if (reached.publicUrl !== undefined && page.origin === URL.parse(reached.publicUrl)?.origin) return true
  if (reached.tls && page.protocol !== 'https:') return false
  // The same scheme on both sides, so that a default port that is written out compares equal.
  const isAt = (host: string | null) =>
    host !== null && URL.parse(`${page.protocol}//${host.trim()}`)?.host === page.host
  return isAt(reached.host) || isAt(reached.forwardedHost)
}

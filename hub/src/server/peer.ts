/** Who is at the other end, as the access check and the log know it. */
export interface Peer {
  readonly address: string
  /** It came past the proxy that does TLS: what it says crossed the network in clear. */
  readonly bypassesProxy: boolean
}

const LOOPBACK = ['127.0.0.1', '::1']

/**
 * The peer behind the named proxy, by the last entry of its X-Forwarded-For; of anybody else that header is worth nothing.
 * Loopback counts as the proxy's side: health checks and the demo speak from there.
 */
export function peerOf(
  socketAddress: string | undefined,
  forwardedFor: string | null,
  proxy: string | undefined,
): Peer {
  const address = plain(socketAddress ?? '')
  if (proxy === undefined) return { address, bypassesProxy: false }
  if (address !== plain(proxy)) return { address, bypassesProxy: !LOOPBACK.includes(address) }
  const forwarded = forwardedFor?.split(',').at(-1)?.trim()
  return { address: forwarded ? plain(forwarded) : address, bypassesProxy: false }
}

/** '::ffff:10.0.0.1' is 10.0.0.1 on a socket that takes both families. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

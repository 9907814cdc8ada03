/** The other end of a connection, as the access check and the log need it. */
export interface Peer {
  readonly address: string
  /** It came past the proxy that does TLS: what it says crossed the network in clear. */
  readonly bypassesProxy: boolean
}

const LOOPBACK = ['127.0.0.1', '::1']

/**
 * Returns the peer that the named proxy forwards, by the last entry of its X-Forwarded-For; any other peer may send
 * that header, so it is ignored. Loopback counts as the proxy's side: health checks and the demo connect from there.
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

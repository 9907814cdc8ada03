/** The other end of a connection, as the access check and the log need it. */
export interface Peer {
  readonly address: string
  /** It came past the proxy that does TLS: what it says crossed the network in clear. */
  readonly bypassesProxy: boolean
  /** It came through the proxy that the settings name. */
  readonly isProxied: boolean
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
  if (proxy === undefined) return { address, bypassesProxy: false, isProxied: false }
  if (address !== plain(proxy))
    return { address, bypassesProxy: !LOOPBACK.includes(address), isProxied: false }
  const forwarded = forwardedFor?.split(',').at(-1)?.trim()
  return { address: forwarded ? plain(forwarded) : address, bypassesProxy: false, isProxied: true }
}

/**
 * Returns the network that one customer of a provider owns: an IPv4 address, or the first 64 bits of an IPv6 address, in
 * which one machine has as many addresses as it likes. Limits count by it.
 */
export function networkOf(address: string): string {
  const text = plain(address).split('%')[0] ?? ''
  if (!text.includes(':')) return text
  const [head = '', tail = ''] = text.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const groups = text.includes('::')
    ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** '::ffff:10.0.0.1' is 10.0.0.1 on a socket that takes both families. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

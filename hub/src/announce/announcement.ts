import { PROTOCOL_VERSION } from '@3cx-ninja/protocol'
import type { HubSettings } from '../settings/schema.ts'

/** What the hub announces to the network. Everybody may read it, so it holds no secret; agents trust the enrollment key, not the announcement. */
export interface Announcement {
  /** One DNS label: at most 63 bytes. */
  readonly name: string
  /** Where agents connect: always by TLS. */
  readonly host: string
  readonly port: number
  readonly txt: { readonly protocol: string; readonly address: string }
}

export type AnnouncementPlan =
  | { readonly at: 'announced'; readonly announcement: Announcement }
  | { readonly at: 'silent'; readonly why: 'switched-off' | 'this-machine-only' | 'no-tls-address' }

const LABEL_BYTES = 63
const HTTPS_PORT = 443
const ANY_ADDRESS = ['0.0.0.0', '::', '[::]']
const THIS_MACHINE = /^(localhost$|127\.|\[?::1\]?$)/

/**
 * Returns what a hub with these settings announces. Without `hub.publicUrl` the host is the machine's bare name: the
 * certificate contains it, and it outlives a change of address.
 */
export function planAnnouncement({
  settings,
  port,
  machine,
}: {
  readonly settings: Pick<HubSettings, 'hub' | 'listen' | 'tls'>
  /** The one it listens on. */
  readonly port: number
  readonly machine: string
}): AnnouncementPlan {
  const { hub, listen, tls } = settings
  if (!hub.announce) return { at: 'silent', why: 'switched-off' }
  if (THIS_MACHINE.test(listen.host)) return { at: 'silent', why: 'this-machine-only' }
  const own = ANY_ADDRESS.includes(listen.host) ? machine : listen.host
  const url = new URL(hub.publicUrl ?? `${tls.mode === 'off' ? 'http' : 'https'}://${inUrl(own)}:${port}`)
  if (url.protocol !== 'https:') return { at: 'silent', why: 'no-tls-address' }
  return {
    at: 'announced',
    announcement: {
      name: nameOf(hub.name, machine),
      host: url.hostname,
      port: url.port === '' ? HTTPS_PORT : Number(url.port),
      txt: { protocol: String(PROTOCOL_VERSION), address: url.origin },
    },
  }
}

/** Two hubs with one name differ by their machines; a name that is too long is cut, the machine is not. */
function nameOf(name: string, machine: string): string {
  const suffix = ` (${shorten(machine, LABEL_BYTES / 2)})`
  return `${shorten(name, LABEL_BYTES - Buffer.byteLength(suffix)).trim()}${suffix}`
}

function shorten(text: string, bytes: number): string {
  let short = ''
  for (const character of text) {
    if (Buffer.byteLength(short + character) > bytes) return short
    short += character
  }
  return short
}

const inUrl = (host: string) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

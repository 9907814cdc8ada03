import type { EventEmitter } from 'node:events'
import { HUB_SERVICE, SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import { causeOf, type Logger } from '../process/log.ts'

const LISTEN_MS = 2 * SECOND_MS
const MAX_HUBS = 20

export interface FoundHub {
  readonly name: string
  readonly address: string
}

interface Announced {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly addresses?: readonly string[]
  readonly txt?: unknown
}

/** Resolves after 2 s with the hubs that announce themselves by mDNS. An announcement is a hint only: the enrollment key pins the true hub. Never rejects. */
export async function findHubs(needs: { readonly clock: Clock; readonly log: Logger }): Promise<FoundHub[]> {
  const { Bonjour } = await import('bonjour-service')
  const found = new Map<string, FoundHub>()
  // Without a network there is no multicast: the list stays empty, and the address can be typed.
  const failed = (error: unknown) => needs.log.warn({ cause: causeOf(error) }, 'mdns.failed')
  const bonjour = new Bonjour(undefined, failed)
  // A port that another program keeps for itself: without a listener the error would end this process.
  const { mdns } = (bonjour as unknown as { server: { mdns: EventEmitter } }).server // private in its types only
  mdns.on('error', failed)
  try {
    bonjour.find({ type: HUB_SERVICE }, (service: Announced) => {
      const hub = toHub(service)
      if (hub && found.size < MAX_HUBS) found.set(hub.address, hub)
    })
    await new Promise<void>((resolve) => void needs.clock.after(LISTEN_MS, resolve))
  } finally {
    bonjour.destroy()
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name))
}

/** Returns the address of an announcement, or undefined: it is text from any device on the network, and only a plain host and port are accepted. */
export function toHub({ name, host, port, addresses }: Announced): FoundHub | undefined {
  const plain = host.replace(/\.$/, '')
  const reachable = /^[A-Za-z0-9.-]{1,253}$/.test(plain)
    ? plain
    : addresses?.find((each) => /^[0-9.]+$/.test(each))
  if (!reachable || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined
  return { name: name.slice(0, 120), address: `https://${reachable}:${port}` }
}

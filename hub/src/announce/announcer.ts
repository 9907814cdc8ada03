import { createSocket, type Socket } from 'node:dgram'
import type { EventEmitter } from 'node:events'
import { HUB_SERVICE, SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import { Bonjour } from 'bonjour-service'
import type { Log } from '../observe/log.ts'
import type { AnnouncementPlan } from './announcement.ts'

export interface AnnouncerNeeds {
  readonly plan: AnnouncementPlan
  readonly clock: Clock
  readonly log: Log
  /** UDP port of mDNS; another one in tests that must not meet the network. */
  readonly port?: number
  readonly openSocket?: () => Socket
}

export interface Announcer {
  /** Announces to the network that the hub leaves, and closes the socket. Safe twice, and after a failure. */
  stop(): Promise<void>
}

/** The farewell is one packet; the stop does not wait longer for a network that does not accept even that. */
const FAREWELL_MS = SECOND_MS
const REMEDY =
  'Agents do not find this hub by themselves: type its address there, or allow mDNS (UDP 5353, 224.0.0.251) on this machine. hub.announce=false ends this warning.'

/**
 * Announces the hub by mDNS until it is stopped. Never throws: no multicast, a port that another program holds and a network
 * that disappears are logged, once for each cause, and the hub runs on.
 */
export function startAnnouncer({ plan, clock, log, port, openSocket }: AnnouncerNeeds): Announcer {
  if (plan.at === 'silent') {
    log.info({ why: plan.why }, 'hub.not-announced')
    return { stop: () => Promise.resolve() }
  }
  const { announcement } = plan
  const loggedCauses = new Set<string>()
  let stopping: Promise<void> | undefined
  const failed = (error: unknown) => {
    const cause = error instanceof Error ? error.message : String(error)
    if (stopping || loggedCauses.has(cause)) return
    loggedCauses.add(cause)
    log.warn({ cause, remedy: REMEDY }, 'announcement.failed')
  }
  const socket = (openSocket ?? (() => createSocket({ type: 'udp4', reuseAddr: true })))()
  const options = { socket, ...(port === undefined ? {} : { port }) } // multicast-dns's, which Bonjour hands on
  const bonjour = new Bonjour(options, failed)
  // Its own handler only covers answers. An 'error' of the socket without a listener would end the process.
  const { mdns } = (bonjour as unknown as { server: { mdns: EventEmitter } }).server // private in its types only
  mdns.on('error', failed)
  // Broken packets of others come here too; only what the system refuses is ours to log.
  mdns.on('warning', (error: NodeJS.ErrnoException) =>
    error.syscall === undefined ? undefined : failed(error),
  )
  const service = bonjour.publish({
    ...announcement,
    txt: { ...announcement.txt },
    type: HUB_SERVICE,
    // a taken name would only be written to the console; ours bears the machine's name
    probe: false,
  })
  service.once('up', () => {
    if (loggedCauses.size === 0)
      log.info({ name: announcement.name, address: announcement.txt.address }, 'hub.announced')
  })
  const close = () =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(FAREWELL_MS, resolve)
      bonjour.unpublishAll(() => {
        cancel()
        resolve()
      })
    }).then(() => new Promise<void>((resolve) => bonjour.destroy(() => resolve())))
  return { stop: () => (stopping ??= close()) }
}

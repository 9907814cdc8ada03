import { hostname } from 'node:os'
import { openWhole, type Closers } from '@3cx-ninja/node-kit/closers.ts'
import type { Access } from './access/access.ts'
import { planAnnouncement } from './announce/announcement.ts'
import { startAnnouncer } from './announce/announcer.ts'
import { openFilesLimit } from './observe/openFiles.ts'
import { connectionLimits } from './server/connectionLimits.ts'
import type { HubServer } from './server/serverPort.ts'
import { startWsEngine } from './server/wsEngine.ts'
import type { HubNeeds } from './start/hubNeeds.ts'
import { openCore } from './start/openCore.ts'
import { openHttp, type Http } from './start/openHttp.ts'
import { openSockets, type Sockets } from './start/openSockets.ts'
import { openStorage, type Storage } from './start/openStorage.ts'
import { openThreecx } from './start/openThreecx.ts'
import { wireEvents } from './start/wireEvents.ts'
import type { Pbx } from './threecx/pbx.ts'

/** A running hub. Its states are running and stopped; `stop` is the one way out, and safe twice. */
export interface Hub {
  readonly url: string
  readonly port: number
  readonly access: Pick<Access, 'issueSecret' | 'clients' | 'revoke'>
  /** The hub's own authorities and their pin; undefined without an authority of its own. */
  readonly caPem: string | undefined
  readonly pin: string | undefined
  /** Resolves with whether an agent or worker is enrolled: an administrator was here. */
  hasClients(): Promise<boolean>
  /** Returns a link that opens the admin page once. */
  adminLink(): string
  /** Stops listening, sends 1001 to every socket, flushes the log, closes the database. Safe twice. */
  stop(): Promise<void>
}

/** What exists only once the server runs; the parts before it ask for it when they need it. */
interface Running {
  port: number
  server?: HubServer
  pbx?: Pbx | undefined
}

/**
 * Opens all parts of the hub, in the order in which they need each other; closes them in reverse, also after half a start.
 * Rejects with a sentence that names cause and remedy.
 */
export function start(needs: HubNeeds): Promise<Hub> {
  const { log } = needs
  return openWhole(
    {
      closed: (what) => log.debug({ what }, 'stop.closed'),
      failed: (what, error) => log.error({ what, error: String(error) }, 'stop.failed'),
    },
    (closers) => startParts(needs, closers),
  )
}

async function startParts(needs: HubNeeds, closers: Closers): Promise<Hub> {
  const { clock, log, random, version } = needs
  const settings = needs.settings.current
  const running: Running = { port: settings.listen.port }
  const storage = await openStorage(needs, closers)
  const core = await openCore(needs, storage, closers)
  const { access, certificates, folder } = storage
  const publicUrl = () =>
    settings.hub.publicUrl ??
    addressOf(settings.listen.host, running.port, certificates.current !== undefined)
  const secure = publicUrl().startsWith('https:')
  const filesLimit = openFilesLimit()
  const sockets = await openSockets({
    ...storage, ...core, clock, log, version, closers, secure,
    settings: needs.settings,
    publish: (topic, text) => running.server?.publish(topic, text),
  }) // prettier-ignore
  wireEvents({
    ...storage,
    ...core,
    ...sockets,
    clock,
    log,
    keepsNoAudio: settings.retention.audioDays === 0,
  })

  // The server opens after them, so that a client that connects finds everything ready, and closes before them.
  const http = await openHttp({
    hub: needs, storage, core, sockets, publicUrl, secure, filesLimit, closers,
    pbx: () => running.pbx,
    server: () => running.server?.figures(),
  }) // prettier-ignore
  await listen({ needs, storage, sockets, http, running, filesLimit, closers })

  // Last of all, and nothing waits for the PBX: the receivers of its facts are there.
  const { calls, helpdesk } = core.filing
  running.pbx = openThreecx({ settings, folder, calls, clock, random, log, closers })
  void core.retention.sweep()
  if ((await helpdesk.state()) === 'signed-in')
    helpdesk.directory
      .refresh()
      .catch((error: unknown) => log.error({ error: String(error) }, 'contacts.failed'))
  const { caPem, pin } = certificates
  return {
    url: publicUrl(),
    port: running.port,
    access,
    caPem,
    pin,
    hasClients: async () =>
      (await Promise.all([access.clients('agent'), access.clients('worker')])).flat().length > 0,
    adminLink: http.adminLink,
    stop: () => closers.closeAll(),
  }
}

/** Starts the server and what depends on its port: the announcement, and certificates that replace the one in use. */
async function listen(parts: {
  readonly needs: HubNeeds
  readonly storage: Storage
  readonly sockets: Sockets
  readonly http: Http
  readonly running: Running
  readonly filesLimit: number | undefined
  readonly closers: Closers
}): Promise<void> {
  const { http, running, closers } = parts
  const { clock, log } = parts.needs
  const { certificates } = parts.storage
  const settings = parts.needs.settings.current
  const failed = (event: string) => (error: unknown) => log.error({ error: String(error) }, event)
  const server = await startWsEngine({
    host: settings.listen.host,
    port: settings.listen.port,
    tls: certificates.current,
    proxy: settings.tls.behindProxy,
    publicUrl: settings.hub.publicUrl,
    limits: connectionLimits(parts.filesLimit),
    fetch: (request, info) => http.app.fetch(request, info),
    sockets: parts.sockets.routes,
    onConnectionError: failed('server.connection-failed'),
  })
  closers.add('server', () => server.stop())
  running.port = server.port
  running.server = server
  const plan = planAnnouncement({ settings, port: server.port, machine: hostname() })
  const announcer = startAnnouncer({ plan, clock, log })
  closers.add('announcement', () => announcer.stop())
  certificates.watch((certificate) => {
    server.replaceCertificate(certificate)
    log.info({}, 'certificate.renewed')
  }, failed('certificate.renewal-failed'))
}

function addressOf(host: string, port: number, secure: boolean): string {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `${secure ? 'https' : 'http'}://${name}:${port}`
}

import { hostname } from 'node:os'
import path from 'node:path'
import { openWhole, type Closers } from '@3cx-ninja/node-kit/closers.ts'
import type { Clock, Random } from '@3cx-ninja/protocol'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { planAnnouncement } from './announce/announcement.ts'
import { startAnnouncer } from './announce/announcer.ts'
import { createAccess, type Access } from './access/access.ts'
import { openDatabase } from './database/openDatabase.ts'
import { createDatabaseProbe } from './database/databaseProbe.ts'
import { createCallLookup } from './database/callLookup.ts'
import { createOpenRowsStore } from './database/openRowsStore.ts'
import { createAdminSessionStore } from './database/stores.ts'
import { createRetentionStore } from './database/retentionStore.ts'
import { createTranscriptStore } from './database/transcriptStore.ts'
import { lockDataFolder } from './dataFolder.ts'
import { openDispatcher } from './dispatch/dispatcher.ts'
import { openAdmin } from './http/admin/admin.ts'
import { createApp } from './http/app.ts'
import { enrollRoutes } from './http/enroll.ts'
import { healthRoutes } from './http/health.ts'
import { playbackRoutes } from './http/playback.ts'
import { wallboardRoutes } from './http/wallboard.ts'
import { webhookRoutes } from './http/webhook.ts'
import { openMasterKey } from './masterKey.ts'
import type { Log } from './observe/log.ts'
import { createMetrics } from './observe/metrics.ts'
import type { DiskFault } from './recordings/diskFault.ts'
import { openRecordingStore } from './recordings/recordingStore.ts'
import { startRetention } from './retention/retention.ts'
import { startWsEngine } from './server/wsEngine.ts'
import type { SettingsStore } from './settings/readSettings.ts'
import { checkHealth } from './start/checkHealth.ts'
import { wireEvents } from './start/wireEvents.ts'
import { openFiling } from './start/openFiling.ts'
import { openSockets } from './start/openSockets.ts'
import { openThreecx, threecxHealth } from './start/openThreecx.ts'
import type { Pbx } from './threecx/pbx.ts'
import { openCertificates } from './tls/certificates.ts'
import { createTranscripts } from './transcripts/transcripts.ts'

export interface Hub {
  readonly url: string
  readonly port: number
  readonly access: Pick<Access, 'issueSecret' | 'clients' | 'revoke'>
  /** The hub's own authorities and their pin; undefined without an authority of its own. */
  readonly caPem: string | undefined
  readonly pin: string | undefined
  /** Somebody enrolled already: an administrator was here. */
  hasMembers(): Promise<boolean>
  /** A link that opens the admin page once. */
  adminLink(): string
  /** Stops listening, says goodbye, flushes the log, closes the database. Safe twice. */
  stop(): Promise<void>
}

export interface HubNeeds {
  readonly settings: SettingsStore
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => string
  readonly log: Log
  readonly version: string
  /** Folder of the built wallboard. */
  readonly wallboardFolder: string
  /** Folder of the built admin page; without one `/admin` says that it is not built. */
  readonly adminFolder?: string
  /** Where recordings are written; the machine's own when left out. */
  readonly fileSystem?: FileSystem
  /** Something broke that only a restart mends; what is durable is on disk. */
  readonly onFatal: (error: Error) => void
}

/** Wires all parts of the hub, in the order in which they need each other; closes them in reverse, also after half a start. */
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
  const { clock, random, newId, log, version } = needs
  const settings = needs.settings.current

  const data = await lockDataFolder(settings.folders.data)
  closers.add('data folder', () => data.release())
  const masterKey = await openMasterKey(settings.folders, (file) => log.info({ file }, 'master-key.made'))
  const certificates = await openCertificates(settings, clock)
  closers.add('certificates', () => certificates.stop())
  if (certificates.health().state !== 'ok') log.error(certificates.health(), 'certificate.bad')
  const metrics = createMetrics()
  closers.add('metrics', () => metrics.stop())
  const database = await openDatabase({
    file: path.join(data.path, 'hub.sqlite'),
    onSlow: (command, tookMs) => log.warn({ command, tookMs }, 'database.slow'),
    onLost: needs.onFatal,
  })
  closers.add('database', () => database.close())
  const access = createAccess({ database, clock, newId })

  const recordings = await openRecordingStore({
    folder: path.join(data.path, 'recordings'),
    masterKey,
    clock,
    ...(needs.fileSystem ? { fs: needs.fileSystem } : {}),
    onRecovered: (found) => log.warn(found, 'recording.recovered'),
  })
  closers.add('recordings', () => recordings.stop())
  let diskTrouble: DiskFault | undefined
  recordings.onDiskFault((trouble) => {
    diskTrouble = trouble.kind === 'none' ? undefined : trouble
    if (diskTrouble) log.error(diskTrouble, 'disk.failed')
    else log.info({}, 'disk.recovered')
  })
  const transcriptStore = createTranscriptStore(database, clock)
  const transcripts = createTranscripts(transcriptStore)
  const filing = await openFiling({
    settings,
    current: () => needs.settings.current,
    database,
    transcripts,
    clock,
    random,
    newId,
    log,
    closers,
  })
  const { calls, helpdesk } = filing
  const dispatcher = await openDispatcher({
    recordings,
    transcripts,
    finals: transcriptStore,
    progress: transcriptStore,
    clock,
    newId,
    leaseMs: settings.dispatch.leaseSeconds * 1_000,
    vocabulary: settings.vocabulary,
    callOf: (callId) => calls.find(callId)?.callId ?? callId,
    phaseOf: (callId) => calls.find(callId)?.phase,
    isPresumedOver: (callId) => calls.find(callId)?.presumedOverAtMs !== undefined,
    onLag: (lagMs) => {
      metrics.finals.inc()
      metrics.utteranceLag.observe(lagMs / 1_000)
    },
    log: (event, fields) => log.info(fields, event),
  })
  closers.add('dispatcher', () => dispatcher.stop())
  const retention = startRetention({
    recordings,
    store: createRetentionStore(database),
    isOnBoard: (callId) => calls.find(callId) !== undefined,
    onForgotten: (recordingIds) => dispatcher.forget(recordingIds),
    clock,
    rules: settings.retention,
    log: (event, fields) =>
      log[event === 'retention.failed' || event === 'retention.suspended' ? 'error' : 'info'](fields, event),
  })
  closers.add('retention', () => retention.stop())

  let publish: (topic: string, text: string) => void = () => undefined
  const sockets = await openSockets({
    settings: needs.settings,
    database, access, recordings, transcripts, dispatcher, filing, metrics, clock, log, version, closers,
    publish: (topic, text) => publish(topic, text),
  }) // prettier-ignore
  wireEvents({
    ...sockets, filing, transcripts, dispatcher, recordings, retention, metrics, clock, log,
    keepsNoAudio: settings.retention.audioDays === 0,
  }) // prettier-ignore

  // The server comes last: whoever connects finds everything ready. It goes first, too.
  let port = settings.listen.port
  const publicUrl = () =>
    settings.hub.publicUrl ?? addressOf(settings.listen.host, port, certificates.current !== undefined)
  const secure = publicUrl().startsWith('https:')
  const failed = (event: string) => (error: unknown) => log.error({ error: String(error) }, event)
  const probe = createDatabaseProbe(database, clock)
  const heard: { pbx?: Pbx | undefined } = {}
  const parts = () =>
    checkHealth({
      settings: needs.settings,
      recordings, probe, dispatcher, filing, certificates, retention,
      sharedTokens: sockets.sharedTokens,
      diskTrouble: () => diskTrouble,
      threecx: () => threecxHealth(settings, heard.pbx),
    }) // prettier-ignore
  const admin = await openAdmin({
    access, clock, log, version, parts, calls, dispatcher, recordings, publicUrl, secure, helpdesk,
    settings: needs.settings,
    sharedTokens: sockets.sharedTokens,
    drafts: filing.drafts,
    outbox: filing.outbox,
    folder: needs.adminFolder,
    pin: certificates.pin,
    pbx: () => heard.pbx,
    sessionStore: createAdminSessionStore(database, () => clock.nowMs()),
    openRows: createOpenRowsStore(database),
    async onSignedIn() {
      // The tickets first: they wait for this sign-in only, while the list of contacts may be long or not fit on the disk.
      await filing.outbox.unblock()
      await helpdesk.directory.refresh().catch(failed('contacts.failed'))
    },
  }) // prettier-ignore
  const app = createApp(
    [
      healthRoutes({ parts, registry: metrics.registry, version }),
      enrollRoutes({ access, caPem: certificates.caPem, hubName: settings.hub.name }),
      playbackRoutes({ access, recordings, clock, log, ...createCallLookup(database) }),
      wallboardRoutes({ folder: needs.wallboardFolder, secure }),
      webhookRoutes({ calls, clock, log, secret: settings.threecx.webhookSecret }),
      admin.routes,
    ],
    (at, error) => log.error({ path: at, error: error.stack ?? error.message }, 'http.failed'),
  )
  const server = await startWsEngine({
    host: settings.listen.host,
    port: settings.listen.port,
    tls: certificates.current,
    proxy: settings.tls.behindProxy,
    fetch: (request, info) => app.fetch(request, info),
    sockets: sockets.routes,
    onConnectionError: failed('server.connection-failed'),
  })
  closers.add('server', () => server.stop())
  port = server.port
  const announcer = startAnnouncer({
    plan: planAnnouncement({ settings, port, machine: hostname() }),
    clock,
    log,
  })
  closers.add('announcement', () => announcer.stop())
  publish = (topic, text) => server.publish(topic, text)
  certificates.watch((certificate) => {
    server.replaceCertificate(certificate)
    log.info({}, 'certificate.renewed')
  }, failed('certificate.renewal-failed'))
  // Last of all, and waited for by nobody: whoever hears its facts is there.
  heard.pbx = openThreecx({ settings, folder: data.path, calls, clock, random, log, closers })
  void retention.sweep()
  if ((await helpdesk.state()) === 'signed-in')
    helpdesk.directory.refresh().catch(failed('contacts.failed'))
  const hasMembers = async () =>
    (await Promise.all([access.clients('agent'), access.clients('worker')])).flat().length > 0
  const { caPem, pin } = certificates
  return {
    url: publicUrl(),
    port,
    access,
    caPem,
    pin,
    hasMembers,
    adminLink: () => admin.oneTimeLink(),
    stop: () => closers.closeAll(),
  }
}

function addressOf(host: string, port: number, secure: boolean): string {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `${secure ? 'https' : 'http'}://${name}:${port}`
}

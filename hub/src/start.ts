import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { AgentSettings, Clock, CallId, Random, RecordingId } from '@3cx-ninja/protocol'
import { makeMasterKeyFile, readMasterKeyFile, type MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createAccess } from './access/access.ts'
import { openCalls } from './calls/calls.ts'
import { isOn } from './calls/joinCall.ts'
import {
  createCallStore,
  createContactStore,
  createDraftStore,
  createOutboxStore,
  createTokenStore,
} from './database/stores.ts'
import { openDatabase } from './database/openDatabase.ts'
import { takeDataFolder } from './dataFolder.ts'
import { openDispatcher } from './dispatch/dispatcher.ts'
import { adminRoutes } from './http/admin.ts'
import { createApp } from './http/app.ts'
import { enrolRoutes } from './http/enrol.ts'
import { healthRoutes, type HealthPart } from './http/health.ts'
import { wallRoutes } from './http/wall.ts'
import { webhookRoutes } from './http/webhook.ts'
import { openNinjaOne } from './ninjaone/ninjaone.ts'
import { toE164 } from './ninjaone/contacts.ts'
import type { Log } from './observe/log.ts'
import { createMetrics } from './observe/metrics.ts'
import { openRecordingStore, type DiskTrouble } from './recordings/recordingStore.ts'
import type { Certificate } from './server/serverPort.ts'
import { startWsEngine } from './server/wsEngine.ts'
import type { SettingsStore } from './settings/readSettings.ts'
import type { HubSettings } from './settings/schema.ts'
import { createAgentSocket } from './sockets/agentSocket.ts'
import { createWallSocket, WALL_TOPIC } from './sockets/wallSocket.ts'
import { createWorkerSocket } from './sockets/workerSocket.ts'
import { createAnalyse } from './tickets/analysis/createAnalyse.ts'
import { openDrafts } from './tickets/drafts.ts'
import { noTicketSystem } from './tickets/noTicketSystem.ts'
import { openOutbox } from './tickets/outbox/outbox.ts'
import { openAuthority } from './tls/authority.ts'
import { createTranscripts } from './transcripts/transcripts.ts'
import { createTranscriptStore } from './database/transcriptStore.ts'
import { createWallFeed, startOfDay } from './wall/wallFeed.ts'
import { readFiledTickets } from './wall/filedTickets.ts'

export interface Hub {
  readonly url: string
  readonly port: number
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
  /** Folder of the built wall. */
  readonly wallFolder: string
}

/** Wires all parts of the hub, in the order in which they need each other; closes them in reverse, also after half a start. */
export async function start(needs: HubNeeds): Promise<Hub> {
  const closers: (() => unknown)[] = []
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= closeAll(closers, needs.log))
  try {
    return await startParts(needs, (closer) => closers.push(closer), stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function startParts(
  needs: HubNeeds,
  onStop: (closer: () => unknown) => void,
  stop: () => Promise<void>,
): Promise<Hub> {
  const { clock, random, newId, log, version } = needs
  const settings = needs.settings.current
  const nowMs = () => clock.nowMs()

  const data = await takeDataFolder(settings.folders.data)
  onStop(() => data.release())
  const masterKey = await openMasterKey(settings, log)
  const metrics = createMetrics()
  onStop(() => metrics.stop())
  const database = await openDatabase({
    file: path.join(data.path, 'hub.sqlite'),
    onSlow: (command, tookMs) => log.warn({ command, tookMs }, 'database.slow'),
  })
  onStop(() => database.close())
  const access = createAccess({ database, clock, random, newId })

  // ── recordings, transcripts, dispatch ──
  const recordings = await openRecordingStore({
    folder: path.join(data.path, 'recordings'),
    masterKey,
    clock,
    onRecovered: (found) => log.warn(found, 'recording.recovered'),
  })
  onStop(() => recordings.stop())
  let disk: DiskTrouble | undefined
  recordings.onTrouble((trouble) => {
    disk = trouble.kind === 'none' ? undefined : trouble
    log.error(trouble, 'disk.trouble')
  })
  const transcriptStore = createTranscriptStore(database, clock)
  const transcripts = createTranscripts(transcriptStore)

  // ── NinjaOne, calls, drafts ──
  const account = accountOf(settings)
  const ninjaone =
    account &&
    (await openNinjaOne({
      account,
      mapping: { ...settings.ninjaone, host: account.host },
      country: settings.ninjaone.defaultCountry,
      tokens: createTokenStore(database, nowMs),
      contactStore: createContactStore(database, nowMs),
      clock,
      onEvent: (event, fields) => log.warn(fields, event),
    }))
  if (ninjaone) onStop(() => ninjaone.stop())
  const calls = await openCalls({
    store: createCallStore(database),
    clock,
    newId,
    identify: (number) => ninjaone?.contacts.identify(number),
  })
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
    onLag: (lagMs) => {
      metrics.finals.inc()
      metrics.utteranceLag.observe(lagMs / 1_000)
    },
    onEvent: (event, fields) => log.info(fields, event),
  })
  onStop(() => dispatcher.stop())
  const outbox = await openOutbox({
    store: createOutboxStore(database),
    system: ninjaone?.system ?? noTicketSystem,
    clock,
    random,
    rules: {
      settleMs: settings.tickets.settleSeconds * 1_000,
      retry: { firstMs: 2_000, maxMs: 300_000, factor: 2 },
    },
    onEvent: (level, event, fields) => log[level](fields, event),
  })
  onStop(() => outbox.stop())
  const drafts = await openDrafts({
    store: createDraftStore(database, nowMs),
    outbox,
    clock,
    newId,
    rules: {
      countdownMs: settings.tickets.countdownSeconds * 1_000,
      undoMs: settings.tickets.undoSeconds * 1_000,
      parkAfterMs: settings.tickets.parkAfterSeconds * 1_000,
      onCountdownEnd: settings.tickets.onCountdownEnd,
      fileUnattended: settings.tickets.fileUnattended,
    },
    maxWaitMs: settings.tickets.maxWaitSeconds * 1_000,
    analyse: createAnalyse(settings.analysis, clock, (error) =>
      log.warn({ error: String(error) }, 'analysis.fell-back-to-rules'),
    ),
    linesOf: (callId) => transcripts.linesOf(callId),
    organizationForUnknown: settings.ninjaone.organizationId ?? null,
    onFailure: (what, error) => log.error({ error: String(error) }, what),
  })
  onStop(() => drafts.stop())

  // ── sockets ──
  const isSafe = (recordingId: RecordingId) =>
    dispatcher.isDone(recordingId) && recordings.state(recordingId)?.sealed === true
  const erase = async (recordingId: RecordingId, callId: CallId | undefined) => {
    await recordings.remove(recordingId, 'erased')
    if (callId === undefined) return
    await transcripts.erase(recordingId, callId)
    await drafts.onErased(callId)
    log.info({ recordingId, callId }, 'recording.erased')
  }
  let publish: (text: string) => void = () => undefined
  const todayMs = startOfDay(nowMs())
  const feed = createWallFeed({
    clock,
    publish: (text) => publish(text),
    recent: (callId) => transcripts.recent(callId),
    places: () => dispatcher.places(),
    draftsWaiting: () => drafts.waiting(),
    calls: calls.list().filter(({ startedAtMs }) => startedAtMs >= todayMs),
    tickets: await readFiledTickets(database, todayMs),
  })
  onStop(() => feed.stop())
  const agentSocket = createAgentSocket({
    access,
    calls,
    recordings,
    drafts,
    clock,
    hubVersion: version,
    log,
    settings: () => agentSettings(settings),
    isSafe,
    erase,
    onRecords: (count) => metrics.records.inc(count),
    onCount: (count) => metrics.links.set({ role: 'agent' }, count),
    onPresence: feed.presence,
  })
  const workerSocket = createWorkerSocket({
    access,
    dispatcher,
    clock,
    hubVersion: version,
    log,
    onCount: (count) => metrics.links.set({ role: 'worker' }, count),
  })
  const wallSocket = createWallSocket({
    access,
    feed,
    clock,
    hubVersion: version,
    log,
    onCount: (count) => metrics.links.set({ role: 'wall' }, count),
  })

  // ── who hears of what ──
  const failed = (event: string) => (error: unknown) => log.error({ error: String(error) }, event)
  calls.onChange((call, before) => {
    feed.call(call)
    drafts.onCall(call).catch(failed('draft.call-failed'))
    if (before?.phase !== call.phase)
      log.info({ callId: call.callId, phase: call.phase, extension: call.extension }, 'call.changed')
    if (!isOn(call) && call.phase !== 'wrap-up') transcripts.forget(call.callId)
  })
  transcripts.onUtterance((callId, utterance) => {
    feed.utterance(callId, utterance)
    drafts.onUtterance(callId, utterance)
    const agentId = calls.find(callId)?.agentId
    if (agentId) agentSocket.send(agentId, { kind: 'utterance', callId, utterance })
  })
  dispatcher.onDone((recordingId, callId) => {
    const call = calls.find(callId)
    drafts.onTranscribed(call?.callId ?? callId).catch(failed('draft.transcript-failed'))
    if (call?.agentId) agentSocket.send(call.agentId, { kind: 'recording-safe', recordingId })
    if (settings.retention.audioDays === 0)
      recordings.remove(recordingId, 'retention').catch(failed('recording.retention-failed'))
  })
  drafts.onChange((draft, agentId, call) => {
    feed.draft(draft, call)
    if (agentId) agentSocket.send(agentId, { kind: 'draft', draft })
    if (draft.state.at === 'filed') metrics.tickets.inc()
  })
  drafts.onProposed((afterMs) => {
    metrics.hangUpToDraft.observe(afterMs / 1_000)
    feed.hangUpToDraft(afterMs)
  })

  // ── the server, last: whoever connects finds everything ready ──
  const tls = await openTls(settings, clock)
  let port = settings.listen.port
  const scheme = tls.certificate ? 'https' : 'http'
  const publicUrl = () =>
    settings.hub.publicUrl ??
    `${scheme}://${settings.listen.host === '0.0.0.0' ? 'localhost' : settings.listen.host}:${port}`
  const admin = adminRoutes({
    access,
    clock,
    settings: needs.settings,
    ninjaone,
    pin: tls.pin,
    publicUrl,
    secure: tls.certificate !== undefined,
    async onSignedIn() {
      await ninjaone?.contacts.refresh()
      await outbox.unblock()
    },
  })
  const healthParts = async (): Promise<readonly HealthPart[]> => {
    const { freeBytes, unflushedBytes } = await recordings.usage()
    const { total, waiting } = dispatcher.places()
    return [
      disk
        ? { name: 'disk', state: 'failed', reason: disk.detail, remedy: disk.remedy }
        : {
            name: 'disk',
            state: freeBytes < 1e9 ? 'degraded' : 'ok',
            reason: `${Math.round(freeBytes / 1e6)} MB free, ${unflushedBytes} bytes to flush`,
          },
      await database.run('notes.read', { name: 'health' }).then(
        () => ({ name: 'database', state: 'ok' as const }),
        (error: unknown) => ({ name: 'database', state: 'failed' as const, reason: String(error) }),
      ),
      total > 0
        ? { name: 'workers', state: 'ok', reason: `${total} places, ${waiting} recordings waiting` }
        : {
            name: 'workers',
            state: 'degraded',
            reason: 'no worker is connected',
            remedy: 'Start a worker; recordings wait for it.',
          },
      ninjaone
        ? (await ninjaone.session.isSignedIn())
          ? { name: 'ninjaone', state: 'ok', reason: `${outbox.waiting()} writes waiting` }
          : {
              name: 'ninjaone',
              state: 'degraded',
              reason: 'nobody is signed in',
              remedy: 'Sign in on the admin page; tickets wait.',
            }
        : {
            name: 'ninjaone',
            state: 'degraded',
            reason: 'not configured',
            remedy: 'Set ninjaone.host, clientId and clientSecret.',
          },
      settings.recording.consent.confirmed
        ? { name: 'consent', state: 'ok' }
        : {
            name: 'consent',
            state: 'degraded',
            reason: 'the consent rule is not confirmed: nothing is recorded',
            remedy: 'Confirm it in recording.consent.',
          },
    ]
  }
  const app = createApp(
    [
      healthRoutes({ parts: healthParts, registry: metrics.registry, version }),
      enrolRoutes({ access, caPem: tls.caPem, hubName: settings.hub.name }),
      wallRoutes({ folder: needs.wallFolder, secure: tls.certificate !== undefined }),
      webhookRoutes({ calls, clock, log, secret: settings.threecx.webhookSecret }),
      admin.routes,
    ],
    (at, error) => log.error({ path: at, error: error.stack ?? error.message }, 'http.failed'),
  )
  const server = await startWsEngine({
    host: settings.listen.host,
    port: settings.listen.port,
    tls: tls.certificate,
    fetch: (request, info) => app.fetch(request, info),
    sockets: [agentSocket, workerSocket, wallSocket],
  })
  onStop(() => server.stop())
  port = server.port
  publish = (text) => server.publish(WALL_TOPIC, text)
  if (ninjaone && (await ninjaone.session.isSignedIn()))
    ninjaone.contacts.refresh().catch(failed('contacts.failed'))
  const hasMembers = async () =>
    (await Promise.all([access.members('agent'), access.members('worker')])).flat().length > 0
  return { url: publicUrl(), port, hasMembers, adminLink: () => admin.oneTimeLink(), stop }
}

async function openMasterKey(settings: HubSettings, log: Log): Promise<MasterKey> {
  const file = path.join(settings.folders.secrets, 'master.key')
  await mkdir(settings.folders.secrets, { recursive: true, mode: 0o700 })
  const known = await readMasterKeyFile(file)
  if (known) return known
  log.info({ file }, 'master-key.made')
  return makeMasterKeyFile(file)
}

interface Tls {
  readonly certificate: Certificate | undefined
  readonly caPem: string | undefined
  readonly pin: string | undefined
}

async function openTls({ tls, folders, hub }: HubSettings, clock: Clock): Promise<Tls> {
  if (tls.mode === 'off') return { certificate: undefined, caPem: undefined, pin: undefined }
  if (tls.mode === 'files') {
    const [key, cert] = await Promise.all([
      readFile(tls.keyFile ?? '', 'utf8'),
      readFile(tls.certFile ?? '', 'utf8'),
    ])
    return { certificate: { key, cert }, caPem: undefined, pin: undefined }
  }
  const authority = await openAuthority({ folder: folders.secrets, clock })
  const names = [...tls.names, ...(hub.publicUrl ? [new URL(hub.publicUrl).hostname] : [])]
  return { certificate: await authority.leaf(names), caPem: authority.pem, pin: authority.pin }
}

function accountOf({ ninjaone }: HubSettings) {
  const { host, clientId, clientSecret, requestsPerSecond } = ninjaone
  return host && clientId && clientSecret ? { host, clientId, clientSecret, requestsPerSecond } : undefined
}

function agentSettings({ language, tickets, recording, ninjaone }: HubSettings): AgentSettings {
  const { confirmed, basis, ruleVersion, text } = recording.consent
  const numbers = recording.optOut.numbers.map(
    (number) => toE164(number, ninjaone.defaultCountry as 'FR') ?? number,
  ) // any country code is fine
  return {
    kind: 'agent-settings',
    language,
    countdownMs: tickets.countdownSeconds * 1_000,
    consent: { confirmed, basis, ruleVersion, text },
    optOut: { extensions: recording.optOut.extensions, numbers },
  }
}

async function closeAll(closers: readonly (() => unknown)[], log: Log): Promise<void> {
  for (const close of [...closers].reverse()) {
    try {
      await close()
    } catch (error) {
      log.error({ error: String(error) }, 'stop.failed')
    }
  }
}

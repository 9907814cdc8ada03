import { randomBytes } from 'node:crypto'
import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import type { Clock } from '@3cx-ninja/protocol'
import { watchAbandonedCalls } from '../calls/abandonedCalls.ts'
import { createOptOutRule } from '../calls/optOutRule.ts'
import type { Access } from '../access/access.ts'
import { createCallLookup } from '../database/callLookup.ts'
import type { Database } from '../database/openDatabase.ts'
import type { Dispatcher } from '../dispatch/ports.ts'
import type { Erasures } from '../erasures/erasures.ts'
import { cookieName } from '../http/cookies.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { SocketRoute } from '../server/serverPort.ts'
import { agentSettings } from '../settings/agentSettings.ts'
import type { SettingsStore } from '../settings/readSettings.ts'
import { createAgentSocket, type AgentSocket } from '../sockets/agentSocket.ts'
import { createForeignRequests } from '../sockets/foreignRequests.ts'
import { createErasureQuota, type ErasureQuota } from '../sockets/erasureQuota.ts'
import { createOwnership, type Ownership } from '../sockets/ownership.ts'
import { createBusyClients, type BusyClients } from '../sockets/busyClients.ts'
import { createSharedTokens, locationText, type SharedTokens } from '../sockets/sharedTokens.ts'
import { socketsTuning } from '../sockets/tuning.ts'
import { createWallboardSocket, WALLBOARD_TOPIC } from '../sockets/wallboardSocket.ts'
import { createWorkerSocket } from '../sockets/workerSocket.ts'
import type { Transcripts } from '../transcripts/transcripts.ts'
import { readFiledTickets } from '../wallboard/filedTickets.ts'
import { createWallboardKeys } from '../wallboard/wallboardKeys.ts'
import { createWallboardFeed, startOfDay, type WallboardFeed } from '../wallboard/wallboardFeed.ts'
import type { Filing } from './openFiling.ts'

/** The secret of a run from which wallboards get keys in place of ids. */
const KEY_BYTES = 32

/** The parts that the three kinds of clients reach through their links. */
export interface SocketsNeeds {
  readonly settings: SettingsStore
  readonly database: Database
  readonly access: Access
  readonly recordings: RecordingStore
  readonly transcripts: Transcripts
  readonly dispatcher: Dispatcher
  readonly filing: Filing
  readonly erasures: Erasures
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  /** Browsers reach the hub over TLS: its cookies say so. */
  readonly secure: boolean
  readonly closers: Closers
  /** Sends to every socket of a topic; before the server runs there is none. */
  readonly publish: (topic: string, text: string) => void
}

/** The routes of the links, and what the rest of the hub sends through them. */
export interface Sockets {
  readonly routes: readonly SocketRoute[]
  readonly agents: AgentSocket
  readonly wallboard: WallboardFeed
  /** Tokens that several programs use in turn, as of now. */
  readonly sharedTokens: SharedTokens
  /** Whose recordings and calls are whose: playback asks it too. */
  readonly ownership: Ownership
  /** Clients that sent more than their share lately. */
  readonly busyClients: BusyClients
}

/** Creates the three kinds of links of the hub: agents, workers, wallboards. Rejects with a DatabaseError. */
export async function openSockets(needs: SocketsNeeds): Promise<Sockets> {
  const { settings, database, access, recordings, transcripts, dispatcher, metrics, clock, log } = needs
  const { calls, drafts } = needs.filing
  const todayMs = startOfDay(clock.nowMs())
  const wallboard = createWallboardFeed({
    clock,
    publish: (text) => needs.publish(WALLBOARD_TOPIC, text),
    privacy: {
      country: settings.current.country,
      names: settings.current.wallboard.names,
      keyOf: createWallboardKeys(randomBytes(KEY_BYTES)),
    },
    onBroken: (kind) => log.error({ kind }, 'wallboard.message-broken'),
    recent: (callId) => transcripts.recent(callId),
    slots: () => dispatcher.slots(),
    draftsWaiting: () => drafts.waiting(),
    calls: calls.list().filter(({ startedAtMs }) => startedAtMs >= todayMs),
    tickets: await readFiledTickets(database, todayMs),
  })
  needs.closers.add('wallboard', () => wallboard.stop())
  const sharedTokens = watchSharedTokens(needs)
  const busyClients = createBusyClients({
    clock,
    rememberMs: socketsTuning.rememberMs,
    onNew: ({ name: client, ...busy }) => log.warn({ client, ...busy }, 'client.over-its-share'),
  })
  const each = { access, clock, log, hubVersion: needs.version, sharedTokens, busyClients }
  const counter = (role: 'agent' | 'worker' | 'wallboard') => (count: number) =>
    metrics.links.set({ role }, count)
  const { erase } = needs.erasures
  const { ownership, foreign } = openOwnership(needs)
  const rules = () => agentSettings(settings.current)
  const abandoned = watchAbandonedCalls({
    calls,
    clock,
    onPresumed: ({ callId, phase, agentId }) => log.warn({ callId, phase, agentId }, 'call.presumed-over'),
    onFailure: (error) => log.error({ error: String(error) }, 'call.presuming-failed'),
  })
  needs.closers.add('abandoned calls', () => abandoned.stop())
  const agents = createAgentSocket({
    ...each,
    calls,
    recordings,
    drafts,
    settings: rules,
    utterancesOf: (callId) => transcripts.utterancesSoFar(callId),
    isSafe: (recordingId) =>
      dispatcher.isTranscribed(recordingId) && recordings.state(recordingId)?.durable === true,
    ownership,
    foreign,
    erasures: needs.erasures,
    erasureQuota: countErasures(needs),
    erase,
    onRecords: (count) => metrics.records.inc(count),
    onCount: counter('agent'),
    onPresence(agentId, name, extension, online) {
      wallboard.presence(agentId, name, extension, online)
      abandoned.presence(agentId, online)
    },
  })
  settings.onLive(() => {
    log.info({ consent: rules().consent.confirmed }, 'settings.live')
    agents.settingsChanged()
  })
  wireOptOut(needs, agents, erase)
  const workers = createWorkerSocket({ ...each, dispatcher, onCount: counter('worker') })
  const wallboards = createWallboardSocket({
    ...each,
    cookie: cookieName('wallboard', needs.secure),
    feed: wallboard,
    onCount: counter('wallboard'),
  })
  const routes = [agents, workers, wallboards]
  return { routes, agents, wallboard, sharedTokens, ownership, busyClients }
}

/** Creates the answers to who owns what, and lets the board store no recording of another agent with a call. */
function openOwnership({ filing: { calls }, recordings, database, access, clock, log }: SocketsNeeds) {
  const foreign = createForeignRequests({ clock, log })
  const ownership = createOwnership({
    calls,
    recordings,
    lookup: createCallLookup(database),
    formerIds: (agentId) => access.formerIds(agentId),
    onForeignRecording: ({ agentId, ...of }) =>
      foreign.note('call.recording-of-another-dropped', agentId, of),
  })
  calls.beforeStored((call) => ownership.withOwnRecording(call))
  return { ownership, foreign }
}

function countErasures({ clock, log, settings }: SocketsNeeds): ErasureQuota {
  return createErasureQuota({
    clock,
    perDay: () => settings.current.quotas.erasuresPerDay,
    onCrowded: (use) => log.warn({ ...use, kind: 'erasuresPerDay' }, 'client.near-its-quota'),
  })
}

function watchSharedTokens({ clock, log }: SocketsNeeds): SharedTokens {
  return createSharedTokens({
    clock,
    onShared: ({ clientId, role, name, locations }) =>
      log.error(
        {
          clientId,
          role,
          name,
          locations: locations.map(locationText),
          remedy: 'Enroll one of them again, with a key of its own.',
        },
        'client.token-shared',
      ),
  })
}

/** Erases a recording that turns out to be opted out, before its call is stored and once more after it. */
function wireOptOut(needs: SocketsNeeds, agents: AgentSocket, erase: Erase): void {
  const { settings, recordings, log } = needs
  const { calls } = needs.filing
  const optOutRule = createOptOutRule({
    rules: () => agentSettings(settings.current),
    recordings,
    erase: (recordingId, callId) => erase(recordingId, callId, calls.find(callId)?.agentId),
    onErased: ({ recordingId, call }) => {
      log.info({ recordingId, callId: call.callId }, 'recording.opted-out')
      // The next frame of a live recording is refused; of one that was sent long ago the agent must be notified.
      if (call.agentId) agents.send(call.agentId, { kind: 'recording-erased', recordingId })
    },
    onFailure: (recordingId, error) =>
      log.error({ recordingId, error: String(error) }, 'recording.opt-out-failed'),
  })
  calls.beforeStored(optOutRule)
  // Once more after it: a part may have been opened while the fact was being stored.
  calls.onChange((call) => void optOutRule(call, (id) => calls.find(id)?.callId === call.callId))
}

type Erase = Erasures['erase']

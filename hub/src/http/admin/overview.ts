import { Hono } from 'hono'
import { isActive, type Clock } from '@3cx-ninja/protocol'
import type { Access } from '../../access/access.ts'
import type { Calls } from '../../calls/calls.ts'
import type { Dispatcher } from '../../dispatch/ports.ts'
import type { Helpdesk } from '../../helpdesk/helpdesk.ts'
import type { RecordingStore } from '../../recordings/recordingStore.ts'
import type { SettingsStore } from '../../settings/readSettings.ts'
import { locationText, type SharedTokens } from '../../sockets/sharedTokens.ts'
import type { Drafts } from '../../tickets/drafts.ts'
import type { Outbox } from '../../tickets/outbox/ports.ts'
import type { Overview } from './messages.ts'
import type { HubEnv, Routes } from '../app.ts'
import type { HealthPart } from '../health.ts'
import { restartPendingKeys } from './settingViews.ts'

/** Every part whose figures the overview shows, each by what is read of it. */
export interface OverviewNeeds {
  readonly access: Pick<Access, 'clients' | 'isConnected'>
  readonly clock: Clock
  readonly settings: SettingsStore
  readonly version: string
  readonly helpdesk: Pick<Helpdesk, 'kind' | 'name' | 'state'>
  readonly parts: () => Promise<readonly HealthPart[]>
  readonly calls: Pick<Calls, 'list'>
  readonly drafts: Pick<Drafts, 'waiting'>
  readonly outbox: Pick<Outbox, 'waiting' | 'blocked'>
  readonly dispatcher: Pick<Dispatcher, 'slots'>
  readonly recordings: Pick<RecordingStore, 'usage'>
  readonly sharedTokens: Pick<SharedTokens, 'list'>
}

/**
 * Returns the route `/api/admin/overview`: the state of the hub in one answer, which the page requests every few
 * seconds.
 */
export function overviewRoutes(needs: OverviewNeeds): Routes {
  const { access, clock, settings, outbox } = needs
  const startedMs = clock.monotonicMs()
  const app = new Hono<HubEnv>()
  app.get('/api/admin/overview', async (c) => {
    const [agents, workers, wallboards, parts, usage, helpdeskState] = await Promise.all([
      access.clients('agent'),
      access.clients('worker'),
      access.clients('wallboard'),
      needs.parts(),
      needs.recordings.usage(),
      needs.helpdesk.state(),
    ])
    const connectedCount = (clients: typeof agents) =>
      clients.filter(({ id }) => access.isConnected(id)).length
    const { total, used: taken, waiting } = needs.dispatcher.slots()
    return c.json({
      hubName: settings.current.hub.name,
      version: needs.version,
      upMs: clock.monotonicMs() - startedMs,
      // An administrator sees names and addresses, which the open answer leaves out.
      parts: parts.map(({ detail, client: _, ...part }) =>
        detail === undefined ? part : { ...part, reason: detail },
      ),
      connected: {
        agent: connectedCount(agents),
        worker: connectedCount(workers),
        wallboard: connectedCount(wallboards),
      },
      clients: { agent: agents.length, worker: workers.length, wallboard: wallboards.length },
      slots: { total, taken, waiting },
      callsNow: needs.calls.list().filter(isActive).length,
      draftsWaiting: needs.drafts.waiting(),
      writes: {
        waiting: outbox.waiting(),
        blocked: outbox.blocked().reduce((sum, { count }) => sum + count, 0),
      },
      disk: { freeBytes: usage.freeBytes, recordingBytes: usage.bytes, recordings: usage.recordings },
      helpdesk: { kind: needs.helpdesk.kind, name: needs.helpdesk.name, state: helpdeskState },
      sharedTokens: needs.sharedTokens
        .list()
        .map(({ name, locations }) => ({ name, locations: locations.map(locationText) })),
      consentConfirmed: settings.current.recording.consent.confirmed,
      restartPending: await saved(settings),
    } satisfies Overview)
  })
  return app
}

/** Resolves with none where the file was broken by hand: the settings section shows that, the overview works without it. */
async function saved(settings: SettingsStore): Promise<string[]> {
  try {
    return [...restartPendingKeys(settings.current, await settings.next())]
  } catch {
    return []
  }
}

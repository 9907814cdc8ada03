import { Hono } from 'hono'
import type { Clock } from '@3cx-ninja/protocol'
import type { Access } from '../access/access.ts'
import type { Calls } from '../calls/calls.ts'
import { isOn } from '../calls/joinCall.ts'
import type { Dispatcher } from '../dispatch/ports.ts'
import type { NinjaOne } from '../ninjaone/ninjaone.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { SettingsStore } from '../settings/readSettings.ts'
import { placeInWords, type Rivals } from '../sockets/rivals.ts'
import type { Drafts } from '../tickets/drafts.ts'
import type { Outbox } from '../tickets/outbox/ports.ts'
import type { Overview } from './adminMessages.ts'
import { ninjaStateOf } from './adminNinja.ts'
import type { HubEnv, Routes } from './app.ts'
import type { HealthPart } from './health.ts'
import { waitingForRestart } from './settingViews.ts'

export interface AdminOverviewNeeds {
  readonly access: Pick<Access, 'members' | 'isConnected'>
  readonly clock: Clock
  readonly settings: SettingsStore
  readonly version: string
  readonly ninjaone: NinjaOne | undefined
  readonly parts: () => Promise<readonly HealthPart[]>
  readonly calls: Pick<Calls, 'list'>
  readonly drafts: Pick<Drafts, 'waiting'>
  readonly outbox: Pick<Outbox, 'waiting' | 'blocked'>
  readonly dispatcher: Pick<Dispatcher, 'slots'>
  readonly recordings: Pick<RecordingStore, 'usage'>
  readonly rivals: Pick<Rivals, 'list'>
}

/** `/api/admin/overview`: how the hub stands, all in one answer; the page asks every few seconds. */
export function adminOverviewRoutes(needs: AdminOverviewNeeds): Routes {
  const { access, clock, settings, outbox } = needs
  const startedMs = clock.monotonicMs()
  const app = new Hono<HubEnv>()
  app.get('/api/admin/overview', async (c) => {
    const [agents, workers, wallboards, parts, usage, ninjaone] = await Promise.all([
      access.members('agent'),
      access.members('worker'),
      access.members('wallboard'),
      needs.parts(),
      needs.recordings.usage(),
      ninjaStateOf(needs.ninjaone),
    ])
    const here = (members: typeof agents) => members.filter(({ id }) => access.isConnected(id)).length
    const { total, used: taken, waiting } = needs.dispatcher.slots()
    return c.json({
      hubName: settings.current.hub.name,
      version: needs.version,
      upMs: clock.monotonicMs() - startedMs,
      parts: parts.map((part) => ({ ...part })),
      connected: { agent: here(agents), worker: here(workers), wallboard: here(wallboards) },
      members: { agent: agents.length, worker: workers.length, wallboard: wallboards.length },
      places: { total, taken, waiting },
      callsNow: needs.calls.list().filter(isOn).length,
      draftsWaiting: needs.drafts.waiting(),
      writes: {
        waiting: outbox.waiting(),
        blocked: outbox.blocked().reduce((sum, { count }) => sum + count, 0),
      },
      disk: { freeBytes: usage.freeBytes, recordingBytes: usage.bytes, recordings: usage.recordings },
      ninjaone,
      rivals: needs.rivals.list().map(({ name, places }) => ({ name, places: places.map(placeInWords) })),
      consentConfirmed: settings.current.recording.consent.confirmed,
      waitForRestart: await saved(settings),
    } satisfies Overview)
  })
  return app
}

/** A settings file broken by hand is told by the settings section; the overview goes on without it. */
async function saved(settings: SettingsStore): Promise<string[]> {
  try {
    return [...waitingForRestart(settings.current, await settings.next())]
  } catch {
    return []
  }
}

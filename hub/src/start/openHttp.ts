import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import { createScreens } from '../access/screens.ts'
import { createDatabaseProbe } from '../database/databaseProbe.ts'
import { createOpenRowsStore } from '../database/openRowsStore.ts'
import { createAdminSessionStore } from '../database/stores.ts'
import { openAdmin } from '../http/admin/admin.ts'
import { createApp, type Routes } from '../http/app.ts'
import { enrollRoutes } from '../http/enroll.ts'
import { healthRoutes } from '../http/health.ts'
import { createPace } from '../http/pace.ts'
import { playbackRoutes } from '../http/playback.ts'
import { screenRoutes } from '../http/screens.ts'
import { wallboardRoutes } from '../http/wallboard.ts'
import { webhookRoutes } from '../http/webhook.ts'
import { startLoopWatch } from '../observe/loopWatch.ts'
import { createWallClockWatch } from '../observe/wallClockWatch.ts'
import type { ServerFigures } from '../server/serverPort.ts'
import type { Pbx } from '../threecx/pbx.ts'
import { createWebhookHistory } from '../threecx/webhookHistory.ts'
import { checkHealth } from './checkHealth.ts'
import { createLoadCheck } from './checkLoad.ts'
import type { HubNeeds } from './hubNeeds.ts'
import type { Core } from './openCore.ts'
import type { Sockets } from './openSockets.ts'
import type { Storage } from './openStorage.ts'
import { threecxHealth } from './openThreecx.ts'

/** What the routes read of the hub; the server's address and the PBX come after the routes, so they are asked for. */
export interface HttpNeeds {
  readonly hub: HubNeeds
  readonly storage: Storage
  readonly core: Core
  readonly sockets: Sockets
  readonly publicUrl: () => string
  readonly secure: boolean
  readonly pbx: () => Pbx | undefined
  /** undefined before the server runs. */
  readonly server: () => ServerFigures | undefined
  readonly filesLimit: number | undefined
  readonly closers: Closers
}

/** Everything the hub answers by HTTP, and the link that opens its admin page. */
export interface Http {
  readonly app: Routes
  /** Returns a link that opens one admin session, once, within half an hour. */
  readonly adminLink: () => string
}

/** Makes the routes of the hub: health, enrollment, playback, wallboard, webhook and admin. Rejects with a DatabaseError. */
export async function openHttp(needs: HttpNeeds): Promise<Http> {
  const { storage, core, sockets, publicUrl, pbx, secure } = needs
  const { settings, clock, log, version, wallboardFolder, adminFolder } = needs.hub
  const { access, attempts, certificates, database, metrics, recordings } = storage
  const { dispatcher, filing } = core
  const { calls, drafts, helpdesk, outbox } = filing
  const { sharedTokens, ownership, busyClients } = sockets
  const history = createWebhookHistory({ clock, log })
  const screens = createScreens({ access, attempts, clock })
  const probe = createDatabaseProbe(database, clock)
  const loop = startLoopWatch(clock)
  needs.closers.add('loop watch', () => loop.stop())
  const load = createLoadCheck({ ...needs, clock, loop, attempts, leap: createWallClockWatch(clock) })
  const parts = () =>
    checkHealth({
      ...storage, ...core, settings, probe, sharedTokens, busyClients, load,
      threecx: () => threecxHealth(settings.current, pbx()),
    }) // prettier-ignore
  const admin = await openAdmin({
    access, attempts, webhooks: history, screens, calls, clock, dispatcher, drafts, log, helpdesk, outbox, parts, pbx, publicUrl, recordings, secure, settings,
    sharedTokens, version,
    folder: adminFolder,
    pin: certificates.pin,
    sessionStore: createAdminSessionStore(database, () => clock.nowMs()),
    openRows: createOpenRowsStore(database),
    async onSignedIn() {
      // The tickets first: they wait for this sign-in only, while the list of contacts may be long or not fit on the disk.
      await outbox.unblock()
      await helpdesk.directory
        .refresh()
        .catch((error: unknown) => log.error({ error: String(error) }, 'contacts.failed'))
    },
  }) // prettier-ignore
  const { hub, threecx, tls } = settings.current
  // A proxy that the settings do not name makes every peer look like this machine: then none counts as it.
  const isProxyKnown = certificates.current !== undefined || tls.behindProxy !== undefined
  const isOwnMachine = (address: string) => isProxyKnown && ['127.0.0.1', '::1'].includes(address)
  const app = createApp(
    [
      healthRoutes({
        parts, version, clock, attempts,
        registry: metrics.registry,
        metricsToken: hub.metricsToken,
        isOwnMachine,
      }), // prettier-ignore
      enrollRoutes({ access, caPem: certificates.caPem, hubName: hub.name }),
      playbackRoutes({ access, recordings, ownership, clock, log }),
      wallboardRoutes({ folder: wallboardFolder }),
      screenRoutes({ secure, access, screens, log }),
      webhookRoutes({ calls, clock, log, secret: threecx.webhookSecret, attempts, history }),
      admin.routes,
    ],
    {
      pace: createPace(clock),
      onFailure: (at, error) => log.error({ path: at, error: error.stack ?? error.message }, 'http.failed'),
      onAborted: (address) => log.debug({ address }, 'http.aborted'),
    },
  )
  return { app, adminLink: () => admin.oneTimeLink() }
}

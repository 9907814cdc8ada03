import { Hono } from 'hono'
import type { z } from 'zod'
import { HOUR_MS, type Clock } from '@3cx-ninja/protocol'
import type { Access } from '../../access/access.ts'
import type { Screens } from '../../access/screens.ts'
import type { Log } from '../../observe/log.ts'
import { keyRequest, screenLinkRequest, type clientsAnswer, type keyAnswer, type keysAnswer, type linkAnswer } from './messages.ts' // prettier-ignore
import type { HubEnv, Routes } from '../app.ts'
import { readJson } from '../readJson.ts'

/** What the section lists and revokes, and what its keys and links are made of. */
export interface ClientRoutesNeeds {
  readonly access: Access
  readonly screens: Screens
  readonly clock: Clock
  readonly log: Log
  /** Second half of every enrollment key; undefined without own certificates. */
  readonly pin: string | undefined
  readonly publicUrl: () => string
}

/**
 * Returns the routes of enrollment keys (created and shown once, listed, revoked), of wallboards' links (created and shown once),
 * and of clients (listed with their links, revoked).
 */
export function clientRoutes(needs: ClientRoutesNeeds): Routes {
  const app = new Hono<HubEnv>()
  addKeys(app, needs)
  addScreenLinks(app, needs)
  addClients(app, needs)
  return app
}

function addKeys(app: Routes, needs: ClientRoutesNeeds): void {
  const { access, clock, log } = needs
  app.post('/api/admin/enrollment-keys', async (c) => {
    const asked = keyRequest.safeParse(await readJson(c))
    if (!asked.success)
      return c.json(
        {
          error: 'broken-request',
          message: 'role: agent, worker, wallboard or null; days: 0.01 to 3650; uses: 1 to 10000',
        },
        400,
      )
    const { role, days, uses = null } = asked.data
    const secret = await access.issueSecret(
      role,
      days === undefined ? null : clock.nowMs() + days * 24 * HOUR_MS,
      uses,
    )
    log.info({ role, days, uses }, 'admin.key-made')
    const key = needs.pin === undefined ? secret : `${secret}.${needs.pin}`
    return c.json({ key, hub: needs.publicUrl() } satisfies z.infer<typeof keyAnswer>)
  })
  app.get('/api/admin/enrollment-keys', async (c) => {
    const rows = await access.secrets()
    return c.json(
      rows.map(({ secretHash, role, createdAtMs, expiresAtMs, usesLeft }) => ({
        secretHash,
        role,
        createdAtMs,
        expiresAtMs,
        usesLeft,
      })) as z.infer<typeof keysAnswer>, // the roles in the table were parsed when the keys were made
    )
  })
  app.delete('/api/admin/enrollment-keys/:hash', async (c) => {
    await access.revokeSecret(c.req.param('hash'))
    log.info({}, 'admin.key-revoked')
    return c.json({ revoked: true })
  })
}

/** A link for one screen: a new one by its name, or one of the list that moves, whose present browser then loses it. */
function addScreenLinks(app: Routes, { screens, log, publicUrl }: ClientRoutesNeeds): void {
  app.post('/api/admin/wallboard-links', async (c) => {
    const request = screenLinkRequest.safeParse(await readJson(c))
    if (!request.success)
      return c.json({ error: 'broken-request', message: 'name: 1 to 120 characters; or id: of a wallboard' }, 400) // prettier-ignore
    const link = `${publicUrl()}/tv?once=${screens.issueCode(request.data)}`
    log.info('id' in request.data ? { clientId: request.data.id } : {}, 'admin.wallboard-link-made')
    return c.json({ link } satisfies z.infer<typeof linkAnswer>)
  })
}

function addClients(app: Routes, { access, log }: ClientRoutesNeeds): void {
  app.get('/api/admin/clients', async (c) => {
    const roles = ['agent', 'worker', 'wallboard'] as const
    const all = await Promise.all(
      roles.map(async (role) =>
        (await access.clients(role)).map((row) => ({
          id: row.id,
          role,
          name: row.name,
          extension: row.extension,
          email: row.email,
          machine: row.machine,
          createdAtMs: row.createdAtMs,
          lastSeenMs: row.lastSeenMs,
          connected: access.isConnected(row.id),
          address: access.addressOf(row.id) ?? null,
        })),
      ),
    )
    return c.json(all.flat() satisfies z.infer<typeof clientsAnswer>)
  })
  app.delete('/api/admin/clients/:id', async (c) => {
    await access.revoke(c.req.param('id'))
    log.info({ clientId: c.req.param('id') }, 'admin.client-revoked')
    return c.json({ revoked: true })
  })
}

import { Hono } from 'hono'
import type { z } from 'zod'
import { HOUR_MS, type Clock } from '@3cx-ninja/protocol'
import type { Access } from '../../access/access.ts'
import type { Log } from '../../observe/log.ts'
import { keyRequest, type keyAnswer, type keysAnswer, type clientsAnswer } from './messages.ts'
import type { HubEnv, Routes } from '../app.ts'

/**
 * Returns the routes of enrollment keys (created and shown once, listed, revoked) and of clients (listed with their
 * links, revoked).
 */
export function clientRoutes(needs: {
  readonly access: Access
  readonly clock: Clock
  readonly log: Log
  /** Second half of every enrollment key; undefined without own certificates. */
  readonly pin: string | undefined
  readonly publicUrl: () => string
}): Routes {
  const { access, clock, log } = needs
  const app = new Hono<HubEnv>()
  app.post('/api/admin/enrollment-keys', async (c) => {
    const asked = keyRequest.safeParse(await c.req.json().catch(() => undefined))
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
        })),
      ),
    )
    return c.json(all.flat() satisfies z.infer<typeof clientsAnswer>)
  })
  app.delete('/api/admin/clients/:id', async (c) => {
    await access.revoke(c.req.param('id'))
    log.info({ memberId: c.req.param('id') }, 'admin.client-revoked')
    return c.json({ revoked: true })
  })
  return app
}

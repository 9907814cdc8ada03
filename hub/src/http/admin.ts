import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { z } from 'zod'
import { HOUR_MS, MINUTE_MS, type Clock } from '@3cx-ninja/protocol'
import { cookieOf, sameSecret, type Access } from '../access/access.ts'
import type { NinjaOne } from '../ninjaone/ninjaone.ts'
import type { SettingsStore } from '../settings/readSettings.ts'
import { SECRET_SETTINGS } from '../settings/schema.ts'
import { SettingsError } from '../settings/settingsError.ts'
import type { HubEnv, Routes } from './app.ts'

const SESSION_MS = 12 * HOUR_MS
const ONCE_MS = 30 * MINUTE_MS
const COOKIE = 'admin'

export interface AdminNeeds {
  readonly access: Access
  readonly clock: Clock
  readonly settings: SettingsStore
  readonly ninjaone: NinjaOne | undefined
  /** Second half of every enrolment key; undefined without own certificates. */
  readonly pin: string | undefined
  readonly publicUrl: () => string
  readonly secure: boolean
  readonly onSignedIn: () => Promise<void>
}

export interface AdminRoutes {
  readonly routes: Routes
  /** A link that opens one session, once, within half an hour. */
  oneTimeLink(): string
}

/** `/admin` and `/api/admin`: enrolment keys, NinjaOne sign-in, settings. A session begins with a one-time link. */
export function adminRoutes(needs: AdminNeeds): AdminRoutes {
  const { access, clock, ninjaone, settings } = needs
  const once = new Map<string, number>()
  const sessions = new Map<string, { untilMs: number; csrf: string }>()
  const states = new Map<string, number>()
  const app = new Hono<HubEnv>()

  app.get('/admin', (c) => {
    const told = c.req.query('once')
    const known =
      told === undefined
        ? undefined
        : [...once].find(([secret, untilMs]) => untilMs > clock.nowMs() && sameSecret(told, secret))
    if (!known)
      return c.json(
        {
          error: 'signed-out',
          message: 'This link was used or is too old. On the hub’s machine, run: npm run hub -- --admin-link',
        },
        401,
      )
    once.delete(known[0])
    const session = randomBytes(32).toString('base64url')
    const csrf = randomBytes(16).toString('base64url')
    sessions.set(session, { untilMs: clock.nowMs() + SESSION_MS, csrf })
    setCookie(c, COOKIE, session, {
      httpOnly: true,
      sameSite: 'Strict',
      secure: needs.secure,
      path: '/',
      maxAge: SESSION_MS / 1_000,
    })
    return c.json({ signedIn: true, csrf })
  })

  app.use('/api/admin/*', async (c, next) => {
    const session = sessions.get(cookieOf(c.req.raw.headers, COOKIE) ?? '')
    if (!session || session.untilMs < clock.nowMs())
      return c.json(
        { error: 'signed-out', message: 'Open a new one-time link: npm run hub -- --admin-link' },
        401,
      )
    if (c.req.method !== 'GET' && c.req.header('x-csrf') !== session.csrf)
      return c.json({ error: 'csrf', message: 'The x-csrf header of this session is missing.' }, 403)
    return next()
  })

  app.post('/api/admin/enrolment-keys', async (c) => {
    const asked = z
      .object({
        role: z.enum(['agent', 'worker', 'wall']).nullable(),
        days: z.number().min(0.01).max(3_650).optional(),
        uses: z.int().min(1).max(10_000).optional(),
      })
      .safeParse(await c.req.json().catch(() => undefined))
    if (!asked.success)
      return c.json(
        {
          error: 'broken-request',
          message: 'role: agent, worker, wall or null; days: 0.01 to 3650; uses: 1 to 10000',
        },
        400,
      )
    const { role, days, uses = null } = asked.data
    const secret = await access.issueSecret(
      role,
      days === undefined ? null : clock.nowMs() + days * 24 * HOUR_MS,
      uses,
    )
    return c.json({
      key: needs.pin === undefined ? secret : `${secret}.${needs.pin}`,
      hub: needs.publicUrl(),
    })
  })
  app.get('/api/admin/enrolment-keys', async (c) => c.json(await access.secrets()))
  app.delete('/api/admin/enrolment-keys/:hash', async (c) => {
    await access.revokeSecret(c.req.param('hash'))
    return c.json({ revoked: true })
  })
  app.get('/api/admin/members', async (c) => {
    const all = await Promise.all((['agent', 'worker', 'wall'] as const).map((role) => access.members(role)))
    return c.json(all.flat().map(({ tokenHash: _, ...member }) => member))
  })
  app.delete('/api/admin/members/:id', async (c) => {
    await access.revoke(c.req.param('id'))
    return c.json({ revoked: true })
  })
  app.get('/api/admin/settings', (c) => {
    const shown = structuredClone(settings.current) as unknown as Record<string, Record<string, unknown>> // groups of values; version has no secret
    for (const key of SECRET_SETTINGS) {
      const [group = '', name = ''] = key.split('.')
      const values = shown[group]
      if (values) values[name] = values[name] === undefined ? null : { set: true }
    }
    return c.json({
      settings: shown,
      sources: Object.fromEntries(settings.sources),
      unknownKeys: settings.unknownKeys,
    })
  })
  app.put('/api/admin/settings', async (c) => {
    try {
      await settings.save(await c.req.json())
      return c.json({ saved: true, message: 'Effective at the next start of the hub.' })
    } catch (error) {
      if (error instanceof SettingsError || error instanceof z.ZodError || error instanceof SyntaxError)
        return c.json({ error: 'wrong-setting', message: error.message }, 400)
      throw error
    }
  })

  const redirectUri = () => `${needs.publicUrl()}/auth/ninja/callback`
  app.get('/api/admin/ninja/sign-in', (c) => {
    if (!ninjaone)
      return c.json(
        {
          error: 'not-configured',
          message: 'Set ninjaone.host, ninjaone.clientId and ninjaone.clientSecret first.',
        },
        409,
      )
    const state = randomBytes(16).toString('base64url')
    states.set(state, clock.nowMs() + ONCE_MS)
    return c.redirect(ninjaone.session.signInUrl(redirectUri(), state))
  })
  app.get('/auth/ninja/callback', async (c) => {
    const { code, state = '', error } = c.req.query()
    const known = (states.get(state) ?? 0) > clock.nowMs()
    states.delete(state)
    if (!ninjaone || !known)
      return c.json(
        {
          error: 'unknown-sign-in',
          message: 'This sign-in was not begun here, or is too old: begin again on the admin page.',
        },
        400,
      )
    if (!code)
      return c.json(
        { error: 'refused', message: `NinjaOne did not sign in: ${(error ?? 'no code').slice(0, 200)}` },
        400,
      )
    await ninjaone.session.signIn(code, redirectUri())
    await needs.onSignedIn()
    return c.json({ signedIn: true, message: 'NinjaOne is connected. You may close this page.' })
  })
  app.get('/api/admin/ninja/test', async (c) =>
    ninjaone
      ? c.json(await ninjaone.check())
      : c.json(
          { ok: false, message: 'NinjaOne is not configured: set ninjaone.host, clientId, clientSecret.' },
          409,
        ),
  )

  return {
    routes: app,
    oneTimeLink() {
      const secret = randomBytes(24).toString('base64url')
      once.set(secret, clock.nowMs() + ONCE_MS)
      return `${needs.publicUrl()}/admin?once=${secret}`
    },
  }
}

import { Hono, type Context } from 'hono'
import { DAY_MS, SECOND_MS } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { SCREEN_AWAY_MS, cookieOf, type Access } from '../access/access.ts'
import type { Screens } from '../access/screens.ts'
import type { Log } from '../observe/log.ts'
import type { HubEnv, Routes } from './app.ts'
import { cookieName, putCookie } from './cookies.ts'
import { enrollmentRefusal } from './enroll.ts'
import { readJson } from './readJson.ts'

/** What screens are admitted by, and the kind of cookie that they get. */
export interface ScreenRoutesNeeds {
  readonly secure: boolean
  readonly access: Pick<Access, 'authorize' | 'enroll'>
  readonly screens: Screens
  readonly log: Log
}

/** A screen says which link it was opened by, or the enrollment key that a person typed. */
const screenRequest = z.union([
  z.object({ once: z.string().min(1).max(200) }),
  z.object({ secret: z.string().min(1).max(200), name: z.string().min(1).max(120) }),
])

const NEW_LINK = 'make a new wallboard link on the admin page'
const REFUSALS = {
  unknown: { status: 401, message: `This link is not one of this hub since its last start: ${NEW_LINK}.` },
  used: { status: 401, message: `Another screen used this link already: ${NEW_LINK}.` },
  expired: { status: 401, message: `This link is older than an hour: ${NEW_LINK}.` },
  gone: { status: 401, message: `The screen that should move was ended: ${NEW_LINK}.` },
  'too-many-attempts': { status: 429, message: 'Too many wrong links from this address: wait.' },
} as const

/**
 * Returns the routes of `/api/wallboard`, by which a screen gets its cookie and keeps it. A link is consumed by the page's own
 * POST: previews and prefetchers only ever send GET. The token is in the cookie alone: no script reads it and no address bears
 * it. Rule T7.
 */
export function screenRoutes(needs: ScreenRoutesNeeds): Routes {
  const { access, log } = needs
  const app = new Hono<HubEnv>()
  app.post('/api/wallboard/screens', async (c) => {
    const request = screenRequest.safeParse(await readJson(c))
    if (!request.success)
      return c.json({ error: 'broken-request', message: 'The body must be {"once": the code of the link}.' }, 400) // prettier-ignore
    const address = c.env.remoteAddress
    if ('secret' in request.data) {
      const outcome = await access.enroll({ role: 'wallboard', machine: address, ...request.data }, address)
      return outcome.ok ? admitted(c, needs, outcome.token) : enrollmentRefusal(c, outcome)
    }
    const outcome = await needs.screens.redeem(request.data.once, address)
    if (!outcome.ok) {
      const { status, message } = REFUSALS[outcome.reason]
      if (outcome.reason === 'too-many-attempts') c.header('retry-after', String(outcome.retryAfterSeconds))
      return c.json({ error: outcome.reason, message }, status)
    }
    log.info({ clientId: outcome.id, address }, 'wallboard.screen-admitted')
    return admitted(c, needs, outcome.token)
  })
  // A connected screen asks for it now and then: its cookie, and the hub's memory of it, then last again as long.
  app.post('/api/wallboard/renewals', async (c) => {
    const token = cookieOf(c.req.raw.headers, cookieName('wallboard', needs.secure))
    const outcome = await access.authorize('wallboard', token, c.env.remoteAddress)
    if (outcome.ok && token !== undefined) return admitted(c, needs, token)
    return c.json(
      { error: 'bad-token', message: `This screen has no place here any more: ${NEW_LINK}.` },
      401,
    )
  })
  return app
}

function admitted(c: Context, { secure }: ScreenRoutesNeeds, value: string): Response {
  putCookie(c, { kind: 'wallboard', secure, value, seconds: SCREEN_AWAY_MS / SECOND_MS })
  c.header('cache-control', 'no-store')
  return c.json({ admitted: true, days: SCREEN_AWAY_MS / DAY_MS })
}

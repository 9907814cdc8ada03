import { randomBytes } from 'node:crypto'
import { Hono, type Context } from 'hono'
import type { Clock } from '@3cx-ninja/protocol'
import type { NinjaOne } from '../../ninjaone/ninjaone.ts'
import type { Log } from '../../observe/log.ts'
import type { NinjaAnswer, NinjaState } from './messages.ts'
import { ONCE_MS } from './sessions.ts'
import type { HubEnv, Routes } from '../app.ts'

export interface NinjaNeeds {
  readonly ninjaone: NinjaOne | undefined
  readonly host: string | undefined
  readonly clock: Clock
  readonly log: Log
  readonly publicUrl: () => string
  readonly onSignedIn: () => Promise<void>
}

export async function ninjaStateOf(ninjaone: NinjaOne | undefined): Promise<NinjaState> {
  if (!ninjaone) return 'not-configured'
  return (await ninjaone.client.isSignedIn()) ? 'signed-in' : 'signed-out'
}

const NOT_CONFIGURED = 'Set ninjaone.host, ninjaone.clientId and ninjaone.clientSecret first.'

/**
 * NinjaOne's sign-in, its state, and a test that really asks. The way back from NinjaOne bears no cookie of ours (it is
 * a cross-site navigation): the `state` that was given along proves that it was begun here.
 */
export function ninjaRoutes(needs: NinjaNeeds): {
  readonly guarded: Routes
  readonly callback: Routes
} {
  const { ninjaone, clock, log } = needs
  const states = new Map<string, number>()
  let lastFailure: string | null = null
  const redirectUri = () => `${needs.publicUrl()}/auth/ninja/callback`

  const guarded = new Hono<HubEnv>()
  guarded.get('/api/admin/ninja', async (c) =>
    c.json({
      state: await ninjaStateOf(ninjaone),
      host: needs.host ?? null,
      redirectUri: redirectUri(),
      lastFailure,
    } satisfies NinjaAnswer),
  )
  guarded.get('/api/admin/ninja/sign-in', (c) => {
    if (!ninjaone) return c.json({ error: 'not-configured', message: NOT_CONFIGURED }, 409)
    for (const [old, untilMs] of states) if (untilMs < clock.nowMs()) states.delete(old)
    const state = randomBytes(16).toString('base64url')
    states.set(state, clock.nowMs() + ONCE_MS)
    return c.redirect(ninjaone.client.signInUrl(redirectUri(), state))
  })
  guarded.get('/api/admin/ninja/test', async (c) =>
    ninjaone
      ? c.json(await ninjaone.check())
      : c.json({ error: 'not-configured', message: NOT_CONFIGURED }, 409),
  )

  /** A browser goes back to the page, a script gets JSON. */
  const answer = (
    c: Context<HubEnv>,
    failure: { error: string; message: string; status: 400 | 502 } | null,
  ) => {
    lastFailure = failure && failure.error !== 'unknown-sign-in' ? failure.message : null
    if (c.req.header('accept')?.includes('text/html'))
      return c.redirect(`/admin?ninja=${failure?.error ?? 'signed-in'}#ninjaone`, 303)
    if (!failure)
      return c.json({ signedIn: true, message: 'NinjaOne is connected. You may close this page.' })
    return c.json({ error: failure.error, message: failure.message }, failure.status)
  }
  const callback = new Hono<HubEnv>()
  callback.get('/auth/ninja/callback', async (c) => {
    const { code, state = '', error } = c.req.query()
    const known = (states.get(state) ?? 0) > clock.nowMs()
    states.delete(state)
    if (!ninjaone || !known) {
      const message = 'This sign-in was not begun here, or is too old: begin again on the admin page.'
      return answer(c, { error: 'unknown-sign-in', message, status: 400 })
    }
    if (!code) {
      const message = `NinjaOne did not sign in: ${(error ?? 'no code').slice(0, 200)}`
      return answer(c, { error: 'refused', message, status: 400 })
    }
    try {
      await ninjaone.client.signIn(code, redirectUri())
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      log.warn({ detail: message }, 'admin.ninja-sign-in-failed')
      return answer(c, { error: 'failed', message, status: 502 })
    }
    log.info({}, 'admin.ninja-signed-in')
    await needs.onSignedIn()
    return answer(c, null)
  })
  return { guarded, callback }
}

import { randomBytes } from 'node:crypto'
import { Hono, type Context } from 'hono'
import { toError, type Clock } from '@3cx-ninja/protocol'
import type { Helpdesk } from '../../helpdesk/helpdesk.ts'
import type { Log } from '../../observe/log.ts'
import type { HubEnv, Routes } from '../app.ts'
import type { HelpdeskAnswer } from './messages.ts'
import { ONCE_MS } from './sessions.ts'

/** The helpdesk that is signed in to, and what follows a sign-in. */
export interface HelpdeskNeeds {
  readonly helpdesk: Helpdesk
  readonly clock: Clock
  readonly log: Log
  readonly publicUrl: () => string
  /** Resolves once the parts that waited for the sign-in have been started again. */
  readonly onSignedIn: () => Promise<void>
}

interface SignInState {
  readonly needs: HelpdeskNeeds
  /** Sign-ins that were begun here, and until when each may come back. */
  readonly begun: Map<string, number>
  lastFailure: string | null
}

interface Failure {
  readonly error: 'unknown-sign-in' | 'refused' | 'failed'
  readonly message: string
  readonly status: 400 | 502
}

/**
 * Returns the routes of the helpdesk: its state, its sign-in, and a test that sends real requests. The way back from the
 * helpdesk carries no cookie of ours (it is a cross-site navigation): the `state` given along proves that the sign-in
 * was begun here.
 */
export function helpdeskRoutes(needs: HelpdeskNeeds): {
  readonly guarded: Routes
  readonly callback: Routes
} {
  const state: SignInState = { needs, begun: new Map(), lastFailure: null }
  const { helpdesk } = needs
  const guarded = new Hono<HubEnv>()
  guarded.get('/api/admin/helpdesk', async (c) =>
    c.json({
      kind: helpdesk.kind,
      name: helpdesk.name,
      state: await helpdesk.state(),
      host: helpdesk.host,
      signIn: helpdesk.signIn !== undefined,
      redirectUri: redirectUri(needs),
      lastFailure: state.lastFailure,
    } satisfies HelpdeskAnswer),
  )
  guarded.get('/api/admin/helpdesk/sign-in', (c) => {
    if (!helpdesk.signIn) return notConfigured(c, helpdesk)
    return c.redirect(helpdesk.signIn.url(redirectUri(needs), begin(state)))
  })
  guarded.get('/api/admin/helpdesk/test', async (c) =>
    (await helpdesk.state()) === 'not-configured'
      ? notConfigured(c, helpdesk)
      : c.json(await helpdesk.test()),
  )
  const callback = new Hono<HubEnv>()
  callback.get('/auth/helpdesk/callback', async (c) => {
    const failure = await finish(state, c.req.query())
    state.lastFailure = failure && failure.error !== 'unknown-sign-in' ? failure.message : null
    return answer(c, helpdesk, failure)
  })
  return { guarded, callback }
}

const redirectUri = ({ publicUrl }: HelpdeskNeeds) => `${publicUrl()}/auth/helpdesk/callback`

function notConfigured(c: Context<HubEnv>, { setUp }: Helpdesk) {
  return c.json({ error: 'not-configured', message: setUp }, 409)
}

function begin({ needs: { clock }, begun }: SignInState): string {
  for (const [old, untilMs] of begun) if (untilMs < clock.nowMs()) begun.delete(old)
  const state = randomBytes(16).toString('base64url')
  begun.set(state, clock.nowMs() + ONCE_MS)
  return state
}

async function finish(
  { needs, begun }: SignInState,
  { code, state = '', error }: Record<string, string>,
): Promise<Failure | null> {
  const { helpdesk, log } = needs
  const isKnown = (begun.get(state) ?? 0) > needs.clock.nowMs()
  begun.delete(state)
  if (!helpdesk.signIn || !isKnown) {
    const message = 'This sign-in was not begun here, or is too old: begin again on the admin page.'
    return { error: 'unknown-sign-in', message, status: 400 }
  }
  if (!code) {
    const message = `${helpdesk.name} did not sign in: ${(error ?? 'no code').slice(0, 200)}`
    return { error: 'refused', message, status: 400 }
  }
  try {
    await helpdesk.signIn.finish(code, redirectUri(needs))
  } catch (thrown) {
    const { message } = toError(thrown)
    log.warn({ detail: message }, 'admin.helpdesk-sign-in-failed')
    return { error: 'failed', message, status: 502 }
  }
  log.info({}, 'admin.helpdesk-signed-in')
  await needs.onSignedIn()
  return null
}

/** A browser goes back to the page, a script gets JSON. */
function answer(c: Context<HubEnv>, { name }: Helpdesk, failure: Failure | null) {
  if (c.req.header('accept')?.includes('text/html'))
    return c.redirect(`/admin?helpdesk=${failure?.error ?? 'signed-in'}#helpdesk`, 303)
  if (!failure) return c.json({ signedIn: true, message: `${name} is connected. You may close this page.` })
  return c.json({ error: failure.error, message: failure.message }, failure.status)
}

import { Hono } from 'hono'
import { SECOND_MS } from '@3cx-ninja/protocol'
import { cookieOf, type Access } from '../../access/access.ts'
import type { Attempts } from '../../access/attempts.ts'
import type { AdminSessionStore } from '../../access/adminSessionStore.ts'
import type { Screens } from '../../access/screens.ts'
import type { Log } from '../../observe/log.ts'
import { agentRecordingsRoutes, type AgentRecordingsNeeds } from './agentRecordings.ts'
import { clientRoutes } from './clients.ts'
import { sessionRequest, type SessionAnswer } from './messages.ts'
import { helpdeskRoutes, type HelpdeskNeeds } from './helpdesk.ts'
import { outboxRoutes, type OutboxNeeds } from './outbox.ts'
import { overviewRoutes, type OverviewNeeds } from './overview.ts'
import { pageRoutes } from './page.ts'
import { SESSION_MS, openAdminSessions, type BeginOutcome, type AdminSessions } from './sessions.ts'
import type { Calls } from '../../calls/calls.ts'
import type { WebhookHistory } from '../../threecx/webhookHistory.ts'
import { settingsRoutes } from './settings.ts'
import { callControlRoutes, type CallControlRoutesNeeds } from './callControl.ts'
import { threecxRoutes } from './threecx.ts'
import type { HubEnv, Routes } from '../app.ts'
import { cookieName, putCookie } from '../cookies.ts'
import { readJson } from '../readJson.ts'

const NEW_LINK = 'on the hub’s machine, run: npm run hub -- --admin-link'

/** What the admin page shows and changes, with the stores and addresses of its sections. */
export interface AdminNeeds
  extends
    Omit<OverviewNeeds, 'access' | 'outbox' | 'helpdesk' | 'recordings'>,
    Omit<HelpdeskNeeds, 'helpdesk'>,
    OutboxNeeds {
  readonly access: Access
  readonly attempts: Attempts
  readonly screens: Screens
  readonly recordings: OverviewNeeds['recordings'] & AgentRecordingsNeeds['recordings']
  readonly helpdesk: HelpdeskNeeds['helpdesk']
  readonly outbox: OverviewNeeds['outbox'] & OutboxNeeds['outbox']
  readonly log: Log
  /** Folder of the built page. */
  readonly folder: string | undefined
  /** Second half of every enrollment key; undefined without own certificates. */
  readonly pin: string | undefined
  readonly secure: boolean
  readonly sessionStore: AdminSessionStore
  readonly pbx: CallControlRoutesNeeds['pbx']
  readonly webhooks: Pick<WebhookHistory, 'list'>
  readonly calls: OverviewNeeds['calls'] & Pick<Calls, 'pbxClock'>
}

/** The routes of the admin page, and the way to give out its links. */
export interface AdminRoutes {
  readonly routes: Routes
  /** Returns a link that opens one session, once, within half an hour. */
  oneTimeLink(): string
}

type Refused = Extract<BeginOutcome, { ok: false }>['reason']
const REFUSALS: Readonly<Record<Refused, { status: 401 | 429; message: string }>> = {
  unknown: { status: 401, message: `This link is not one of this hub since its last start: ${NEW_LINK}` },
  used: { status: 401, message: `This link was used already: ${NEW_LINK}` },
  expired: { status: 401, message: `This link is older than half an hour: ${NEW_LINK}` },
  'too-many-attempts': { status: 429, message: 'Too many wrong links from this address: wait.' },
}

/**
 * Opens `/admin`, the page, and `/api/admin`, what the page requests. A session begins with a one-time link; each write
 * carries the session's CSRF token. Rejects when the stored sessions cannot be read.
 */
export async function openAdmin(needs: AdminNeeds): Promise<AdminRoutes> {
  const { settings, log } = needs
  const sessions = await openAdminSessions({
    clock: needs.clock,
    attempts: needs.attempts,
    store: needs.sessionStore,
    onNotStored: (error) => log.warn({ error: String(error) }, 'admin.session-not-stored'),
  })
  const oneTimeLink = () => `${needs.publicUrl()}/admin?once=${sessions.issueCode()}`
  const app = new Hono<HubEnv>()
  app.route('/', pageRoutes(needs.folder))
  addSignIn(app, needs, sessions)
  addGuard(app, needs, sessions)
  addSession(app, needs, sessions)
  // For a colleague, or another browser: the hub need not be started again for it.
  app.post('/api/admin/links', (c) => {
    log.info({}, 'admin.link-made')
    return c.json({ link: oneTimeLink() })
  })
  const helpdesk = helpdeskRoutes(needs)
  for (const group of [
    overviewRoutes(needs),
    clientRoutes(needs),
    agentRecordingsRoutes(needs),
    settingsRoutes({ settings, log }),
    threecxRoutes(needs),
    callControlRoutes(needs),
    outboxRoutes(needs),
    helpdesk.guarded,
    helpdesk.callback,
  ])
    app.route('/', group)
  return { routes: app, oneTimeLink }
}

const tokenOf = ({ headers }: Request, { secure }: AdminNeeds) =>
  cookieOf(headers, cookieName('admin', secure))

/** The one request before the guard: a code becomes a session. */
function addSignIn(app: Routes, { log, secure }: AdminNeeds, sessions: AdminSessions): void {
  app.post('/api/admin/sessions', async (c) => {
    const request = sessionRequest.safeParse(await readJson(c))
    if (!request.success)
      return c.json(
        { error: 'broken-request', message: 'The body must be {"once": the code of the link}.' },
        400,
      )
    const outcome = await sessions.begin(request.data.once, c.env.remoteAddress)
    if (!outcome.ok) {
      const { status, message } = REFUSALS[outcome.reason]
      if (outcome.reason === 'too-many-attempts') c.header('retry-after', String(outcome.retryAfterSeconds))
      return c.json({ error: outcome.reason, message }, status)
    }
    log.info({ address: c.env.remoteAddress }, 'admin.signed-in')
    putCookie(c, { kind: 'admin', secure, value: outcome.token, seconds: SESSION_MS / SECOND_MS })
    return c.json(outcome.session satisfies SessionAnswer)
  })
}

/** Every route added after this one needs a session, and a write also its CSRF token. */
function addGuard(app: Routes, needs: AdminNeeds, sessions: AdminSessions): void {
  app.use('/api/admin/*', async (c, next) => {
    c.header('cache-control', 'no-store')
    const session = sessions.find(tokenOf(c.req.raw, needs))
    // The one address that the page opens as a page: a browser without session is shown how to get one.
    if (!session && c.req.path.endsWith('/helpdesk/sign-in') && c.req.header('accept')?.includes('text/html'))
      return c.redirect('/admin', 303)
    if (!session)
      return c.json({ error: 'signed-out', message: `Open a new one-time link: ${NEW_LINK}` }, 401)
    if (c.req.method !== 'GET' && c.req.header('x-csrf') !== session.csrf)
      return c.json({ error: 'csrf', message: 'The x-csrf header of this session is missing.' }, 403)
    return next()
  })
}

function addSession(app: Routes, needs: AdminNeeds, sessions: AdminSessions): void {
  // For a page that was loaded again: same-site strict, and no other origin can read the answer.
  app.get('/api/admin/session', (c) => {
    const session = sessions.find(tokenOf(c.req.raw, needs))
    return session ? c.json(session satisfies SessionAnswer) : c.json({ error: 'signed-out' }, 401)
  })
  app.delete('/api/admin/session', async (c) => {
    await sessions.end(tokenOf(c.req.raw, needs))
    putCookie(c, { kind: 'admin', secure: needs.secure, value: '', seconds: 0 })
    needs.log.info({}, 'admin.signed-out')
    return c.json({ signedOut: true })
  })
}

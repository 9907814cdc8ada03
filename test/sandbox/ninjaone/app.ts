import { randomUUID } from 'node:crypto'
import { Hono, type Context } from 'hono'
import { z } from 'zod'
import { BOARDS, ORGANIZATIONS, PEOPLE, STATUSES } from './seed.ts'
import { boardRun, comment, createTicket, faultOrder, type Fault } from './schemas.ts'
import type { Held, StoredTicket } from './store.ts'

export interface SandboxNeeds {
  readonly held: Held
  readonly save: () => void
  readonly clientId: string
  readonly clientSecret: string
  /** Ends the connection of this request without an answer. */
  readonly cut: (c: Context) => void
  readonly tokenSeconds: number
  readonly nowMs: () => number
  /** Runs `act` after `delayMs`: faults wait by this clock. */
  readonly later: (delayMs: number, act: () => void) => void
}

/** Marks a request that the sandbox executes after its connection was cut: no fault hits it again. */
const LATE = 'x-sandbox-late'

const failure = (
  c: Context,
  status: 400 | 401 | 403 | 404 | 405 | 415 | 500,
  resultCode: string,
  errorMessage?: string,
) =>
  c.json(
    { resultCode, ...(errorMessage ? { errorMessage } : {}), incidentId: `WEB_MGMT_SERVICE-${randomUUID()}` },
    status,
  )

/** Returns the sandbox NinjaOne: the part of the public API that the hub uses, strict about every request. */
export function createSandbox(needs: SandboxNeeds): Hono {
  const { held, save, clientId, clientSecret, cut, tokenSeconds, nowMs, later } = needs
  const wait = (ms: number) => new Promise<void>((resolve) => later(ms, resolve))
  const app = new Hono()
  const orders: { on: string; times: number; fault: Fault }[] = []
  const requests: { atMs: number; method: string; path: string; status: number }[] = []

  app.use('*', async (c, next) => {
    const path = c.req.path.replace(/^\/api(?=\/v2)/, '')
    if (path.startsWith('/sandbox') || c.req.header(LATE)) return next()
    const entry = { atMs: performance.timeOrigin + performance.now(), method: c.req.method, path, status: 0 }
    requests.push(entry)
    const order = orders.find(({ on, times }) => times > 0 && matches(on, `${c.req.method} ${path}`))
    if (order) {
      order.times -= 1
      const answered = await carryOut(c, order.fault, next)
      entry.status = answered ? answered.status : 0
      return answered ?? c.body(null)
    }
    await next()
    c.res.headers.set('x-nj-request-id', randomUUID())
    entry.status = c.res.status
    return undefined
  })

  const carryOut = async (
    c: Context,
    fault: Fault,
    next: () => Promise<void>,
  ): Promise<Response | undefined> => {
    switch (fault.kind) {
      case 'status':
        if (fault.retryAfter) c.header('retry-after', fault.retryAfter)
        return c.json(
          fault.body ?? {
            resultCode: 'FAILURE',
            errorMessage: 'sandbox fault',
            incidentId: `WEB-${randomUUID()}`,
          },
          fault.status as 500,
        )
      case 'html':
        return c.html('<!doctype html><title>Too many requests</title>', fault.status as 200)
      case 'cut':
        cut(c)
        return undefined
      case 'stored-then-cut':
        await next()
        cut(c)
        return undefined
      case 'cut-then-stored': {
        const { url, method, headers } = c.req.raw
        const body = await c.req.raw.clone().arrayBuffer() // the whole request arrives before the cut
        const again = new Request(url, { method, headers, ...(method === 'GET' ? {} : { body }) })
        again.headers.set(LATE, 'yes')
        cut(c)
        later(fault.delayMs, () => void app.fetch(again, c.env))
        return undefined
      }
      case 'slow':
        await c.req.raw.clone().arrayBuffer()
        await wait(fault.delayMs)
        await next()
        return c.res
    }
  }

  // ── OAuth ──
  const issue = (kind: 'user' | 'machine') => {
    const token = `sandbox-access-${randomUUID()}`
    held.accessTokens = [...held.accessTokens, { token, kind, untilMs: nowMs() + tokenSeconds * 1000 }].slice(
      -50,
    )
    const base = {
      access_token: token,
      token_type: 'Bearer',
      expires_in: tokenSeconds,
      scope: 'monitoring management offline_access',
    }
    if (kind === 'machine') return base
    const refresh = `${randomUUID()}.sandbox`
    held.refreshTokens = [refresh] // the refresh token rotates: the old one is invalid at once
    return { ...base, refresh_token: refresh }
  }
  app.get('/ws/oauth/authorize', (c) => {
    const { response_type, client_id, redirect_uri, state, scope } = c.req.query()
    if (client_id !== clientId) return failure(c, 404, 'Client app not exist')
    if (response_type !== 'code' || !redirect_uri || !scope?.split(' ').includes('offline_access'))
      return c.json({ error: 'invalid_request' }, 400)
    const code = randomUUID()
    held.codes.push({ code, redirectUri: redirect_uri })
    save()
    const target = new URL(redirect_uri)
    target.search = new URLSearchParams({ code, state: state ?? '' }).toString()
    return c.redirect(target.href)
  })
  app.post('/ws/oauth/token', async (c) => {
    const form = await c.req.parseBody()
    if (form['client_id'] !== clientId) return failure(c, 404, 'Client app not exist')
    if (form['client_secret'] !== clientSecret)
      return c.json({ error: 'invalid_client', error_description: 'Bad client credentials' }, 401)
    const grant = form['grant_type']
    if (grant === 'authorization_code') {
      const given = held.codes.find(({ code }) => code === field(form, 'code'))
      held.codes = held.codes.filter((one) => one !== given) // a code is valid once
      if (given?.redirectUri !== field(form, 'redirect_uri')) return c.json({ error: 'invalid_grant' }, 400)
    } else if (grant === 'refresh_token') {
      if (!held.refreshTokens.includes(field(form, 'refresh_token')))
        return c.json({ error: 'invalid_grant', error_description: 'Invalid refresh token' }, 400)
    } else if (grant === 'client_credentials') {
      if (field(form, 'scope').includes('offline_access')) return c.json({ error: 'invalid_scope' }, 400)
    } else return c.json({ error: 'unsupported_grant_type' }, 400)
    const answer = issue(grant === 'client_credentials' ? 'machine' : 'user')
    save()
    return c.json(answer)
  })

  // ── API, under /v2 and /api/v2 ──
  const api = new Hono()
  api.use('*', async (c, next) => {
    const header = c.req.header('authorization')
    if (!header)
      return c.json(
        { error: 'missing_header', error_description: 'Authorization header is missing', error_code: 2 },
        400,
      )
    const bearer = /^Bearer (\S+)$/.exec(header)?.[1]
    if (!bearer)
      return c.json({ error: 'invalid_header', error_description: 'Malformed header', error_code: 1 }, 400)
    const known = held.accessTokens.find(({ token }) => token === bearer)
    if (!known || known.untilMs < nowMs())
      return c.json(
        { error: 'not_authenticated', error_description: 'Invalid credentials', error_code: 10 },
        401,
      )
    const writes = c.req.method !== 'GET' && !c.req.path.includes('/trigger/board/')
    if (writes && known.kind === 'machine') return failure(c, 403, 'user_context_required')
    return next()
  })
  api.get('/ticketing/statuses', (c) => c.json(STATUSES))
  api.get('/ticketing/trigger/boards', (c) => c.json(BOARDS))
  api.get('/ticketing/contact/contacts', (c) =>
    c.json(
      PEOPLE.map((one) => ({
        ...one,
        displayName: `${one.firstName} ${one.lastName}`,
        jobTitle: null,
        createTime: 1,
        updateTime: 1,
      })),
    ),
  )
  api.get('/user/end-users', (c) => c.json([]))
  api.get('/organizations', (c) => c.json(ORGANIZATIONS))
  api.get('/ticketing/ticket', (c) => failure(c, 405, 'FAILURE', 'HTTP 405 Method Not Allowed'))
  api.on(['DELETE', 'PATCH'], '/ticketing/ticket/:id', (c) =>
    failure(c, 405, 'FAILURE', 'HTTP 405 Method Not Allowed'),
  )
  api.post('/ticketing/ticket', async (c) => {
    const parsed = createTicket.safeParse(await c.req.json().catch(() => undefined))
    if (!parsed.success) return failure(c, 400, 'validation_failed', z.prettifyError(parsed.error))
    const { description, ...ticket } = parsed.data
    if (!ORGANIZATIONS.some(({ id }) => id === ticket.clientId))
      return failure(c, 400, 'organization_not_found')
    if (ticket.requesterUid && !PEOPLE.some(({ uid }) => uid === ticket.requesterUid))
      return failure(c, 400, 'requester_not_found')
    if (!STATUSES.some(({ statusId }) => String(statusId) === ticket.status))
      return failure(c, 400, 'status_not_found')
    const createTime = nowMs() / 1000
    const stored: StoredTicket = {
      id: held.nextTicket++,
      version: 1,
      clientId: ticket.clientId,
      ticketFormId: ticket.ticketFormId,
      subject: ticket.subject,
      status: ticket.status,
      priority: ticket.priority ?? null,
      requesterUid: ticket.requesterUid ?? null,
      tags: ticket.tags ?? [],
      createTime,
      log: [
        {
          id: held.nextEntry++,
          type: 'DESCRIPTION',
          body: description?.body ?? '',
          publicEntry: description?.public ?? true,
          createTime,
          files: [],
        },
        {
          id: held.nextEntry++,
          type: 'SAVE',
          body: 'Ticket created',
          publicEntry: true,
          createTime,
          files: [],
        },
      ],
    }
    held.tickets.push(stored)
    save()
    return c.json(asTicket(stored))
  })
  api.get('/ticketing/ticket/:id', (c) => {
    const ticket = find(c)
    return ticket ? c.json(asTicket(ticket)) : failure(c, 404, 'ticket_not_found')
  })
  api.get('/ticketing/ticket/:id/log-entry', (c) => {
    const ticket = find(c)
    if (!ticket) return failure(c, 404, 'ticket_not_found')
    return c.json(
      [...ticket.log]
        .reverse()
        .map(({ files: _, ...entry }) => ({ ...entry, htmlBody: null, system: entry.type === 'SAVE' })),
    )
  })
  api.post('/ticketing/ticket/:id/comment', async (c) => {
    if (!c.req.header('content-type')?.startsWith('multipart/form-data'))
      return failure(c, 415, 'FAILURE', 'HTTP 415 Unsupported Media Type')
    const ticket = find(c)
    if (!ticket) return failure(c, 404, 'ticket_not_found')
    const form = await c.req.formData()
    const unknown = [...form.keys()].filter((name) => name !== 'comment' && name !== 'files')
    const part = form.get('comment')
    const text = typeof part === 'string' ? part : part ? await part.text() : ''
    const parsed = comment.safeParse(safeJson(text))
    if (unknown.length > 0 || !parsed.success)
      return failure(
        c,
        400,
        'validation_failed',
        parsed.success ? `unknown part ${unknown.join()}` : z.prettifyError(parsed.error),
      )
    const files = await Promise.all(
      form
        .getAll('files')
        .map(async (file) =>
          typeof file === 'string' ? { name: '', text: file } : { name: file.name, text: await file.text() },
        ),
    )
    ticket.log.push({
      id: held.nextEntry++,
      type: 'COMMENT',
      body: parsed.data.body ?? '',
      publicEntry: parsed.data.public,
      createTime: nowMs() / 1000,
      files,
    })
    ticket.version += 2
    save()
    return c.body(null, 204)
  })
  api.post('/ticketing/trigger/board/:id/run', async (c) => {
    if (!BOARDS.some(({ id }) => String(id) === c.req.param('id'))) return failure(c, 404, 'board_not_found')
    const parsed = boardRun.safeParse(await c.req.json().catch(() => undefined))
    if (!parsed.success) return failure(c, 400, 'validation_failed', z.prettifyError(parsed.error))
    const { pageSize = 100, lastCursorId = 0 } = parsed.data
    const mine = c.req.param('id') === '1' ? [] : held.tickets
    const rows = [...mine]
      .sort((a, b) => b.id - a.id)
      .filter(({ id }) => lastCursorId === 0 || id < lastCursorId)
      .slice(0, pageSize)
    const data = rows.map(({ id, subject, clientId: organizationId, tags, createTime, status }) => ({
      id,
      summary: subject,
      organization: ORGANIZATIONS.find((one) => one.id === organizationId)?.name,
      tags,
      createTime,
      status: { statusId: Number(status), displayName: 'New', parentId: null },
    }))
    return c.json({
      data,
      metadata: {
        columns: ['id', 'summary'],
        sortBy: [],
        filters: [],
        lastCursorId: rows.at(-1)?.id ?? lastCursorId,
        allColumns: ['id', 'summary', 'status', 'tags'],
      },
    })
  })
  const find = (c: Context) => held.tickets.find(({ id }) => String(id) === c.req.param('id'))
  app.route('/v2', api)
  app.route('/api/v2', api)

  // ── routes that only the sandbox has ──
  app.post('/sandbox/faults', async (c) => {
    orders.push(faultOrder.parse(await c.req.json()))
    return c.json({ ok: true })
  })
  app.get('/sandbox/tickets', (c) => c.json(held.tickets))
  app.get('/sandbox/requests', (c) => c.json(requests))
  app.notFound((c) => failure(c, 404, 'FAILURE', 'HTTP 404 Not Found'))
  app.onError((error, c) => failure(c, 500, 'FAILURE', error.message))
  return app
}

function matches(on: string, request: string): boolean {
  return on.endsWith('*') ? request.startsWith(on.slice(0, -1)) : on === request
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function asTicket(ticket: StoredTicket): object {
  const status = STATUSES.find(({ statusId }) => String(statusId) === ticket.status)
  return {
    id: ticket.id,
    version: ticket.version,
    nodeId: null,
    clientId: ticket.clientId,
    locationId: null,
    assignedAppUserId: null,
    requesterUid: ticket.requesterUid,
    subject: ticket.subject,
    status,
    type: null,
    priority: ticket.priority,
    severity: null,
    ticketFormId: ticket.ticketFormId,
    source: 'TECHNICIAN',
    tags: ticket.tags,
    ccList: { uids: [], emails: [] },
    createTime: ticket.createTime,
    deleted: false,
    attributeValues: [],
    additionalAssignedTechnicianIds: [],
    followupTime: null,
  }
}

function field(form: Record<string, unknown>, name: string): string {
  const value = form[name]
  return typeof value === 'string' ? value : ''
}

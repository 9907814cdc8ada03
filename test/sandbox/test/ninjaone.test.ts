import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { createSandbox } from '../ninjaone/app.ts'
import { openStore } from '../ninjaone/store.ts'

const CLIENT = { clientId: 'id', clientSecret: 'secret' }
const TICKET = { clientId: 41, ticketFormId: 1, subject: 'Imprimante', status: '1000', tags: ['phone'] }

/** Starts the sandbox in this process, with a signed-in technician. */
async function aSandbox(grant: 'user' | 'machine' = 'user') {
  const { held, save } = openStore(undefined)
  let nowMs = 0
  const app = createSandbox({ ...CLIENT, held, save, tokenSeconds: 60, nowMs: () => nowMs, later: (_, act) => act(), cut: () => undefined }) // prettier-ignore
  const token = (form: Record<string, string>) =>
    app.request('/ws/oauth/token', {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'id', client_secret: 'secret', ...form }),
    })
  held.refreshTokens = ['first']
  const form: Record<string, string> = grant === 'user' ? { grant_type: 'refresh_token', refresh_token: 'first' } : { grant_type: 'client_credentials', scope: 'monitoring management' } // prettier-ignore
  const { access_token, refresh_token } = (await (await token(form)).json()) as { access_token: string; refresh_token?: string } // prettier-ignore
  const ask = async (
    method: string,
    address: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const answer = await app.request(address, {
      method,
      headers: { authorization: `Bearer ${access_token}`, ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }), ...headers }, // prettier-ignore
      ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text) as Record<string, unknown> } // prettier-ignore
  }
  return { app, held, ask, token, refresh_token, pass: (ms: number) => void (nowMs += ms) }
}

it('the sandbox NinjaOne stores a valid ticket, and answers as NinjaOne does', async () => {
  const { ask, held } = await aSandbox()
  expect(await ask('POST', '/v2/ticketing/ticket', TICKET)).toMatchObject({ status: 200, body: { id: 1001, tags: ['phone'], status: { statusId: 1000 } } }) // prettier-ignore
  expect(held.tickets).toHaveLength(1)
})

it.each([
  ['an unknown field', { ...TICKET, organization: 41 }, /organization/],
  ['a missing required field', { ...TICKET, subject: undefined }, /subject/],
  ['a status by its name', { ...TICKET, status: 'NEW' }, /status/],
  ['an unknown priority', { ...TICKET, priority: 'URGENT' }, /priority/],
  ['a subject of 201 characters', { ...TICKET, subject: 'x'.repeat(201) }, /subject/],
  ['a requester that is no uid', { ...TICKET, requesterUid: 'thomas' }, /requesterUid/],
  ['a description that is a text', { ...TICKET, description: 'text' }, /description/],
])(
  'the sandbox NinjaOne refuses a ticket with %s, stores nothing, and names the fault',
  async (_, body, named) => {
    const { ask, held } = await aSandbox()
    const answer = await ask('POST', '/v2/ticketing/ticket', body)
    expect(answer).toMatchObject({ status: 400, body: { resultCode: 'validation_failed', incidentId: expect.any(String) as string } }) // prettier-ignore
    expect(String(answer.body.errorMessage)).toMatch(named)
    expect(held.tickets).toEqual([])
  },
)

it.each([
  [{ ...TICKET, clientId: 999 }, 'organization_not_found'],
  [{ ...TICKET, status: '7' }, 'status_not_found'],
  [{ ...TICKET, requesterUid: '00000000-0000-4000-8000-000000009999' }, 'requester_not_found'],
])(
  'the sandbox NinjaOne refuses a reference to something that does not exist: %#',
  async (body, resultCode) => {
    expect(await (await aSandbox()).ask('POST', '/v2/ticketing/ticket', body)).toMatchObject({ status: 400, body: { resultCode } }) // prettier-ignore
  },
)

it('the sandbox NinjaOne accepts a comment only as multipart, with known parts', async () => {
  const { ask, held } = await aSandbox()
  await ask('POST', '/v2/ticketing/ticket', TICKET)
  const form = (parts: Record<string, string>) => {
    const made = new FormData()
    for (const [name, value] of Object.entries(parts)) made.append(name, value)
    return made
  }
  const comment = JSON.stringify({ public: false, body: 'Bonjour' })
  expect(await ask('POST', '/v2/ticketing/ticket/1001/comment', form({ comment }))).toMatchObject({
    status: 204,
  })
  expect(await ask('POST', '/v2/ticketing/ticket/1001/comment', { public: false })).toMatchObject({
    status: 415,
  })
  expect(await ask('POST', '/v2/ticketing/ticket/1001/comment', form({ comment, extra: '1' }))).toMatchObject({ status: 400 }) // prettier-ignore
  expect(await ask('POST', '/v2/ticketing/ticket/1001/comment', form({ comment: '{"body":"x"}' }))).toMatchObject({ status: 400 }) // prettier-ignore
  expect(await ask('POST', '/v2/ticketing/ticket/7/comment', form({ comment }))).toMatchObject({
    status: 404,
  })
  expect(held.tickets[0]?.log.filter(({ type }) => type === 'COMMENT')).toHaveLength(1)
})

it('the sandbox NinjaOne has no list of tickets and deletes none', async () => {
  const { ask } = await aSandbox()
  expect(await ask('GET', '/v2/ticketing/ticket')).toMatchObject({ status: 405 })
  expect(await ask('DELETE', '/v2/ticketing/ticket/1001')).toMatchObject({ status: 405 })
})

it('a machine token may read from the sandbox NinjaOne, but not write', async () => {
  const { ask } = await aSandbox('machine')
  expect(await ask('GET', '/v2/ticketing/statuses')).toMatchObject({ status: 200 })
  expect(await ask('POST', '/v2/ticketing/ticket', TICKET)).toMatchObject({ status: 403, body: { resultCode: 'user_context_required' } }) // prettier-ignore
})

it('the sandbox NinjaOne rotates the refresh token, and the old one is invalid at once', async () => {
  const { token, refresh_token = '' } = await aSandbox()
  expect((await token({ grant_type: 'refresh_token', refresh_token: 'first' })).status).toBe(400)
  expect((await token({ grant_type: 'refresh_token', refresh_token })).status).toBe(200)
  expect((await token({ grant_type: 'refresh_token', refresh_token })).status).toBe(400)
})

it('the sandbox NinjaOne answers unauthenticated requests as NinjaOne does: no header, a broken one, an old token, a foreign client', async () => {
  const { app, ask, token, pass } = await aSandbox()
  expect(await (await app.request('/v2/ticketing/statuses')).json()).toMatchObject({ error: 'missing_header', error_code: 2 }) // prettier-ignore
  expect(await ask('GET', '/v2/ticketing/statuses', undefined, { authorization: 'Basic x' })).toMatchObject({ status: 400, body: { error: 'invalid_header' } }) // prettier-ignore
  pass(61_000)
  expect(await ask('GET', '/v2/ticketing/statuses')).toMatchObject({
    status: 401,
    body: { error: 'not_authenticated' },
  })
  const foreign = await token({ grant_type: 'refresh_token', refresh_token: 'x', client_id: 'other' })
  expect([foreign.status, await foreign.json()]).toMatchObject([404, { resultCode: 'Client app not exist' }])
  expect((await token({ grant_type: 'refresh_token', refresh_token: 'x', client_secret: 'no' })).status).toBe(
    401,
  )
})

it('the sandbox NinjaOne returns its board page by page, newest first', async () => {
  const { ask } = await aSandbox()
  for (let count = 0; count < 5; count++) await ask('POST', '/v2/ticketing/ticket', TICKET)
  const page = async (lastCursorId: number) => (await ask('POST', '/v2/ticketing/trigger/board/2/run', { pageSize: 2, lastCursorId })).body as { data: { id: number }[]; metadata: { lastCursorId: number } } // prettier-ignore
  const first = await page(0)
  expect(first.data.map(({ id }) => id)).toEqual([1005, 1004])
  expect((await page(first.metadata.lastCursorId)).data.map(({ id }) => id)).toEqual([1003, 1002])
  expect(await ask('POST', '/v2/ticketing/trigger/board/2/run', { filters: [{ field: 'tags' }] })).toMatchObject({ status: 400 }) // prettier-ignore
})

it('the sandbox NinjaOne fails as ordered, as often as ordered, and then works again', async () => {
  const { ask } = await aSandbox()
  await ask('POST', '/sandbox/faults', {
    on: 'GET /v2/ticketing/*',
    times: 2,
    fault: { kind: 'status', status: 500 },
  })
  const statuses = [1, 2, 3].map(() => ask('GET', '/v2/ticketing/statuses'))
  expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([500, 500, 200])
  expect((await ask('POST', '/sandbox/faults', { on: 'GET /*', fault: { kind: 'earthquake' } })).status).toBe(
    500,
  )
})

it('the sandbox NinjaOne keeps its stored tickets over a SIGKILL', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sandbox-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const main = path.resolve(import.meta.dirname, '../ninjaone/main.ts')
  const start = async () => {
    const child = spawn(process.execPath, [main, '--data', path.join(folder, 'held.json')], { stdio: ['ignore', 'pipe', 'inherit'] }) // prettier-ignore
    onTestFinished(() => void child.kill('SIGKILL'))
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    return { child, url: (JSON.parse(line) as { url: string }).url }
  }
  const first = await start()
  const form = { client_id: 'sandbox-client', client_secret: 'sandbox-secret' }
  const shown = await fetch(`${first.url}/ws/oauth/authorize?response_type=code&client_id=sandbox-client&redirect_uri=http://127.0.0.1/back&scope=offline_access&state=1`, { redirect: 'manual' }) // prettier-ignore
  const code = new URL(shown.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const given = await fetch(`${first.url}/ws/oauth/token`, { method: 'POST', body: new URLSearchParams({ ...form, grant_type: 'authorization_code', code, redirect_uri: 'http://127.0.0.1/back' }) }) // prettier-ignore
  const { access_token } = (await given.json()) as { access_token: string }
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
  await fetch(`${first.url}/v2/ticketing/ticket`, { method: 'POST', headers, body: JSON.stringify(TICKET) })
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const second = await start()
  expect(await (await fetch(`${second.url}/sandbox/tickets`)).json()).toMatchObject([{ id: 1001 }])
  expect((await fetch(`${second.url}/v2/ticketing/statuses`, { headers })).status).toBe(200)
})

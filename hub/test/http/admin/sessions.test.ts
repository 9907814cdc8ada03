import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createFakeClock } from '../../../../protocol/testing/fakeClock.ts'
import { startHub, type TestHub } from '../../../testing/startHub.ts'

const MINUTE_MS = 60_000
const codeOf = (link: string) => new URL(link).searchParams.get('once') ?? ''
const begin = (hub: TestHub, once: unknown) =>
  hub.ask('/api/admin/sessions', { body: JSON.stringify({ once }) })

it('uses up the code of a link by POST only, not by previews and prefetches of the link', async () => {
  await using hub = await startHub()
  const link = hub.hub.adminLink()
  for (const method of ['GET', 'HEAD', 'GET', 'OPTIONS']) {
    const { headers } = await hub.ask(link, { method })
    expect(headers['set-cookie']).toBeUndefined()
  }
  expect((await begin(hub, codeOf(link))).status).toBe(200)
})

it('opens one session per code, with a cookie that no script can read and no other site sends', async () => {
  await using hub = await startHub()
  const once = codeOf(hub.hub.adminLink())
  const first = await begin(hub, once)
  expect(first.status).toBe(200)
  const cookie = String(first.headers['set-cookie'])
  expect(cookie).toMatch(/^__Host-admin=/)
  for (const flag of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/', 'Max-Age=43200'])
    expect(cookie).toContain(flag)
  expect(first.json()).toMatchObject({ csrf: expect.stringMatching(/^[\w-]{40,}$/) as string })
  const again = await begin(hub, once)
  expect(again).toMatchObject({ status: 401 })
  expect(again.json()).toMatchObject({ error: 'used', message: expect.stringContaining('--admin-link') })
})

it('omits Secure and the prefix __Host- from the cookie where the hub itself speaks plain HTTP, else the browser would drop it', async () => {
  await using hub = await startHub({ settings: { tls: { mode: 'off' } } })
  const { headers } = await begin(hub, codeOf(hub.hub.adminLink()))
  expect(String(headers['set-cookie'])).toMatch(/^admin=/)
  expect(String(headers['set-cookie'])).not.toContain('Secure')
})

it('refuses a code after half an hour, and a session after twelve hours', async () => {
  const clock = createFakeClock(Date.now())
  await using hub = await startHub({ clock })
  const late = codeOf(hub.hub.adminLink())
  await clock.advance(30 * MINUTE_MS)
  expect((await begin(hub, late)).json()).toMatchObject({ error: 'expired' })
  const admin = await hub.signInAdmin()
  await clock.advance(12 * 60 * MINUTE_MS - 1_000)
  expect((await admin.ask('/api/admin/clients')).status).toBe(200)
  await clock.advance(1_000)
  expect(await admin.ask('/api/admin/clients')).toMatchObject({ status: 401 })
})

it('answers many wrong codes with a lock that grows, opens a valid link all the while, and logs one line a minute', async () => {
  const clock = createFakeClock(Date.now())
  await using hub = await startHub({ clock })
  for (let n = 0; n < 20; n += 1) expect((await begin(hub, `wrong-${n}`)).status).toBe(401)
  const locked = await begin(hub, 'wrong')
  expect(locked).toMatchObject({ status: 429 })
  expect(locked.headers['retry-after']).toBe('60')
  expect(locked.json()).toMatchObject({ error: 'too-many-attempts' })
  expect((await begin(hub, codeOf(hub.hub.adminLink()))).status).toBe(200)
  await clock.advance(MINUTE_MS)
  for (let n = 0; n < 20; n += 1) expect((await begin(hub, `again-${n}`)).status).toBe(401)
  expect((await begin(hub, 'again')).headers['retry-after']).toBe('120')
  expect((await begin(hub, codeOf(hub.hub.adminLink()))).status).toBe(200)
  await clock.advance(MINUTE_MS)
  const lines = hub.log.filter(({ event }) => event === 'access.refused').map(({ fields }) => fields)
  expect(lines).toEqual([
    { kind: 'admin link', address: '127.0.0.1', count: 1 },
    { kind: 'admin link', address: '127.0.0.1', count: 20 },
    { kind: 'admin link', address: '127.0.0.1', count: 21 },
  ])
})

it('answers a broken sign-in with the expected shape, and accepts the next one', async () => {
  await using hub = await startHub()
  for (const body of ['', '[]', '{"once":5}', '{"once":""}', JSON.stringify({ once: 'x'.repeat(300) })])
    expect(await hub.ask('/api/admin/sessions', { body })).toMatchObject({ status: 400 })
  await hub.signInAdmin()
})

it('returns a session’s CSRF token for its cookie, refuses writes without it, and ends the session at sign-out', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const headers = { cookie: admin.cookie }
  expect((await hub.ask('/api/admin/session', { headers })).json()).toMatchObject({ csrf: admin.csrf })
  expect((await hub.ask('/api/admin/session')).status).toBe(401)
  const writes = [
    ['POST', '/api/admin/enrollment-keys'],
    ['DELETE', '/api/admin/enrollment-keys/x'],
    ['DELETE', '/api/admin/clients/x'],
    ['PUT', '/api/admin/settings'],
    ['POST', '/api/admin/outbox/retry'],
    ['DELETE', '/api/admin/session'],
  ] as const
  for (const [method, address] of writes) {
    expect(await hub.ask(address, { method })).toMatchObject({ status: 401 })
    expect((await hub.ask(address, { method, headers })).json()).toMatchObject({ error: 'csrf' })
    const other = { ...headers, 'x-csrf': 'x'.repeat(43) }
    expect(await hub.ask(address, { method, headers: other })).toMatchObject({ status: 403 })
  }
  expect((await admin.ask('/api/admin/session', 'DELETE')).status).toBe(200)
  expect((await admin.ask('/api/admin/clients')).status).toBe(401)
})

it('requires a session at every address of the administration', async () => {
  await using hub = await startHub()
  for (const address of [
    'overview',
    'enrollment-keys',
    'members',
    'settings',
    '3cx',
    '3cx/template.xml',
    'outbox',
    'ninja',
    'ninja/sign-in',
    'ninja/test',
    'nothing-at-all',
  ])
    expect(await hub.ask(`/api/admin/${address}`), address).toMatchObject({ status: 401 })
  const asPage = await hub.ask('/api/admin/helpdesk/sign-in', { headers: { accept: 'text/html' } })
  expect(asPage).toMatchObject({ status: 303, headers: { location: '/admin' } })
})

it('keeps a session over a restart of the hub, and no token of it in any file', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const token = admin.cookie.split('=')[1] ?? ''
  await hub.restart()
  expect((await admin.ask('/api/admin/clients')).status).toBe(200)
  const wanted = { role: 'worker' }
  expect((await admin.ask('/api/admin/enrollment-keys', 'POST', wanted)).status).toBe(200)
  await hub.stop()
  const entries = await readdir(hub.folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(3)
  for (const { parentPath, name } of files) {
    const bytes = await readFile(path.join(parentPath, name))
    expect(bytes.includes(token) || bytes.includes(admin.csrf), name).toBe(false)
  }
  expect(JSON.stringify(hub.log)).not.toContain(token)
})

it('serves the admin page uncached, nothing outside its folder, and the remedy for a page that is not built', async () => {
  await using hub = await startHub()
  expect((await hub.ask('/admin')).json()).toMatchObject({
    error: 'not-found',
    message: expect.stringContaining('npm run setup'),
  })
  await mkdir(path.join(hub.folder, 'admin', 'assets'), { recursive: true })
  await writeFile(path.join(hub.folder, 'admin', 'index.html'), 'the page')
  await writeFile(path.join(hub.folder, 'admin', 'assets', 'index-1.js'), 'its script')
  const page = await hub.ask('/admin?once=x')
  expect(page).toMatchObject({ status: 200, text: 'the page' })
  expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  expect(page.headers['content-security-policy']).toContain("script-src 'self'")
  const script = await hub.ask('/admin/assets/index-1.js')
  expect(script.headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=31536000, immutable' }) // prettier-ignore
  for (const outside of [
    '..%2fhub-settings.json',
    '%2e%2e%2fhub-settings.json',
    'assets/..%2f..%2fhub-settings.json',
    '..%5c..%5cx',
    'nothing.js',
    'assets',
  ])
    expect((await hub.ask(`/admin/${outside}`)).status, outside).toBe(404)
})

it('creates a link for a second administrator, which works once', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const { link } = (await admin.ask('/api/admin/links', 'POST')).json<{ link: string }>()
  expect((await begin(hub, codeOf(link))).status).toBe(200)
  expect((await begin(hub, codeOf(link))).json()).toMatchObject({ error: 'used' })
  const without = { cookie: '__Host-admin=none' }
  expect((await hub.ask('/api/admin/links', { method: 'POST', headers: without })).status).toBe(401)
})

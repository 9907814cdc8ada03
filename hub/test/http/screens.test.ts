import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { expect, it } from 'vitest'
import { PROTOCOL_VERSION } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { openRawLink, type RawAnswer } from '../../testing/rawClient.ts'
import { startHub, type TestAdmin, type TestHub } from '../../testing/startHub.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

interface Listed {
  readonly id: string
  readonly role: string
  readonly name: string
  readonly address: string | null
  readonly connected: boolean
  readonly lastSeenMs: number
}

const codeOf = async (admin: TestAdmin, of: object) => {
  const answer = await admin.ask('/api/admin/wallboard-links', 'POST', of)
  return new URL(answer.json<{ link: string }>().link).searchParams.get('once') ?? ''
}
const redeem = (hub: TestHub, once: string) =>
  hub.ask('/api/wallboard/screens', { body: JSON.stringify({ once }) })
const cookieOf = ({ headers }: RawAnswer) => String(headers['set-cookie']).split(';')[0] ?? ''
const listed = async (admin: TestAdmin) =>
  (await admin.ask('/api/admin/clients')).json<Listed[]>().filter(({ role }) => role === 'wallboard')
/** As a browser does: with its cookie, and the Origin of the hub's own page. */
async function show(hub: TestHub, cookie: string) {
  const link = await openRawLink(`${hub.url}/link/wallboard`, {
    ca: hub.ca,
    headers: { cookie, origin: new URL(hub.url).origin },
  })
  link.send({ kind: 'hello', protocol: PROTOCOL_VERSION, role: 'wallboard', version: 'test' })
  await link.next('wallboard-snapshot')
  return link
}

it('[T7] a wallboard link is used up by the first screen that opens it, not by previews, and its token is in a cookie alone', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const once = await codeOf(admin, { name: 'Support room' })
  for (const method of ['GET', 'HEAD'])
    for (const address of [`/tv?once=${once}`, `/tv/?once=${once}`])
      expect((await hub.ask(address, { method })).headers['set-cookie']).toBeUndefined()
  const first = await redeem(hub, once)
  expect(first.status).toBe(200)
  const setCookie = String(first.headers['set-cookie'])
  expect(setCookie).toMatch(/^__Host-wallboard=/)
  for (const flag of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/', 'Max-Age=1209600'])
    expect(setCookie).toContain(flag)
  expect(first.text).not.toContain(cookieOf(first).split('=')[1])
  expect((await redeem(hub, once)).json()).toMatchObject({ error: 'used' })
  const link = await show(hub, cookieOf(first))
  expect(await listed(admin)).toMatchObject([{ name: 'Support room', address: '127.0.0.1', connected: true }])
  link.close()
})

it('[T7] one of fifty screens that open a link at once gets it', async () => {
  await using hub = await startHub()
  const once = await codeOf(await hub.signInAdmin(), { name: 'TV' })
  const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(hub, once)))
  expect(answers.filter(({ status }) => status === 200).length).toBe(1)
})

it('[T7] a screen that moves takes its place from the old one at once, and only when the new one is there', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const old = cookieOf(await redeem(hub, await codeOf(admin, { name: 'TV' })))
  const shown = await show(hub, old)
  const [{ id }] = (await listed(admin)) as [Listed]
  const once = await codeOf(admin, { id })
  shown.send({ kind: 'ping', n: 1 })
  await shown.next('pong')
  const moved = cookieOf(await redeem(hub, once))
  expect((await shown.closed).code).toBe(4401)
  await expect(show(hub, old)).rejects.toMatchObject({ status: 401 })
  const again = await show(hub, moved)
  expect((await listed(admin)).map((one) => one.id)).toEqual([id])
  await admin.ask(`/api/admin/clients/${id}`, 'DELETE')
  expect((await again.closed).code).toBe(4401)
  expect((await redeem(hub, await codeOf(admin, { id }))).json()).toMatchObject({ error: 'gone' })
  const links = await Promise.all(['x'.repeat(200), '']. map((name) => admin.ask('/api/admin/wallboard-links', 'POST', { name }))) // prettier-ignore
  expect(links.map(({ status }) => status)).toEqual([400, 400])
})

it('[T7] a screen’s access ends after 14 days away, and lasts as long as it renews itself', async () => {
  // The calendar alone moves on: a fake clock would run four weeks of the hub's timers.
  let awayMs = 0
  await using hub = await startHub({ clock: { ...systemClock, nowMs: () => Date.now() + awayMs } })
  const admin = await hub.signInAdmin()
  const cookie = cookieOf(await redeem(hub, await codeOf(admin, { name: 'TV' })))
  const renew = (own = cookie) =>
    hub.ask('/api/wallboard/renewals', { method: 'POST', headers: { cookie: own } })
  for (let week = 0; week < 4; week += 1) {
    awayMs += 7 * DAY_MS
    const renewed = await renew()
    expect(renewed.status).toBe(200)
    expect(String(renewed.headers['set-cookie'])).toContain('Max-Age=1209600')
    expect(cookieOf(renewed)).toBe(cookie)
  }
  expect((await renew('__Host-wallboard=forged')).status).toBe(401)
  awayMs += 14 * DAY_MS + HOUR_MS
  expect((await renew()).status).toBe(401)
  await expect(show(hub, cookie)).rejects.toMatchObject({ status: 401 })
})

it('[T7] a cookie that many screens share is refused at the fifth, and named with the screen', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const cookie = cookieOf(await redeem(hub, await codeOf(admin, { name: 'Support room' })))
  for (let n = 0; n < 4; n += 1) await show(hub, cookie)
  await expect(show(hub, cookie)).rejects.toThrow(/link ended/)
  expect((await hub.logged('client.over-its-share')).fields).toMatchObject({
    client: 'Support room',
    how: 'links',
  })
  expect((await admin.ask('/api/admin/overview')).text).toContain('its token may be in use elsewhere')
})

it('[T7] a link ends after an hour, and a forged one is refused', async () => {
  const clock = createFakeClock(Date.now())
  await using hub = await startHub({ clock })
  const once = await codeOf(await hub.signInAdmin(), { name: 'TV' })
  await clock.advance(HOUR_MS)
  expect((await redeem(hub, once)).json()).toMatchObject({ error: 'expired' })
  expect((await redeem(hub, 'forged')).json()).toMatchObject({ error: 'unknown' })
  for (const body of ['', '[]', '{"once":""}', '{"secret":"x"}'])
    expect((await hub.ask('/api/wallboard/screens', { body })).status).toBe(400)
})

it('[T7] a screen enrolls by a typed key, too, and its cookie is no use to a page of another address', async () => {
  await using hub = await startHub()
  const [secret] = (await hub.enrollmentKey('wallboard', { uses: 1 })).split('.')
  const body = JSON.stringify({ secret, name: 'TV' })
  const first = await hub.ask('/api/wallboard/screens', { body })
  expect(first.status).toBe(200)
  expect((await hub.ask('/api/wallboard/screens', { body })).json()).toMatchObject({ error: 'used-up' })
  const headers = { cookie: cookieOf(first), origin: 'https://evil.example' }
  await expect(openRawLink(`${hub.url}/link/wallboard`, { ca: hub.ca, headers })).rejects.toMatchObject({
    status: 403,
    body: { error: 'other-origin' },
  })
})

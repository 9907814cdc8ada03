import { enroll } from '@3cx-ninja/node-kit/enroll.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { expect, it } from 'vitest'
import { startHub, type TestHub } from '../../testing/startHub.ts'

const who = { role: 'agent' as const, name: 'Anna', extension: '101', machine: 'PC-1' }
const ask = (hub: TestHub, body: unknown) =>
  hub.ask('/api/enroll', { body: typeof body === 'string' ? body : JSON.stringify(body) })

it('issues a different token per enrollment, over a connection pinned by the key', async () => {
  await using hub = await startHub()
  const one = await enroll(hub.url, await hub.enrollmentKey('agent'), who)
  const other = await enroll(hub.url, await hub.enrollmentKey('agent'), who)
  expect(one.token).not.toBe(other.token)
  const link = await hub.connect('agent', one)
  expect(await link.next('agent-settings')).toBeDefined()
})

it('issues keys that no command line reads as an option', async () => {
  await using hub = await startHub()
  for (let issued = 0; issued < 20; issued++)
    expect(await hub.enrollmentKey('worker')).toMatch(/^[0-9a-f]{48}\./)
})

it('rejects an enrollment with a key of another hub', async () => {
  await using hub = await startHub()
  await using other = await startHub()
  await expect(enroll(hub.url, await other.enrollmentKey('agent'), who)).rejects.toThrow(
    /is not the hub that issued this enrollment key/,
  )
})

it('refuses a key that is wrong, expired, used up, revoked or for another role, and names the reason', async () => {
  const clock = createFakeClock(Date.now())
  await using hub = await startHub({ clock })
  const secretOf = async (change: { expiresAtMs?: number; uses?: number } = {}) =>
    (await hub.enrollmentKey('agent', change)).split('.')[0]!
  const refusalOf = async (secret: string, role = 'agent') => {
    const { status, json } = await ask(hub, { ...who, role, secret })
    return { status, ...json<{ error: string; message: string }>() }
  }
  expect(await refusalOf('wrong')).toMatchObject({ status: 401, error: 'unknown-secret' })

  const short = await secretOf({ expiresAtMs: clock.nowMs() + 1_000 })
  expect((await ask(hub, { ...who, secret: short })).status).toBe(200)
  await clock.advance(1_000)
  expect(await refusalOf(short)).toMatchObject({ status: 401, error: 'expired' })

  const twice = await secretOf({ uses: 2 })
  const answers = await Promise.all([1, 2, 3, 4].map(() => ask(hub, { ...who, secret: twice })))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 401, 401])
  expect(await refusalOf(twice)).toMatchObject({
    error: 'used-up',
    message: expect.stringContaining('new one'),
  })

  const secret = await secretOf()
  expect(await refusalOf(secret, 'worker')).toMatchObject({ status: 403, error: 'other-role' })
  const admin = await hub.signInAdmin()
  const [row] = (await admin.ask('/api/admin/enrollment-keys')).json<{ secretHash: string }[]>().slice(-1)
  await admin.ask(`/api/admin/enrollment-keys/${row!.secretHash}`, 'DELETE')
  expect(await refusalOf(secret)).toMatchObject({ status: 401, error: 'unknown-secret' })
})

it('answers a broken and an oversize enrollment, and accepts the next one', async () => {
  await using hub = await startHub()
  for (const body of ['', 'not json', '[]', '{"role":"king"}', JSON.stringify({ ...who, secret: 5 })])
    expect(await ask(hub, body)).toMatchObject({ status: 400, text: expect.stringContaining('message') })
  const large = await ask(hub, { ...who, secret: 'x'.repeat(300_000) })
  expect(large.status).toBe(413)
  expect(large.json()).toMatchObject({ error: 'too-large' })
  await hub.enroll('agent')
})

it('answers many wrong keys with a lock, and accepts a valid key and a valid token from the same address all the while', async () => {
  const clock = createFakeClock(Date.now())
  await using hub = await startHub({ clock })
  const member = await hub.enroll('agent')
  for (let n = 0; n < 20; n += 1) expect((await ask(hub, { ...who, secret: `wrong ${n}` })).status).toBe(401)
  const locked = await ask(hub, { ...who, secret: 'wrong' })
  expect(locked).toMatchObject({ status: 429, headers: { 'retry-after': '60' } })
  const good = (await hub.enrollmentKey('agent')).split('.')[0]!
  expect((await ask(hub, { ...who, secret: good })).status).toBe(200)
  // Each kind of credential by itself: an old token of a neighbor is no wrong key.
  for (let n = 0; n < 20; n += 1)
    await expect(hub.open('agent', `wrong ${n}`)).rejects.toMatchObject({ status: 401 })
  await expect(hub.open('agent', 'wrong')).rejects.toMatchObject({ status: 429 })
  const link = await hub.open('agent', member.token)
  link.close()
  await clock.advance(60_000)
  expect(await ask(hub, { ...who, secret: 'wrong' })).toMatchObject({ status: 401 })
})

it('keeps no secret and no token readable in its files, log or answers', async () => {
  await using hub = await startHub()
  const key = await hub.enrollmentKey('agent')
  const { token } = await enroll(hub.url, key, who)
  const admin = await hub.signInAdmin()
  const members = await admin.ask('/api/admin/clients')
  expect(members.text).toContain('Anna')
  await hub.stop()
  const { readFile, readdir } = await import('node:fs/promises')
  const names = await readdir(hub.folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(3)
  const secret = key.split('.')[0]!
  for (const entry of files) {
    const bytes = await readFile(`${entry.parentPath}/${entry.name}`)
    expect(bytes.includes(token), entry.name).toBe(false)
    expect(bytes.includes(secret), entry.name).toBe(false)
  }
  const reported = JSON.stringify(hub.log) + members.text
  expect(reported.includes(token) || reported.includes(secret)).toBe(false)
})

it('lets an administrator create keys and revoke clients, only with session and CSRF token', async () => {
  await using hub = await startHub()
  const wanted = { role: 'agent', days: 1, uses: 1 }
  const body = JSON.stringify(wanted)
  expect((await hub.ask('/api/admin/enrollment-keys', { body })).status).toBe(401)
  const admin = await hub.signInAdmin()
  expect(
    (await hub.ask('/api/admin/enrollment-keys', { body, headers: { cookie: admin.cookie } })).status,
  ).toBe(403)
  const { key } = (await admin.ask('/api/admin/enrollment-keys', 'POST', wanted)).json<{ key: string }>()
  const member = await enroll(hub.url, key, who)
  await expect(enroll(hub.url, key, who)).rejects.toThrow(/used as often as it may be/)
  const link = await hub.connect('agent', member)
  await admin.ask(`/api/admin/clients/${member.id}`, 'DELETE')
  expect((await link.closed).code).toBe(4401)
})

import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import { expect, it, onTestFinished } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { healthRoutes, healthTuning, sharedFor, type HealthPart } from '../../src/http/health.ts'
import { createAttempts } from '../../src/access/attempts.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import { createPace, isOpenAnswer, paceTuning } from '../../src/http/pace.ts'
import { createTokenBuckets } from '../../src/http/tokenBuckets.ts'
import { untilTrue } from '../../testing/pbxWorld.ts'
import { startHub, type TestHub } from '../../testing/startHub.ts'

const TOKEN = 'a-metrics-token-with-more-than-32-characters'
const parts = async (hub: TestHub) =>
  (await hub.ask('/health')).json<{ parts: (HealthPart & { client?: unknown })[] }>().parts

it('makes an open answer at most once a second for all who ask, and again at once after a failure', async () => {
  const clock = createFakeClock(0)
  let made = 0
  const shared = sharedFor(clock, healthTuning.freshMs, async () => {
    made += 1
    if (made === 3) throw new Error('no')
    return made
  })
  expect(await Promise.all(Array.from({ length: 500 }, shared))).toEqual(Array(500).fill(1))
  await clock.advance(999)
  expect(await shared()).toBe(1)
  await clock.advance(1)
  expect(await shared()).toBe(2)
  await clock.advance(1_000)
  await expect(shared()).rejects.toThrow('no')
  expect(await shared()).toBe(4)
})

it('answers an address that asks for /health or /metrics without end with 429, and others as before', async () => {
  const clock = createFakeClock(Date.now())
  await using hub = await startHub({ clock })
  for (const address of ['/health', '/metrics']) expect((await hub.ask(address)).status).toBe(200)
  const statuses = await Promise.all(
    Array.from({ length: healthTuning.burst + 20 }, async () => (await hub.ask('/metrics')).status),
  )
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(20)
  const refused = await hub.ask('/api/health')
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
  expect(refused.json()).toMatchObject({ error: 'too-many' })
  await clock.advance(2_000)
  expect((await hub.ask('/health')).status).toBe(200)
})

it('keeps links fast while ten connections pipeline /metrics and /health', async () => {
  await using hub = await startHub()
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  const sockets = await Promise.all(
    Array.from({ length: 10 }, async (_, n) => {
      const socket = connectTls({ port: hub.port, host: '127.0.0.1', servername: 'localhost', ca: hub.ca })
      onTestFinished(() => void socket.destroy())
      await once(socket, 'secureConnect')
      socket.on('error', () => undefined) // the hub cuts it
      const request = `GET ${n % 2 ? '/health' : '/metrics'} HTTP/1.1\r\nHost: x\r\n\r\n`
      socket.resume()
      // As many as the hub takes at once, again and again.
      socket.write(request.repeat(8))
      const again = setInterval(() => socket.write(request), 5)
      onTestFinished(() => clearInterval(again))
      return socket
    }),
  )
  const waits: number[] = []
  for (let n = 1; n <= 40; n += 1) {
    const startMs = performance.now()
    agent.send({ kind: 'ping', n })
    await agent.next('pong')
    waits.push(performance.now() - startMs)
  }
  expect(sockets.length).toBe(10)
  expect(waits.sort((a, b) => a - b)[36]).toBeLessThan(100) // the old hub took a second and more
})

it('slows open answers of an address beyond its budget, the more the more it asks, and no longer than a quarter second', async () => {
  const clock = createFakeClock(0)
  const pace = createPace(clock)
  for (let n = 0; n < paceTuning.burst; n += 1) await pace('10.0.0.1')
  const late = Array.from({ length: 300 }, () => pace('10.0.0.1'))
  let done = 0
  for (const one of late) void one.then(() => (done += 1))
  await clock.advance(paceTuning.stepMs)
  expect(done).toBe(1)
  await pace('10.0.0.2')
  await clock.advance(paceTuning.maxMs)
  expect(done).toBe(300)
  expect(isOpenAnswer('/api/agent/recordings/x', 200)).toBe(false)
  expect(isOpenAnswer('/api/agent/recordings/x', 403)).toBe(true)
  expect(isOpenAnswer('/api/admin/overview', 200)).toBe(false)
  expect(isOpenAnswer('/webhook/3cx/call-event', 200)).toBe(false)
  for (const open of ['/health', '/ca.pem', '/tv/', '/admin/x', '/api/enroll', '/api/admin/sessions'])
    expect(isOpenAnswer(open, 200), open).toBe(true)
})

it('counts the addresses of one IPv6 customer as one, and forgets a flood in seconds', () => {
  let nowMs = 0
  const buckets = createTokenBuckets({ monotonicMs: () => nowMs, perSecond: 10, burst: 20, debt: 20 })
  for (let n = 0; n < 20; n += 1) expect(buckets.take(`2001:db8:1:2::${n.toString(16)}`)).toBe(0)
  for (let n = 1; n < 1_000; n += 1) expect(buckets.take('2001:db8:1:2::1')).toBeGreaterThan(0)
  expect(buckets.take('2001:db8:1:3::1')).toBe(0)
  nowMs = 2_200
  expect(buckets.take('2001:db8:1:2::1')).toBe(0)
})

it('answers a monitor that asks without a pause as often as the budget allows', () => {
  let nowMs = 0
  const buckets = createTokenBuckets({ monotonicMs: () => nowMs, perSecond: 20, burst: 60, debt: 0 })
  let answered = 0
  for (; nowMs < 10_000; nowMs += 1) if (buckets.take('10.0.0.1') === 0) answered += 1
  expect(answered).toBeGreaterThanOrEqual(60 + 199)
  expect(answered).toBeLessThanOrEqual(60 + 200)
})

it('answers /metrics to the bearer of the token alone where one is set, and counts wrong ones', async () => {
  await using hub = await startHub({ settings: { hub: { metricsToken: TOKEN } } })
  const ask = (token: string) => hub.ask('/metrics', { headers: { authorization: `Bearer ${token}` } })
  expect(await hub.ask('/metrics')).toMatchObject({ status: 401 })
  expect(await ask('wrong')).toMatchObject({ status: 401 })
  expect((await ask(TOKEN)).text).toContain('hub_links')
  expect((await hub.ask('/health')).status).toBe(200)
  expect((await hub.logged('access.refused')).fields).toMatchObject({ kind: 'metrics token' })
  expect(JSON.stringify(hub.log)).not.toContain(TOKEN)
})

it('names in /health what runs short: handles, memory, the wait for a turn, connections, credentials and the clock', async () => {
  const clock = createFakeClock(Date.now())
  await using hub = await startHub({ clock })
  const names = (await parts(hub)).map(({ name }) => name)
  for (const name of ['disk', 'handles', 'memory', 'load', 'connections', 'access', 'clock'])
    expect(names).toContain(name)
})

it('shows names and addresses in /health on the hub’s own machine and to the bearer of the metrics token, not to the network', async () => {
  const clock = createFakeClock(0)
  const part: HealthPart = {
    name: 'load',
    state: 'degraded',
    client: { role: 'agent', id: 'agent-0001' },
    reason: 'one agent sends a lot',
    detail: "the agent 'Eve' sends a lot from 10.0.0.9",
  }
  const app = healthRoutes({
    parts: async () => [part],
    registry: createMetrics().registry,
    version: '1',
    clock,
    metricsToken: TOKEN,
    attempts: createAttempts(clock),
    isOwnMachine: (address) => address === '127.0.0.1',
  })
  const ask = async (remoteAddress: string, headers = {}) =>
    (await app.request('/health', { headers }, { remoteAddress })).text()
  for (const address of ['10.0.0.8', '::2', '127.0.0.10']) {
    const open = await ask(address)
    expect(open).toContain('agent-0001')
    expect(open).toContain('one agent sends a lot')
    expect(open).not.toMatch(/Eve|10\.0\.0\.9|detail/)
  }
  expect(await ask('10.0.0.8', { authorization: 'Bearer wrong' })).not.toContain('Eve')
  expect(await ask('10.0.0.8', { authorization: `Bearer ${TOKEN}` })).toContain('Eve')
  expect(await ask('127.0.0.1')).toContain('Eve')
})

it('reports wrong credentials in /health and on the admin page, and takes no machine behind an unnamed proxy for its own', async () => {
  const settings = { tls: { mode: 'off' } }
  await using hub = await startHub({ settings })
  for (let n = 0; n < 25; n += 1)
    await hub.ask('/api/enroll', {
      body: JSON.stringify({ role: 'agent', secret: `wrong ${n}`, name: 'x', machine: 'x' }),
    })
  const access = (all: readonly HealthPart[]) => all.find(({ name }) => name === 'access')
  const open = access(await parts(hub))
  expect(open).toMatchObject({
    state: 'degraded',
    reason: 'one address sent a wrong enrollment key 25 times',
  })
  expect(JSON.stringify(open)).not.toContain('127.0.0.1')
  const admin = await hub.signInAdmin()
  const overview = (await admin.ask('/api/admin/overview')).json<{ parts: HealthPart[] }>()
  expect(access(overview.parts)?.reason).toBe('127.0.0.1 sent a wrong enrollment key 25 times')
})

it('logs wrong webhook secrets in one line a minute, throttles them, and stores the PBX’s report from the same address', async () => {
  const clock = createFakeClock(Date.now())
  const secret = 'the-webhook-secret-0123456789abcdef'
  await using hub = await startHub({ clock, settings: { threecx: { webhookSecret: secret } } })
  const send = (token: string) =>
    hub.ask('/webhook/3cx/call-event', {
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ agentExt: '201', number: '0240112233' }),
    })
  const statuses = []
  for (let n = 0; n < 60; n += 1) statuses.push((await send(`wrong-${n}`)).status)
  expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401))
  expect(statuses.slice(20)).toEqual(Array(40).fill(429))
  expect((await send(secret)).status).toBe(200)
  await clock.advance(60_000)
  const lines = hub.log.filter(({ event }) => event === 'access.refused').map(({ fields }) => fields)
  expect(lines).toEqual([
    { kind: 'webhook secret', address: '127.0.0.1', count: 1 },
    { kind: 'webhook secret', address: '127.0.0.1', count: 59 },
  ])
})

it('logs nothing of a peer that leaves in the middle of its body, and no stack', async () => {
  const secret = 'the-webhook-secret-0123456789abcdef'
  await using hub = await startHub({ settings: { threecx: { webhookSecret: secret } } })
  const open = async (request: string) => {
    const socket = connectTls({ port: hub.port, host: '127.0.0.1', servername: 'localhost', ca: hub.ca })
    socket.on('error', () => undefined) // it is destroyed below
    await once(socket, 'secureConnect')
    socket.write(request)
    return socket
  }
  const ends = [
    'POST /api/enroll',
    'POST /api/admin/sessions',
    'POST /webhook/3cx/call-event',
    'POST /webhook/3cx/test',
  ]
  for (const length of ['Content-Length: 5000', 'Transfer-Encoding: chunked'])
    for (const end of ends) {
      const before = hub.log.filter(({ event }) => event === 'http.aborted').length
      const socket = await open(
        `${end} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\nContent-Type: application/x-www-form-urlencoded\r\n${length}\r\n\r\n5\r\nhalf `,
      )
      await once(socket, 'secure', { signal: AbortSignal.timeout(30) }).catch(() => undefined)
      socket.destroy()
      await untilTrue(`${end} with ${length} ends`, () => hub.log.filter(({ event }) => event === 'http.aborted').length > before) // prettier-ignore
    }
  expect(hub.log.filter(({ level }) => level === 'error')).toEqual([])
  expect(hub.log.some(({ event }) => event === 'access.refused')).toBe(false)
})

it('answers bodies that are nested without end as broken, before and after the sign-in', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const nested = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels)
  for (const body of [
    nested('[', ']', 20_000),
    `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
    nested('[', ']', 100),
  ]) {
    const put = await hub.ask('/api/admin/settings', {
      method: 'PUT',
      headers: { cookie: admin.cookie, 'x-csrf': admin.csrf },
      body,
    })
    expect(put.status).toBe(400)
    expect([400, 413]).toContain((await hub.ask('/api/enroll', { body })).status)
  }
  expect(hub.log.filter(({ event }) => event === 'http.failed')).toEqual([])
})

it('sends HSTS for this host alone, and takes no write from a page of another address', async () => {
  await using hub = await startHub()
  const { headers } = await hub.ask('/health')
  expect(headers['strict-transport-security']).toBe('max-age=15552000')
  const admin = await hub.signInAdmin()
  for (const site of ['cross-site', 'same-site']) {
    const answer = await hub.ask('/api/admin/links', {
      method: 'POST',
      headers: { cookie: admin.cookie, 'x-csrf': admin.csrf, 'sec-fetch-site': site },
    })
    expect(answer).toMatchObject({ status: 403 })
    expect(answer.json()).toMatchObject({ error: 'other-origin' })
  }
})

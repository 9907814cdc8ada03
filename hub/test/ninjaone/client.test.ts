import { expect, it, onTestFinished } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import type { RefreshTokenStore } from '../../src/ninjaone/accessToken.ts'
import { createClient } from '../../src/ninjaone/client.ts'
import { SANDBOX_CLIENT, startSandbox } from '../../testing/sandboxNinjaOne.ts'

const LIST = { method: 'GET', url: '/v2/ticketing/statuses' } as const
const TOKENS = 'POST /ws/oauth/token'

/** Creates a client of the sandbox, with a token store that records its writes and can be made to fail. */
async function aClient({ signedIn = true, clientId = SANDBOX_CLIENT.clientId, requestsPerSecond = 50 } = {}) {
  const clock = createFakeClock()
  const sandbox = await startSandbox(clock, 600)
  onTestFinished(() => sandbox[Symbol.asyncDispose]())
  let kept = signedIn ? sandbox.signIn() : undefined
  const history: string[] = []
  let fails = 0
  const tokens: RefreshTokenStore = {
    read: () => Promise.resolve(kept),
    save(token) {
      if (fails > 0) {
        fails -= 1
        return Promise.reject(Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' }))
      }
      kept = token
      history.push(token === undefined ? 'gone' : 'saved')
      return Promise.resolve()
    },
  }
  const events: string[] = []
  const client = createClient({
    account: { host: sandbox.url, ...SANDBOX_CLIENT, clientId, requestsPerSecond },
    tokens,
    clock,
    onEvent: (event) => void events.push(event),
  })
  const asked = async (path: string) => (await sandbox.requests()).filter((one) => `${one.method} ${one.path}` === path) // prettier-ignore
  return { clock, sandbox, client, tokens, history, events, asked, kept: () => kept, failSaves: (count: number) => void (fails = count) } // prettier-ignore
}

it('saves the rotated refresh token before it uses the access token', async () => {
  const { client, sandbox, kept, failSaves, asked, events } = await aClient()
  failSaves(1)
  expect(await client.request(LIST)).toMatchObject({ kind: 'no-connection', detail: expect.stringContaining('could not be stored') as string }) // prettier-ignore
  expect(await asked('GET /v2/ticketing/statuses')).toHaveLength(0)
  expect(events).toEqual(['ninjaone.token-not-saved'])
  // The disk works again: the same new token is saved, and no second one is requested.
  expect(await client.request(LIST)).toMatchObject({ kind: 'answer', status: 200 })
  expect(sandbox.held.refreshTokens).toEqual([kept()])
  expect(await asked(TOKENS)).toHaveLength(1)
})

it('refreshes the access token once, however many requests wait for it', async () => {
  const { client, asked, history } = await aClient()
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.request(LIST)))
  expect(answers.every((answer) => answer.kind === 'answer' && answer.status === 200)).toBe(true)
  expect(await asked(TOKENS)).toHaveLength(1)
  expect(history).toEqual(['saved'])
})

it('renews the access token before it expires, and keeps the newest refresh token', async () => {
  const { client, clock, sandbox, asked, kept } = await aClient()
  await client.request(LIST)
  await clock.advance(600_000)
  expect(await client.request(LIST)).toMatchObject({ status: 200 })
  expect(await asked(TOKENS)).toHaveLength(2)
  expect(await asked('GET /v2/ticketing/statuses')).not.toContainEqual(
    expect.objectContaining({ status: 401 }),
  )
  expect(sandbox.held.refreshTokens).toEqual([kept()])
})

it('renews the access token once after a 401 and repeats the request, but not forever', async () => {
  const { client, sandbox, asked } = await aClient()
  const denied = {
    kind: 'status',
    status: 401,
    body: { error: 'not_authenticated', error_code: 10 },
  } as const
  await sandbox.fail('GET /v2/ticketing/statuses', denied)
  expect(await client.request(LIST)).toMatchObject({ status: 200 })
  expect(await asked(TOKENS)).toHaveLength(2)
  await sandbox.fail('GET /v2/ticketing/statuses', denied, 5)
  expect(await client.request(LIST)).toMatchObject({ status: 401 })
  expect(await asked(TOKENS)).toHaveLength(3)
})

it('signs out when the refresh token is invalid, deletes it, and sends nothing until the next sign-in', async () => {
  const { client, sandbox, history, asked, events } = await aClient()
  sandbox.held.refreshTokens = ['another']
  expect(await client.request(LIST)).toMatchObject({ kind: 'signed-out', detail: expect.stringContaining('Sign in to NinjaOne on the admin page') as string }) // prettier-ignore
  expect(history).toEqual(['gone'])
  expect(await client.isSignedIn()).toBe(false)
  await client.request(LIST)
  expect(await asked(TOKENS)).toHaveLength(1)
  expect(events).toEqual(['ninjaone.signed-out'])
})

it('keeps its refresh token through every answer that does not call it invalid', async () => {
  const { client, sandbox, history, kept } = await aClient()
  const before = kept()
  for (const fault of [
    { kind: 'status', status: 500 },
    { kind: 'html', status: 200 },
    { kind: 'status', status: 429, retryAfter: '7' },
    { kind: 'cut' },
  ] as const) {
    await sandbox.fail(TOKENS, fault)
    expect(await client.request(LIST)).toMatchObject({ kind: 'no-connection' })
  }
  expect(history).toEqual([])
  expect(kept()).toBe(before)
  expect(await client.request(LIST)).toMatchObject({ status: 200 })
})

it('returns how long NinjaOne asks to wait', async () => {
  const { client, sandbox } = await aClient()
  await sandbox.fail(TOKENS, { kind: 'status', status: 429, retryAfter: '7' })
  expect(await client.request(LIST)).toMatchObject({ kind: 'no-connection', retryAfterMs: 7_000 })
})

it('names the wrong setting when NinjaOne does not know the client', async () => {
  const { client } = await aClient({ clientId: 'unknown-client' })
  expect(await client.request(LIST)).toMatchObject({ kind: 'signed-out', detail: expect.stringContaining('check ninjaone.host (region) and ninjaone.clientId') as string }) // prettier-ignore
})

it('signs in with the code of the browser, once', async () => {
  const { client, sandbox, kept } = await aClient({ signedIn: false })
  expect(await client.request(LIST)).toMatchObject({ kind: 'signed-out' })
  const back = 'https://hub.example/auth/helpdesk/callback'
  const shown = await fetch(client.signInUrl(back, 'state-1'), { redirect: 'manual' })
  const target = new URL(shown.headers.get('location') ?? '')
  expect(target.searchParams.get('state')).toBe('state-1')
  const code = target.searchParams.get('code') ?? ''
  await client.signIn(code, back)
  expect(sandbox.held.refreshTokens).toEqual([kept()])
  expect(await client.request(LIST)).toMatchObject({ status: 200 })
  await expect(client.signIn(code, back)).rejects.toThrow(/NinjaOne refused the sign-in \(400\)/)
  expect(await client.isSignedIn()).toBe(true)
})

it('spreads requests to at most five a second, however many are made at once', async () => {
  const { client, clock, asked } = await aClient({ requestsPerSecond: 5 })
  let answered = 0
  const all = Array.from({ length: 40 }, () => client.request(LIST).then(() => (answered += 1)))
  // The token request uses the first turn of the first second.
  for (const most of [4, 9, 14, 19]) {
    while ((await asked('GET /v2/ticketing/statuses')).length < most) await new Promise(setImmediate)
    await clock.advance(1_000)
    expect(await asked('GET /v2/ticketing/statuses')).toHaveLength(most)
    await clock.advance(100)
  }
  while (answered < all.length) await clock.advance(100)
  expect(clock.monotonicMs()).toBeGreaterThan(8 * 1_000)
})

import { describe, expect, it } from 'vitest'
import { createGuard, type RequestNames } from '../../src/main/web/guard.ts'
import { toHub } from '../../src/main/web/findHubs.ts'
import { parseWebArguments } from '../../src/main/web/webArguments.ts'

const guard = createGuard({ port: 4_000, token: 'secret' })
const ours: RequestNames = {
  host: '127.0.0.1:4000',
  origin: 'http://127.0.0.1:4000',
  cookie: 'other=1; desk-4000=secret',
}

describe('the guard of the page’s server', () => {
  it('accepts the agent’s own page with its cookie', () => {
    expect(guard.mayRead(ours)).toEqual({ ok: true })
    expect(guard.mayRead({ ...ours, origin: undefined })).toEqual({ ok: true })
    expect(guard.mayConnect(ours)).toEqual({ ok: true })
    expect(
      guard.mayRead({
        ...ours,
        host: 'localhost:4000',
        origin: 'http://localhost:4000',
        site: 'same-origin',
      }),
    ).toEqual({ ok: true })
  })

  it.each<[string, Partial<RequestNames>, number]>([
    ['under a name that was made to point here', { host: 'evil.example:4000', origin: undefined }, 403],
    ['without a host', { host: undefined }, 403],
    ['of another port', { host: '127.0.0.1:4001' }, 403],
    ['of another origin', { origin: 'https://evil.example' }, 403],
    ['of an opaque origin', { origin: 'null' }, 403],
    ['of another port on this PC', { origin: 'http://127.0.0.1:9999' }, 403],
    ['asked for by another site', { site: 'cross-site' }, 403],
    ['without a cookie', { cookie: undefined }, 401],
    ['with the cookie of another agent', { cookie: 'desk-4001=secret' }, 401],
    ['with a wrong token', { cookie: 'desk-4000=secre' }, 401],
    ['with an empty token', { cookie: 'desk-4000=' }, 401],
  ])('refuses a page %s', (_, names, status) => {
    expect(guard.mayRead({ ...ours, ...names })).toMatchObject({ ok: false, status })
    expect(guard.mayConnect({ ...ours, ...names })).toMatchObject({ ok: false, status })
  })

  it('refuses a socket that names no origin', () => {
    expect(guard.mayConnect({ ...ours, origin: undefined })).toMatchObject({ ok: false, status: 403 })
  })

  it('accepts a browser that opens the link, wherever it was clicked', () => {
    const clicked: RequestNames = {
      host: '127.0.0.1:4000',
      origin: undefined,
      cookie: undefined,
      site: 'cross-site',
    }
    expect(guard.maySignIn(clicked, 'secret')).toEqual({ ok: true })
    expect(guard.maySignIn(clicked, 'wrong')).toMatchObject({ ok: false, status: 401 })
    expect(guard.maySignIn({ ...clicked, host: 'evil.example:4000' }, 'secret')).toMatchObject({
      ok: false,
      status: 403,
    })
  })
})

describe('the command line', () => {
  it('parses port and page, and passes the other arguments to the agent', () => {
    const { port, page, agent } = parseWebArguments([
      '--data',
      'd',
      '--port=8080',
      '--page',
      '/p',
      '--extension',
      '201',
    ])
    expect([port, page, agent.data, agent.extension]).toEqual([8_080, '/p', 'd', '201'])
  })

  it.each([[['--port', '70000']], [['--port', 'x']], [['--port']], [['--page']], [['--unknown', '1']]])(
    'refuses the arguments %j and names the wrong one',
    (argv) => {
      expect(() => parseWebArguments(['--data', 'd', ...argv])).toThrow(/--/)
    },
  )
})

describe('a hub that announces itself', () => {
  const announced = { name: 'Helpdesk', host: 'hub.local.', port: 3_000 }

  it('turns an announced hub into an address', () => {
    expect(toHub(announced)).toEqual({ name: 'Helpdesk', address: 'https://hub.local:3000' })
    expect(toHub({ ...announced, host: 'a b', addresses: ['fe80::1', '192.168.1.9'] })?.address).toBe(
      'https://192.168.1.9:3000',
    )
  })

  it.each([
    { ...announced, host: 'evil.example/path?' },
    { ...announced, host: 'user@evil' },
    { ...announced, port: 0 },
    { ...announced, port: 70_000 },
  ])('ignores an announced hub without a valid address: %j', (odd) => {
    expect(toHub(odd)).toBeUndefined()
  })
})

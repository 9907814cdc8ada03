import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { inbound } from '../../../test/sandbox/pbx/participants.ts'
import type { Fault, SandboxPbx } from '../../../test/sandbox/pbx/callControl.ts'
import { openAuthority } from '../../src/tls/authority.ts'
import { aPbxWorld, type PbxWorld } from '../../testing/pbxWorld.ts'

const awayFields = async (world: PbxWorld) => {
  await world.until('the refusal', () => world.client.control.state().at === 'waiting')
  const state = world.client.control.state()
  if (state.at !== 'waiting') throw new Error('it waits')
  return { ...state.pbxError, delayMs: state.untilMs - world.clock.nowMs() }
}

const refusals: readonly (readonly [string, (pbx: SandboxPbx) => void, string])[] = [
  ['wrong credentials, as 401', (pbx) => (pbx.modes.token = 401), 'credentials'],
  ['wrong credentials, as 400', (pbx) => (pbx.modes.token = 400), 'credentials'],
  ['a token request from an address that is not allowed', (pbx) => (pbx.modes.token = 403), 'forbidden'],
  ['a page instead of a token', (pbx) => (pbx.modes.token = 'html'), 'unexpected-answer'],
  ['a token of far too much text', (pbx) => (pbx.modes.token = 'huge'), 'unexpected-answer'],
  ['a list instead of a token', (pbx) => (pbx.modes.token = 'wrong-types'), 'unexpected-answer'],
  ['a PBX that is restarting', (pbx) => (pbx.modes.token = 503), 'busy'],
  ['a missing right at the stream', (pbx) => (pbx.modes.socket = 403), 'forbidden'],
  ['no stream at this address', (pbx) => (pbx.modes.socket = 404), 'no-call-control'],
  ['a missing right at the list', (pbx) => (pbx.modes.api = 403), 'forbidden'],
  ['tokens that never count', (pbx) => (pbx.modes.lifeSeconds = 0), 'token-replaced'],
  ['a page instead of the list', (pbx) => (pbx.modes.api = 'html'), 'no-call-control'],
  ['a list of wrong types', (pbx) => (pbx.modes.api = 'wrong-types'), 'unexpected-answer'],
  ['a list that is cut', (pbx) => (pbx.modes.api = 'broken-json'), 'unexpected-answer'],
  ['a list of 40 MB', (pbx) => (pbx.modes.api = 'huge'), 'unexpected-answer'],
]
it.each(refusals)('logs %s with cause and remedy, and never the secret', async (_, before, code) => {
  await using world = await aPbxWorld({ before })
  const { code: reported, delayMs } = await awayFields(world)
  expect(reported).toBe(code)
  const line = world.log.find(({ event }) => event === 'threecx.away')!
  expect(line.fields).toMatchObject({
    code,
    cause: expect.any(String),
    remedy: expect.stringMatching(/\w{5}/),
  })
  expect(JSON.stringify(world.log)).not.toContain(world.pbx.client.clientSecret)
  expect(JSON.stringify(world.log)).not.toMatch(/ey[\w-]{20}/)
  const isFinal = ['credentials', 'forbidden', 'no-call-control'].includes(code)
  expect(delayMs).toBe(isFinal ? 300_000 : 1_000)
})

it('reports a missing license where the token’s roles lack Enterprise', async () => {
  await using world = await aPbxWorld({
    before: ({ modes }) => Object.assign(modes, { api: 403, roles: ['Paid', 'MyUser'] }),
  })
  expect((await awayFields(world)).code).toBe('license')
})

it('retries with growing pauses, slower after a refusal, and connects once the PBX accepts the client', async () => {
  await using world = await aPbxWorld({ before: (pbx) => (pbx.modes.token = 401) })
  expect((await awayFields(world)).delayMs).toBe(300_000)
  await world.clock.advance(300_000)
  await world.until('the second try', () => world.log.filter(({ event }) => event === 'threecx.away').length === 2) // prettier-ignore
  expect((await awayFields(world)).delayMs).toBe(600_000)
  world.pbx.modes.token = undefined
  await world.clock.advance(600_000)
  await world.open()
})

it('reports an unknown host, and a port where nothing answers', async () => {
  await using world = await aPbxWorld({ account: { url: 'https://pbx.invalid' } })
  expect((await awayFields(world)).code).toBe('unknown-host')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number } // it listens
  await new Promise((resolve) => server.close(resolve))
  await world.restart({ url: `http://127.0.0.1:${port}` })
  expect((await awayFields(world)).code).toBe('no-connection')
})

it('refuses a certificate of an unknown authority, and accepts it once its authority is named in caFile', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'pbx-ca-'))
  const clock = { nowMs: () => Date.now(), monotonicMs: () => 0, after: () => () => undefined, timeout: () => new AbortController().signal } // prettier-ignore
  const authority = await openAuthority({ folder, clock })
  await using world = await aPbxWorld({ tls: await authority.leaf(['localhost']) })
  expect((await awayFields(world)).code).toBe('certificate')
  const caFile = path.join(folder, 'company.pem')
  await world.restart({ caFile })
  expect((await awayFields(world)).code).toBe('ca-file')
  await writeFile(caFile, 'not a certificate')
  await world.restart({ caFile })
  expect((await awayFields(world)).code).toBe('ca-file')
  await writeFile(caFile, authority.pem)
  await world.restart({ caFile })
  await world.open()
  world.pbx.put(inbound({ id: 1, dn: '201' }))
  await world.until('a fact', () => world.facts.length === 1)
  await world.restart({ caFile, url: world.pbx.url.replace('localhost', '127.0.0.2') })
  expect((await awayFields(world)).code).toMatch(/certificate|no-connection/) // not every system has that address
  await rm(folder, { recursive: true })
})

const odd: readonly Fault[] = ['html', 'huge', 'wrong-types', 'broken-json', 500]
it.each(odd)('ends no call while the PBX answers %s for some time', async (fault) => {
  await using world = await aPbxWorld({
    before: (pbx) => pbx.put(inbound({ id: 1, dn: '201', status: 'Connected' })),
  })
  await world.until('the call', () => world.facts.length === 1)
  world.pbx.modes.api = fault
  world.pbx.put(inbound({ id: 2, dn: '202' }))
  let steps = 0
  await world.passing(3_000, () => ++steps > 200) // past the watchdog, and a connection that is given up
  world.pbx.modes.api = undefined
  await world.passing(500, () => world.facts.length >= 2)
  expect(world.delivered()).toEqual(['talking 201 inbound +41310000000', 'ringing 202 inbound +41310000000'])
})

it('ignores frames without meaning, and reconnects after a frame that is far too large', async () => {
  await using world = await aPbxWorld()
  await world.open()
  const frames = ['', '[]', 'null', '<html>', '{"event":7}', '{"event":{"event_type":0,"entity":"/callcontrol/../participants/1"}}', '{"event":{"event_type":"0","entity":"/callcontrol/201/participants/1"}}', '{"event":{"event_type":0,"entity":"/callcontrol/%E0%A4%A/participants/1"}}', '{"event":{"event_type":9,"entity":"/callcontrol/201/participants/1"}}', '{"event":{"event_type":0,"entity":"/callcontrol/201/participants/99999999999999999999"}}', '{"event":{"event_type":2,"entity":"/callcontrol/201/participants/1","attached_data":{"dtmf_input":"1"}}}'] // prettier-ignore
  for (const frame of frames) world.pbx.send(frame)
  world.pbx.put(inbound({ id: 1, dn: '201' }))
  await world.until('the fact behind them', () => world.facts.length === 1)
  expect(world.pbx.requests.filter((line) => line.includes('participants'))).toHaveLength(1)
  world.pbx.send(`"${'x'.repeat(300_000)}"`)
  await world.until('the cut', () => world.client.control.state().at === 'waiting')
  await world.passing(200, () => world.client.control.state().at === 'open')
})

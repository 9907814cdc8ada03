import { expect, it } from 'vitest'
import { startSandboxPbx, type PbxSetup, type SandboxPbx } from '../../../../test/sandbox/pbx/callControl.ts'
import { inbound } from '../../../../test/sandbox/pbx/participants.ts'
import type { CallControlTest, CallControlView } from '../../../src/http/admin/threecxMessages.ts'
import type { HealthPart } from '../../../src/http/health.ts'
import { untilTrue } from '../../../testing/pbxWorld.ts'
import { startHub, type TestAdmin, type TestHub } from '../../../testing/startHub.ts'
import { createFakeClock } from '../../../../protocol/testing/fakeClock.ts'

const settingsFor = ({ url, client }: SandboxPbx, change: object = {}) => ({
  threecx: { callControl: { url, ...client, ...change } },
})
const view = async (admin: TestAdmin) => (await admin.ask('/api/admin/3cx/call-control')).json<CallControlView>() // prettier-ignore
const steps = async (admin: TestAdmin) => {
  const reported = (await admin.ask('/api/admin/3cx/call-control/test', 'POST')).json<CallControlTest>()
  return reported.steps.map(({ what, ok, code }) => (ok ? what : `${what} failed: ${code ?? ''}`))
}
const health = async (hub: TestHub) =>
  (await hub.ask('/health')).json<{ parts: HealthPart[] }>().parts.find(({ name }) => name === 'threecx')

it('puts a call of the PBX on the call board under one id while it rings, talks and ends', async () => {
  await using pbx = await startSandboxPbx()
  await using hub = await startHub({ settings: settingsFor(pbx) })
  await hub.logged('threecx.open')
  const phases = () => hub.log.filter(({ event }) => event === 'call.changed').map(({ fields }) => fields)
  pbx.put(inbound({ id: 1, dn: '201', party_caller_id: '+33240112233' }))
  await untilTrue('it rings', () => phases().length === 1)
  pbx.put(inbound({ id: 1, dn: '201', party_caller_id: '+33240112233', status: 'Connected' }))
  await untilTrue('it talks', () => phases().length === 2)
  pbx.take('201', 1)
  await untilTrue('it ended', () => phases().length === 3)
  expect(phases().map(({ phase }) => phase)).toEqual(['ringing', 'talking', 'done'])
  expect(phases()[0]).toMatchObject({ extension: '201' })
  expect(new Set(phases().map(({ callId }) => callId)).size).toBe(1)
  expect(await health(hub)).toEqual({ name: 'threecx', state: 'ok', reason: 'connected, 2 extensions' })
})

it('counts a group call that one extension answers as missed by none of the others', async () => {
  await using pbx = await startSandboxPbx()
  await using hub = await startHub({ settings: settingsFor(pbx) })
  await hub.logged('threecx.open')
  const changes = () => hub.log.filter(({ event }) => event === 'call.changed').map(({ fields }) => `${String(fields['extension'])} ${String(fields['phase'])}`) // prettier-ignore
  for (const [id, dn] of [[1, '201'], [2, '202']] as const) pbx.put(inbound({ id, dn, callid: 5 })) // prettier-ignore
  await untilTrue('both ring', () => changes().length === 2)
  pbx.put(inbound({ id: 2, dn: '202', callid: 5, status: 'Connected' }))
  pbx.take('201', 1)
  await untilTrue('the first one is over', () => changes().length === 4)
  expect(changes()).not.toContain('201 missed')
})

it('reports the PBX connection, and the agents whose extension the API client does not see', async () => {
  await using pbx = await startSandboxPbx()
  await using hub = await startHub({ settings: settingsFor(pbx) })
  await hub.enroll('agent', { name: 'Nadia Benali', extension: '201' })
  await hub.enroll('agent', { name: 'Sophie Leroy', extension: '204' })
  const admin = await hub.signInAdmin()
  await hub.logged('threecx.open')
  pbx.put(inbound({ id: 1, dn: '201' }))
  await hub.logged('call.changed')
  expect(await view(admin)).toMatchObject({
    at: 'open',
    restartPending: false,
    url: pbx.url,
    extensions: ['201', '202'],
    legs: 1,
    unseen: ['Sophie Leroy (204)'],
    isTokenShared: false,
    pbxError: null,
  })
  const reported = await view(admin)
  expect(reported.sinceMs).toBeGreaterThan(0)
  expect(reported.lastFactMs).toBeGreaterThanOrEqual(reported.sinceMs!)
})

it('reports call control as off, half set, saved or waiting', async () => {
  await using pbx = await startSandboxPbx()
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  expect(await view(admin)).toMatchObject({ at: 'off', restartPending: false })
  expect(await health(hub)).toBeUndefined()
  expect((await admin.ask('/api/admin/3cx/call-control/test', 'POST')).status).toBe(409)
  await admin.ask('/api/admin/settings', 'PUT', settingsFor(pbx))
  expect(await view(admin)).toMatchObject({ at: 'saved', restartPending: true, url: pbx.url })
  await hub.restart({ settings: settingsFor(pbx, { clientSecret: undefined }) })
  expect(await view(admin)).toMatchObject({ at: 'half', missing: ['threecx.callControl.clientSecret'] })
  expect(await health(hub)).toMatchObject({ state: 'degraded', reason: 'Call Control is half set' })
  await hub.restart({ settings: settingsFor(pbx, { clientSecret: 'wrong' }) })
  await hub.logged('threecx.away')
  expect(await view(admin)).toMatchObject({ at: 'waiting', pbxError: { code: 'credentials' } })
  expect(await health(hub)).toMatchObject({ state: 'degraded', remedy: expect.stringContaining('Integrations') }) // prettier-ignore
  expect(JSON.stringify(hub.log)).not.toContain('wrong')
})

interface Case {
  readonly what: string
  readonly spoil?: (pbx: SandboxPbx) => unknown
  readonly setup?: PbxSetup
  readonly reported: readonly string[]
}
const upTo = (count: number) => ['address', 'certificate', 'sign-in', 'right', 'stream', 'extensions', 'agents'].slice(0, count) // prettier-ignore
const cases: readonly Case[] = [
  { what: 'a wrong key', spoil: ({ modes }) => (modes.token = 401), reported: [...upTo(2), 'sign-in failed: credentials'] },
  { what: 'a missing right', spoil: ({ modes }) => (modes.api = 403), reported: [...upTo(3), 'right failed: forbidden'] },
  { what: 'a proxy without WebSocket', spoil: ({ modes }) => (modes.socket = 400), reported: [...upTo(4), 'stream failed: unexpected-answer'] },
  { what: 'no extension', setup: { numbers: {} }, reported: [...upTo(5), 'extensions failed: '] },
  { what: 'an agent that is not listed', setup: { numbers: { 202: 'Wextension' } }, reported: [...upTo(6), 'agents failed: '] },
  { what: 'nothing', reported: upTo(7) },
] // prettier-ignore
it.each(cases)(
  'reports the step of the connection test that fails with $what, for the saved settings',
  async ({ spoil, setup, reported }) => {
    await using pbx = await startSandboxPbx(setup)
    spoil?.(pbx)
    await using hub = await startHub()
    await hub.enroll('agent', { name: 'Nadia Benali', extension: '201' })
    const admin = await hub.signInAdmin()
    await admin.ask('/api/admin/settings', 'PUT', settingsFor(pbx))
    expect(await steps(admin)).toEqual(reported)
    await untilTrue('the test’s stream is closed', () => pbx.sockets() === 0)
  },
)

it('tests the connection with the running client’s token, and leaves its stream open', async () => {
  await using pbx = await startSandboxPbx()
  await using hub = await startHub({ settings: settingsFor(pbx) })
  await hub.logged('threecx.open')
  const admin = await hub.signInAdmin()
  await Promise.all([steps(admin), steps(admin)])
  expect(pbx.tokensIssued()).toBe(1)
  expect(pbx.requests.filter((line) => line.startsWith('UPGRADE'))).toHaveLength(1)
  expect(pbx.sockets()).toBe(1)
})

it('ends a long pause when a connection test succeeds', async () => {
  await using pbx = await startSandboxPbx()
  pbx.modes.token = 401
  await using hub = await startHub({ settings: settingsFor(pbx) })
  await hub.logged('threecx.away')
  const admin = await hub.signInAdmin()
  expect(await steps(admin)).toEqual([...upTo(2), 'sign-in failed: credentials'])
  pbx.modes.token = undefined
  expect(await steps(admin)).toEqual(upTo(7))
  await hub.logged('threecx.open')
})

it('starts and stops without waiting for a PBX that never answers', async () => {
  await using pbx = await startSandboxPbx()
  pbx.modes.token = 'silent'
  // A clock that stands: no limit of a request can end the wait, so that a start or stop that waited would never end.
  await using hub = await startHub({ settings: settingsFor(pbx), clock: createFakeClock(Date.now()) })
  expect((await hub.ask('/health')).status).toBe(200)
  expect(await health(hub)).toMatchObject({ state: 'degraded', reason: 'connecting to the PBX' })
  await hub.stop()
})

it('refuses to send the API key in clear over a network', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const answer = await admin.ask('/api/admin/settings', 'PUT', { threecx: { callControl: { url: 'http://pbx.example' } } }) // prettier-ignore
  expect(answer.status).toBe(400)
  expect(answer.text).toContain('threecx-in-clear')
})

it('refuses addresses of Call Control that no PBX has, and names the setting', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  for (const url of [
    'https://169.254.169.254',
    'https://[fe80::1]',
    'https://[::ffff:169.254.169.254]',
    'https://0.0.0.0',
    'https://[::]',
    'https://239.1.1.1',
  ]) {
    const answer = await admin.ask('/api/admin/settings', 'PUT', { threecx: { callControl: { url } } })
    expect(answer.json(), url).toMatchObject({ faults: [{ key: 'threecx.callControl.url', code: 'threecx-no-pbx' }] }) // prettier-ignore
  }
  for (const url of ['https://10.0.0.5:5001', 'https://company.my3cx.fr', 'http://127.0.0.1:5000'])
    expect((await admin.ask('/api/admin/settings', 'PUT', { threecx: { callControl: { url } } })).status).toBe(200) // prettier-ignore
})

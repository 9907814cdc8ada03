import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { Refusal, SettingsAnswer } from '../../../src/http/admin/messages.ts'
import { startHub, type TestAdmin, type TestHub } from '../../../testing/startHub.ts'

const fileOf = async (hub: TestHub) =>
  JSON.parse(await readFile(path.join(hub.folder, 'hub-settings.json'), 'utf8')) as Record<
    string,
    Record<string, unknown>
  >
const fieldOf = async (admin: TestAdmin, key: string) =>
  (await admin.ask('/api/admin/settings')).json<SettingsAnswer>().fields.find((field) => field.key === key)

it('describes every setting with its shape, default, value and source', async () => {
  await using hub = await startHub({
    settings: { tickets: { countdownSeconds: 20 } },
    environment: { LOG_LEVEL: 'warn', JWT_SECRET: 'old' },
  })
  const admin = await hub.signInAdmin()
  const reported = (await admin.ask('/api/admin/settings')).json<SettingsAnswer>()
  expect(reported.fields.length).toBeGreaterThan(30)
  expect(reported.withoutEffect).toMatchObject([{ name: 'JWT_SECRET' }])
  expect(await fieldOf(admin, 'tickets.countdownSeconds')).toMatchObject({
    shape: { kind: 'number', min: 5, max: 120 },
    defaultValue: 15,
    value: 20,
    source: 'file',
    restartPending: false,
    description: expect.stringContaining('visible draft'),
  })
  expect(await fieldOf(admin, 'hub.logLevel')).toMatchObject({
    shape: { kind: 'choice', options: ['debug', 'info', 'warn', 'error'] },
    value: 'warn',
    source: 'environment',
    variable: 'LOG_LEVEL',
  })
  expect(await fieldOf(admin, 'recording.optOut.numbers')).toMatchObject({
    shape: { kind: 'list' },
    source: 'default',
  })
  expect(await fieldOf(admin, 'tickets.fileUnattended')).toMatchObject({
    shape: { kind: 'flag' },
    value: false,
  })
})

it('saves a setting to the file, and lists it as pending until the restart', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  expect((await admin.ask('/api/admin/settings', 'PUT', { tickets: { undoSeconds: 30 } })).status).toBe(200)
  expect((await fileOf(hub))['tickets']).toEqual({ undoSeconds: 30 })
  expect(await fieldOf(admin, 'tickets.undoSeconds')).toMatchObject({
    value: 30,
    source: 'file',
    restartPending: true,
  })
  const overview = (await admin.ask('/api/admin/overview')).json<{ restartPending: string[] }>()
  expect(overview.restartPending).toEqual(['tickets.undoSeconds'])
  await admin.ask('/api/admin/settings', 'PUT', { tickets: { undoSeconds: null } })
  expect(await fieldOf(admin, 'tickets.undoSeconds')).toMatchObject({
    value: 5,
    source: 'default',
    restartPending: false,
  })
})

it('reports each wrong setting by its key, and saves nothing of the request', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const before = await fileOf(hub)
  const wrong = { tickets: { countdownSeconds: 4, undoSeconds: 'soon' }, hub: { name: 'Good' } }
  const answer = await admin.ask('/api/admin/settings', 'PUT', wrong)
  expect(answer.status).toBe(400)
  const { error, faults = [] } = answer.json<Refusal>()
  expect(error).toBe('wrong-setting')
  expect(faults.map(({ key }) => key)).toEqual(['tickets.countdownSeconds', 'tickets.undoSeconds'])
  expect(faults[0]!.message).toContain('>=5')
  const contradiction = await admin.ask('/api/admin/settings', 'PUT', { analysis: { kind: 'llm' } })
  expect(contradiction.json<Refusal>().faults).toMatchObject([
    { key: 'analysis.kind', code: 'llm-not-named' },
  ])
  expect(await fileOf(hub)).toEqual(before)
})

it('refuses a setting that the environment overrides, naming the variable, and one that the next start would refuse', async () => {
  await using hub = await startHub({ environment: { PORT: '0', LOG_LEVEL: 'warn' } })
  const admin = await hub.signInAdmin()
  const put = async (body: unknown) => (await admin.ask('/api/admin/settings', 'PUT', body)).json<Refusal>()
  expect((await put({ hub: { logLevel: 'debug' } })).faults).toEqual([{ key: 'hub.logLevel', code: 'environment', message: 'LOG_LEVEL' }]) // prettier-ignore
  expect((await put({ hub: null })).faults).toMatchObject([{ key: 'hub.logLevel' }])
  expect((await put({ listen: { port: null } })).faults).toMatchObject([{ key: 'listen.port' }])
  await using other = await startHub({ environment: { HUB_SECRETS: '/tmp/one/keys' } })
  const otherAdmin = await other.signInAdmin()
  const inside = await otherAdmin.ask('/api/admin/settings', 'PUT', { folders: { data: '/tmp/one' } })
  expect(inside.json<Refusal>().faults).toMatchObject([{ code: 'secrets-inside-data' }])
})

it('saves secrets and returns them in no answer and no log', async () => {
  await using hub = await startHub({ settings: { ninjaone: { clientSecret: 'first-secret-value' } } })
  const admin = await hub.signInAdmin()
  expect(await fieldOf(admin, 'ninjaone.clientSecret')).toMatchObject({ secret: true, value: true })
  expect(await fieldOf(admin, 'threecx.webhookSecret')).toMatchObject({ secret: true, value: false })
  await admin.ask('/api/admin/settings', 'PUT', {
    threecx: { webhookSecret: 'second-secret-value-0123456789abcdef' },
  })
  const reported = (await admin.ask('/api/admin/settings')).text
  const refused = await admin.ask('/api/admin/settings', 'PUT', {
    ninjaone: { clientSecret: `third-${'x'.repeat(400)}` },
  })
  expect(refused.status).toBe(400)
  for (const text of [reported, refused.text, JSON.stringify(hub.log)])
    expect(text).not.toMatch(/(first|second|third)-/)
  await admin.ask('/api/admin/settings', 'PUT', { ninjaone: { clientSecret: null } })
  expect(await fieldOf(admin, 'ninjaone.clientSecret')).toMatchObject({ value: false })
})

it('keeps changes made in the file by hand since the start, and reports a file broken by hand', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const file = path.join(hub.folder, 'hub-settings.json')
  await writeFile(file, JSON.stringify({ ...(await fileOf(hub)), vocabulary: 'Vaugirard' }))
  await admin.ask('/api/admin/settings', 'PUT', { language: 'en' })
  expect(await fileOf(hub)).toMatchObject({ vocabulary: 'Vaugirard', language: 'en' })
  await writeFile(file, '{"listen":')
  const broken = await admin.ask('/api/admin/settings')
  expect(broken.status).toBe(409)
  expect(broken.json<Refusal>().message).toContain('is not a JSON object')
  expect((await admin.ask('/api/admin/overview')).status).toBe(200)
})

it('answers a save to an unwritable file with cause and remedy, and changes nothing', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  const before = await fileOf(hub)
  const inTheWay = path.join(hub.folder, 'hub-settings.json.new') // the hub writes this file first
  await mkdir(inTheWay)
  const answer = await admin.ask('/api/admin/settings', 'PUT', { language: 'en' })
  expect(answer.status).toBe(507)
  expect(answer.json<Refusal>()).toMatchObject({
    error: 'not-saved',
    message: expect.stringContaining('Nothing was changed'),
  })
  expect(await fileOf(hub)).toEqual(before)
  await rm(inTheWay, { recursive: true })
  expect((await admin.ask('/api/admin/settings', 'PUT', { language: 'en' })).status).toBe(200)
})

it('refuses a body that is not an object of settings, and ignores names of JavaScript itself', async () => {
  await using hub = await startHub()
  const admin = await hub.signInAdmin()
  for (const body of [[], 'text', 5, null])
    expect(await admin.ask('/api/admin/settings', 'PUT', body)).toMatchObject({ status: 400 })
  await admin.ask('/api/admin/settings', 'PUT', JSON.parse('{"__proto__":{"x":1},"unknown":{"y":2}}'))
  const { unknownKeys } = (await admin.ask('/api/admin/settings')).json<SettingsAnswer>()
  expect(unknownKeys).toEqual(['unknown.y'])
})

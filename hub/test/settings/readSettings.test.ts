import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readSettings } from '../../src/settings/readSettings.ts'
import { settingFields } from '../../src/settings/fields.ts'

const LONG_SECRET = 'a-secret-with-more-than-32-characters'

async function aFile(content?: unknown): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'settings-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'hub-settings.json')
  if (content !== undefined)
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

it('reads defaults for every setting when there is no file', async () => {
  const { current, sources } = await readSettings(await aFile(), {})
  expect(current.listen.port).toBe(3000)
  expect(current.tickets.countdownSeconds).toBe(15)
  expect(sources.size).toBe(0)
})

it.each([
  [{ listen: { port: 70_000 } }, /listen\.port is 70000 .*<=65535/],
  [{ listen: { port: '3000' } }, /listen\.port is "3000" .*expected number/],
  [
    { tickets: { countdownSeconds: 4 } },
    /tickets\.countdownSeconds is 4 .*>=5.*Seconds from the visible draft/s,
  ],
  [{ tickets: { onCountdownEnd: 'ask' } }, /tickets\.onCountdownEnd is "ask" .*"file"\|"hold"/],
  [{ tickets: 'none' }, /tickets is "none" .*expected object/],
  [{ recording: { optOut: { numbers: [5] } } }, /recording\.optOut\.numbers\.0 is 5 .*never recorded/s],
  [{ tls: { mode: 'files' } }, /tls\.keyFile and tls\.certFile must be named/],
  [{ tls: { mode: 'off' } }, /tls\.mode is "off" .*in clear.*behindProxy/],
  [{ ninjaone: { host: 'http://eu.ninjarmm.com' } }, /ninjaone\.host .*in clear; write https/],
  [{ hub: { publicUrl: 'hub.lan:3000' } }, /hub\.publicUrl is "hub\.lan:3000" .*write the whole address/],
  [
    { ninjaone: { host: 'eu.ninjarmm.com' } },
    /ninjaone\.host is "eu\.ninjarmm\.com" .*write the whole address/,
  ],
  [{ country: 'UK' }, /country is "UK" .*ISO 3166.* GB /],
  [{ country: 'EN' }, /country is "EN" .*such as FR/],
  [{ country: 'XX' }, /country is "XX" /],
  [{ analysis: { kind: 'llm' } }, /analysis\.url and analysis\.model must be named/],
  [{ folders: { data: '/d', secrets: '/d/keys' } }, /folders\.secrets .*inside folders\.data/],
  ['{"listen": ', /hub-settings\.json is not a JSON object \(.+\): correct it/],
  ['{\n"listen": {},}', /is not a JSON object \(line 2 column 14\)/],
  ['{"ninjaone": {"clientSecret": top-secret}}', /is not a JSON object \((?!.*top-secret)/],
  ['[1]', /is not a JSON object/],
])('refuses %j, naming key, value and what is allowed', async (content, message) => {
  await expect(readSettings(await aFile(content), {})).rejects.toThrow(message)
})

it('names a country that does not exist by a code of its own', async () => {
  const file = await aFile({ country: 'UK' })
  await expect(readSettings(file, {})).rejects.toMatchObject({
    faults: [{ key: 'country', code: 'unknown-country' }],
  })
})

it('names the file or variable of every wrong setting at once, and no secret', async () => {
  const file = await aFile({ ninjaone: { clientSecret: 'x'.repeat(401) }, listen: { host: '' } })
  const error: unknown = await readSettings(file, { PORT: 'three thousand' }).catch(
    (caught: unknown) => caught,
  )
  const { message } = error as Error
  expect(message).toContain('listen.port is "three thousand" (from environment PORT)')
  expect(message).toContain(`listen.host is "" (from ${file})`)
  expect(message).toContain('ninjaone.clientSecret is a value that is not shown')
  expect(message).not.toContain('xxx')
})

it('reads a file that Windows Notepad saved with a byte order mark', async () => {
  const { current } = await readSettings(await aFile('\uFEFF{"listen":{"port":4000}}'), {})
  expect(current.listen.port).toBe(4000)
})

it.each([
  ['listen.port', { PORT: '8443' }, 8443],
  ['hub.logLevel', { LOG_LEVEL: 'debug' }, 'debug'],
  ['hub.publicUrl', { PUBLIC_URL: 'https://hub.example/' }, 'https://hub.example'],
  ['hub.announce', { ENABLE_DISCOVERY: 'false' }, false],
  ['hub.announce', { ENABLE_BROADCAST: 'False' }, false],
  ['ninjaone.host', { NINJA_API_URL: 'https://eu.ninjarmm.com/v2' }, 'https://eu.ninjarmm.com'],
  ['ninjaone.host', { NINJAONE_INSTANCE_URL: 'https://app.ninjarmm.com' }, 'https://app.ninjarmm.com'],
  ['ninjaone.clientId', { NINJA_CLIENT_ID: 'v1' }, 'v1'],
  ['ninjaone.clientId', { NINJAONE_CLIENT_ID: 'v2' }, 'v2'],
  ['ninjaone.clientSecret', { NINJA_CLIENT_SECRET: 's1' }, 's1'],
  ['ninjaone.clientSecret', { NINJAONE_CLIENT_SECRET: 's2' }, 's2'],
  ['ninjaone.requestsPerSecond', { NINJAONE_RATE_LIMIT: '3' }, 3],
  ['retention.audioDays', { AUDIO_RETENTION_DAYS: '0' }, 0],
  ['retention.transcriptDays', { TRANSCRIPT_RETENTION_DAYS: '7' }, 7],
  ['tickets.parkAfterSeconds', { DRAFT_EXPIRATION_MINUTES: '10' }, 600],
  ['threecx.webhookSecret', { API_KEY: LONG_SECRET }, LONG_SECRET],
  ['language', { WHISPER_LANGUAGE: 'en' }, 'en'],
])('prefers %s from the environment %j over the file', async (key, environment, value) => {
  const [group, name] = key.split('.') as [string, string?]
  const { current, sources } = await readSettings(await aFile({ listen: { port: 1 } }), environment)
  const groups = current as unknown as Record<string, Record<string, unknown>>
  expect(name === undefined ? groups[group] : groups[group]?.[name]).toBe(value)
  expect(sources.get(key)).toBe(`environment ${Object.keys(environment)[0]!}`)
})

it('prefers a variable’s newer name, ignores empty variables, and reports those without effect', async () => {
  const { current, withoutEffect } = await readSettings(await aFile(), {
    NINJA_CLIENT_ID: '  ',
    NINJAONE_CLIENT_ID: 'second',
    PORT: '',
    WEBHOOK_SECRET: LONG_SECRET,
    API_KEY: 'older',
    ADMIN_PASSWORD: 'admin123',
    REDIS_URL: 'redis://x',
  })
  expect(current.ninjaone.clientId).toBe('second')
  expect(current.listen.port).toBe(3000)
  expect(current.threecx.webhookSecret).toBe(LONG_SECRET)
  expect(withoutEffect.map(({ name }) => name).sort()).toEqual(['ADMIN_PASSWORD', 'REDIS_URL'])
  expect(JSON.stringify(withoutEffect)).not.toContain('admin123')
})

it('saves changes atomically and readable for this user only, keeps unknown keys, and restores a default for null', async () => {
  const file = await aFile({ future: { a: 1 }, listen: { port: 4000 }, hub: { name: 'Old' } })
  const settings = await readSettings(file, { PORT: '5000' })
  expect(settings.unknownKeys).toEqual(['future.a'])
  await Promise.all([
    settings.save({ hub: { name: 'New' }, ninjaone: { clientSecret: 'secret' } }),
    settings.save({ listen: { port: null } }),
  ])
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    future: { a: 1 },
    listen: {},
    hub: { name: 'New' },
    ninjaone: { clientSecret: 'secret' },
  })
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(settings.current.listen.port).toBe(5000)
})

it('refuses to save a wrong change, and ignores names of JavaScript itself', async () => {
  const file = await aFile({ hub: { name: 'Old' } })
  const settings = await readSettings(file, {})
  await expect(settings.save({ tickets: { countdownSeconds: 1 } })).rejects.toThrow(/countdownSeconds is 1/)
  await expect(settings.save([])).rejects.toThrow()
  await settings.save(JSON.parse('{"__proto__":{"polluted":1},"hub":{"constructor":{"prototype":{"p":1}}}}'))
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ hub: { name: 'Old' } })
})

it('leaves the file as it was when it cannot be written', async () => {
  const file = await aFile({ hub: { name: 'Old' } })
  const settings = await readSettings(file, {})
  const { mkdir } = await import('node:fs/promises')
  await mkdir(`${file}.new`)
  await expect(settings.save({ hub: { name: 'New' } })).rejects.toThrow(/EISDIR/)
  await rm(`${file}.new`, { recursive: true })
  await settings.save({ hub: { logLevel: 'warn' } })
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ hub: { name: 'Old', logLevel: 'warn' } })
})

it('has a description for every setting', () => {
  for (const { key, description } of settingFields()) expect(description, key).not.toBe('')
})

it('refuses a secret that could be guessed, with the command that makes one, and shows no character of it', async () => {
  for (const [group, key] of [
    ['threecx', 'webhookSecret'],
    ['hub', 'metricsToken'],
  ] as const) {
    const secret = 'short-but-secret-31-characters-'
    const read = readSettings(await aFile({ [group]: { [key]: secret } }), {})
    await expect(read).rejects.toThrow(/fewer than 32 characters.*npm run hub -- --new-secret/)
    await expect(read).rejects.not.toThrow(/short-but/)
    await readSettings(await aFile({ [group]: { [key]: `${secret}x` } }), {})
  }
})

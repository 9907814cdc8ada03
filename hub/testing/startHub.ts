import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { PROTOCOL_VERSION, type Clock, type EnrollResponse } from '@3cx-ninja/protocol'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { ulid } from 'ulid'
import type { Role } from '../src/access/access.ts'
import type { Log } from '../src/observe/log.ts'
import { readSettings } from '../src/settings/readSettings.ts'
import { start, type Hub } from '../src/start.ts'
import { askHttp, openRawLink, type Asked, type RawAnswer, type RawLink } from './rawClient.ts'

/** Groups of settings as they stand in hub-settings.json. */
export type SettingsChange = Readonly<Record<string, unknown>>

export interface HubSetup {
  /** Added to the defaults: port 0 on 127.0.0.1, the hub's own certificates, confirmed consent of the demonstration, fresh folders. */
  readonly settings?: SettingsChange
  readonly environment?: Readonly<Record<string, string>>
  readonly clock?: Clock
  /** Replaces the disk for the recordings. */
  readonly fileSystem?: FileSystem
  /** An existing folder to start in; by default a fresh one, which is removed at the end. */
  readonly folder?: string
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Member {
  readonly id: string
  readonly token: string
}

export interface TestAdmin {
  readonly cookie: string
  readonly csrf: string
  /** Sends a request with cookie and CSRF token; `body` is sent as JSON. */
  ask(address: string, method?: string, body?: unknown): Promise<RawAnswer>
}

export interface TestHub extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Holds data, secrets and the settings file. */
  readonly folder: string
  /** The authority to trust; undefined with tls.mode off. */
  readonly ca: string | undefined
  readonly hub: Hub
  /** All logged lines, over restarts too. */
  readonly log: readonly LogLine[]
  /** Resolves with the first line of this event, now or later. */
  logged(event: string): Promise<LogLine>
  /** Resolves with an enrollment key as the admin page shows it: secret and pin. */
  enrollmentKey(role: Role, change?: { expiresAtMs?: number; uses?: number }): Promise<string>
  /** Enrolls a new client over HTTP with a key of its own. */
  enroll(role: Role, change?: Readonly<Record<string, string>>): Promise<Member>
  ask(address: string, options?: Asked): Promise<RawAnswer>
  /** Signs in as an administrator in a new session, with a new one-time link. */
  signInAdmin(): Promise<TestAdmin>
  /** Opens a link that has sent hello and received its welcome. */
  connect(role: Role, member: Member): Promise<RawLink>
  /** Opens a link without sending hello. */
  open(role: Role, token: string): Promise<RawLink>
  /** Stops and starts the hub in the same folder, on a new port; what `change` omits stays. */
  restart(change?: Pick<HubSetup, 'settings' | 'environment'>): Promise<void>
  stop(): Promise<void>
}

/** Starts the real hub in this process, on a free port, in a fresh folder. */
export async function startHub(setup: HubSetup = {}): Promise<TestHub> {
  const folder = setup.folder ?? (await mkdtemp(path.join(tmpdir(), 'hub-')))
  const log: LogLine[] = []
  const waiting = new Set<() => void>()
  const links = new Set<RawLink>()
  const clock = setup.clock ?? systemClock
  const write = (level: LogLine['level']) => (fields: object, event: string) => {
    log.push({ level, event, fields: { ...fields } })
    for (const check of [...waiting]) check()
  }
  const logger: Log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  }
  const run = async ({ settings = {}, environment = {} }: HubSetup): Promise<Hub> => {
    const file = path.join(folder, 'hub-settings.json')
    await writeFile(file, JSON.stringify(merge(defaultsIn(folder), settings)))
    return start({
      settings: await readSettings(file, environment),
      clock,
      random: Math.random,
      newId: ulid,
      log: logger,
      version: '0.0.0-test',
      wallboardFolder: path.join(folder, 'wallboard'),
      adminFolder: path.join(folder, 'admin'),
      ...(setup.fileSystem ? { fileSystem: setup.fileSystem } : {}),
      onFatal: (error) => logger.error({ error: String(error) }, 'hub.crashed'),
    })
  }
  const removeFolder = async () => {
    if (setup.folder === undefined) await rm(folder, { recursive: true, force: true })
  }
  let hub = await run(setup).catch(async (error: unknown) => {
    await removeFolder()
    throw error
  })
  const open = async (role: Role, token: string) => {
    const link = await openRawLink(`${hub.url}/link/${role}`, { token, ca: hub.caPem })
    links.add(link)
    return link
  }
  const testHub: TestHub = {
    get url() {
      return hub.url
    },
    get port() {
      return hub.port
    },
    get ca() {
      return hub.caPem
    },
    get hub() {
      return hub
    },
    folder,
    log,
    logged: (event) =>
      new Promise((resolve) => {
        const check = () => {
          const line = log.find((one) => one.event === event)
          if (!line) return
          waiting.delete(check)
          resolve(line)
        }
        waiting.add(check)
        check()
      }),
    async enrollmentKey(role, { expiresAtMs, uses } = {}) {
      const secret = await hub.access.issueSecret(role, expiresAtMs ?? null, uses ?? null)
      return hub.pin === undefined ? secret : `${secret}.${hub.pin}`
    },
    async enroll(role, change = {}) {
      const [secret] = (await testHub.enrollmentKey(role)).split('.')
      const who = role === 'agent' ? { extension: '101' } : {}
      const body = JSON.stringify({ role, secret, name: `test ${role}`, machine: 'TEST', ...who, ...change })
      const answer = await testHub.ask('/api/enroll', { body })
      if (answer.status !== 200) throw new Error(`not enrolled: ${answer.text}`)
      return answer.json<EnrollResponse>()
    },
    ask: (address, options) => askHttp(new URL(address, hub.url), { ca: hub.caPem, ...options }),
    async signInAdmin() {
      const once = new URL(hub.adminLink()).searchParams.get('once')
      const answer = await testHub.ask('/api/admin/sessions', { body: JSON.stringify({ once }) })
      if (answer.status !== 200) throw new Error(`not signed in: ${answer.text}`)
      const { csrf } = answer.json<{ csrf: string }>()
      const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
      const headers = { cookie, 'x-csrf': csrf }
      return {
        cookie,
        csrf,
        ask: (address, method = 'GET', body?: unknown) =>
          testHub.ask(address, {
            method,
            headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          }),
      }
    },
    async connect(role, { token }) {
      const link = await open(role, token)
      link.send({ kind: 'hello', protocol: PROTOCOL_VERSION, role, version: 'test' })
      await link.next('welcome')
      return link
    },
    open,
    async restart(change = {}) {
      await hub.stop()
      hub = await run({ ...setup, ...change })
    },
    stop: () => hub.stop(),
    async [Symbol.asyncDispose]() {
      for (const link of links) link.socket.terminate()
      await hub.stop()
      await removeFolder()
    },
  }
  return testHub
}

function defaultsIn(folder: string): SettingsChange {
  return {
    listen: { host: '127.0.0.1', port: 0 },
    folders: { data: path.join(folder, 'data'), secrets: path.join(folder, 'secrets') },
    recording: { consent: { confirmed: true, basis: 'demonstration', ruleVersion: 1, text: 'Test' } },
  }
}

function merge(base: SettingsChange, change: SettingsChange): SettingsChange {
  const merged: Record<string, unknown> = { ...base }
  for (const [name, value] of Object.entries(change)) {
    const old = merged[name]
    merged[name] = isGroup(old) && isGroup(value) ? merge(old, value) : value
  }
  return merged
}

function isGroup(value: unknown): value is SettingsChange {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

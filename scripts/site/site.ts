import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { z } from 'zod'
import { ask } from './ask.ts'
import { startPart, type Part, type PartLine } from './part.ts'

export const root = path.resolve(import.meta.dirname, '../..')

export type RoleName = 'ninjaone' | 'hub' | 'worker' | 'agent' | 'pbx'
export interface SiteNeeds {
  readonly folder: string
  readonly onLine?: (from: RoleName, line: PartLine) => void
  /** Groups of hub-settings.json on top of the site's own. */
  readonly hubSettings?: Readonly<Record<string, object>>
}

export interface Enrollment {
  readonly key: string
  readonly hub: string
}

/** A whole company on one machine: every part its own process, over real sockets with TLS. Parts can be killed and started again. */
export interface Site {
  readonly hubUrl: string
  readonly ninjaUrl: string
  startNinjaone(): Promise<Part>
  startHub(): Promise<Part>
  startWorker(more?: readonly string[]): Promise<Part>
  /** `more`: further arguments of the headless agent. Steps of its script are written to its stdin. */
  startAgent(more: readonly string[]): Promise<Part>
  /** The same agent with its window in a browser, and the address of that. */
  startAgentWeb(
    more: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<{ part: Part; link: string }>
  startPbx(more: readonly string[]): Part
  /** As an administrator: signs NinjaOne in. Needs a hub just started. */
  signInNinjaone(): Promise<void>
  enrollmentKey(role: 'agent' | 'worker' | 'wallboard'): Promise<Enrollment>
  /** Opens the admin page once, for a person. */
  adminLink(): Promise<string>
  /** Address of the wallboard that signs a browser in. */
  wallboardLink(): Promise<string>
  tickets(): Promise<readonly StoredTicket[]>
  ca(): Promise<string>
  stop(): Promise<void>
}

const storedTicket = z.looseObject({
  id: z.number(),
  subject: z.string(),
  log: z.array(z.looseObject({ type: z.string(), body: z.string().nullish() })).default([]),
})
export type StoredTicket = z.infer<typeof storedTicket>

export const WEBHOOK_SECRET = 'demonstration-webhook-secret'
const READY_MS = 30_000
/** The worker loads its model and tests itself first. */
const WORKER_READY_MS = 90_000

export async function openSite(needs: SiteNeeds): Promise<Site> {
  const { folder } = needs
  await mkdir(path.join(folder, 'logs'), { recursive: true })
  const [hubPort, ninjaPort] = [await freePort(), await freePort()]
  const ninjaUrl = `http://127.0.0.1:${ninjaPort}`
  const hubUrl = `https://127.0.0.1:${hubPort}`
  const settingsFile = path.join(folder, 'hub-settings.json')
  const secrets = path.join(folder, 'hub-secrets')
  await writeFile(
    settingsFile,
    JSON.stringify(
      {
        hub: { name: 'Démonstration' },
        listen: { host: '127.0.0.1', port: hubPort },
        folders: { data: path.join(folder, 'hub'), secrets },
        recording: { consent: { confirmed: true, basis: 'demonstration', ruleVersion: 1 } },
        threecx: { webhookSecret: WEBHOOK_SECRET },
        ninjaone: {
          host: ninjaUrl,
          clientId: 'sandbox-client',
          clientSecret: 'sandbox-secret',
          organizationId: 1,
        },
        ...needs.hubSettings,
      },
      null,
      2,
    ),
    { mode: 0o600 },
  )

  const running = new Set<Part>()
  const launch = (
    name: RoleName,
    args: readonly string[],
    input?: string,
    env?: Readonly<Record<string, string>>,
  ): Part => {
    const part = startPart({
      name,
      args: args.map((arg) => (/\.m?[tj]s$/.test(arg) ? path.join(root, arg) : arg)),
      logFile: path.join(folder, 'logs', `${name}.log`),
      onLine: (line) => needs.onLine?.(name, line),
      ...(input === undefined ? {} : { input }),
      ...(env ? { env } : {}),
    })
    running.add(part)
    void part.ended.then(() => running.delete(part))
    return part
  }
  const enrollments = new Map<string, Promise<Enrollment>>()
  let adminLink = ''
  let session: Promise<{ cookie: string; csrf: string }> | undefined
  const ca = () => readFile(path.join(secrets, 'ca.pem'), 'utf8')

  const signIn = async () => {
    const once = new URL(adminLink).searchParams.get('once')
    const answer = await ask(`${hubUrl}/api/admin/sessions`, { ca: await ca(), body: { once } })
    const { csrf } = z.object({ csrf: z.string() }).parse(answer.json())
    return { cookie: cookieOf(answer.headers['set-cookie']), csrf }
  }
  const asAdmin = async (at: string, body?: unknown) => {
    const { cookie, csrf } = await (session ??= signIn())
    const address = at.startsWith('https:') ? at : `${hubUrl}${at}`
    return ask(address, { ca: await ca(), headers: { cookie, 'x-csrf': csrf }, ...(body ? { body } : {}) })
  }
  const enrollmentKey = (role: 'agent' | 'worker' | 'wallboard') => {
    const kept = enrollments.get(role)
    const made =
      kept ??
      asAdmin('/api/admin/enrollment-keys', { role }).then((answer) =>
        z.object({ key: z.string(), hub: z.string() }).parse(answer.json()),
      )
    enrollments.set(role, made)
    return made
  }

  const agentArguments = async () => {
    const { key } = await enrollmentKey('agent')
    return [
      '--hub', hubUrl, '--enrollment-key', key, '--data', path.join(folder, 'agent'),
      '--extension', '201', '--name', 'Camille Durand', '--json',
    ] // prettier-ignore
  }

  return {
    hubUrl,
    ninjaUrl,
    enrollmentKey,
    ca,
    async adminLink() {
      const answer = await asAdmin('/api/admin/links', {})
      return z.object({ link: z.string() }).parse(answer.json()).link
    },
    async startNinjaone() {
      const data = path.join(folder, 'ninjaone.json')
      const part = launch('ninjaone', [
        'test/sandbox/ninjaone/main.ts',
        '--port',
        String(ninjaPort),
        '--data',
        data,
      ])
      await part.waitFor('its address', (line) => line.sandbox === 'ninjaone', READY_MS)
      return part
    },
    async startHub() {
      const args = ['hub/hub.mjs', '--settings', settingsFile, '--admin-link']
      const part = launch('hub', ['--max-semi-space-size=16', ...args])
      const ready = await part.waitFor('ready', (line) => line.msg === 'hub.ready', READY_MS)
      adminLink = String(ready.adminLink)
      session = undefined
      return part
    },
    async startWorker(more = []) {
      const { key } = await enrollmentKey('worker')
      const data = path.join(folder, 'worker')
      const part = launch('worker', [
        'worker/src/main.ts', '--hub', hubUrl, '--enrollment-key', key, '--data', data, '--name', 'demo-worker', ...more,
      ]) // prettier-ignore
      await part.waitFor('attached', (line) => line.msg === 'worker.attached', WORKER_READY_MS)
      return part
    },
    async startAgent(more) {
      const part = launch(
        'agent',
        ['agent/src/main/headless/main.ts', ...(await agentArguments()), ...more],
        '',
      )
      await part.waitFor('connected', (line) => line.kind === 'link' && line.at === 'open', READY_MS)
      return part
    },
    async startAgentWeb(more, env) {
      const args = ['agent/src/main/web/main.ts', ...(await agentArguments()), ...more]
      const part = launch('agent', args, '', env)
      const { link } = await part.waitFor('its window', (line) => line.kind === 'window', READY_MS)
      return { part, link: String(link) }
    },
    startPbx: (more) =>
      launch('pbx', [
        'test/sandbox/pbx/main.ts', '--hub', hubUrl, '--ca', path.join(secrets, 'ca.pem'),
        '--secret', WEBHOOK_SECRET, '--extension', '201', ...more,
      ]), // prettier-ignore
    async signInNinjaone() {
      const toNinja = await asAdmin('/api/admin/ninja/sign-in')
      const back = await ask(locationOf(toNinja.headers.location))
      const done = await asAdmin(locationOf(back.headers.location))
      if (done.status !== 200) throw new Error(`The sign-in to NinjaOne failed: ${done.text}`)
    },
    async wallboardLink() {
      const { key } = await enrollmentKey('wallboard')
      const [secret = ''] = key.split('.')
      const body = { secret, role: 'wallboard', name: 'Wallboard', machine: 'demo' }
      const answer = await ask(`${hubUrl}/api/enroll`, { ca: await ca(), body })
      const { token } = z.object({ token: z.string() }).parse(answer.json())
      return `${hubUrl}/tv?token=${encodeURIComponent(token)}`
    },
    async tickets() {
      const answer = await ask(`${ninjaUrl}/sandbox/tickets`)
      return z.array(storedTicket).parse(answer.json())
    },
    async stop() {
      const last = (name: string) => [...running].filter((part) => part.name === name)
      // Who talks to others goes before them, so that nobody is missed.
      for (const name of ['pbx', 'agent', 'worker', 'hub', 'ninjaone'])
        await Promise.all(last(name).map((part) => part.stop()))
    },
  }
}

function cookieOf(header: string | string[] | undefined): string {
  const [cookie = ''] = (Array.isArray(header) ? header : [header ?? '']).map(
    (text) => text.split(';')[0] ?? '',
  )
  return cookie
}

function locationOf(header: string | string[] | undefined): string {
  if (typeof header !== 'string') throw new Error('The sign-in to NinjaOne was not redirected.')
  return header
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

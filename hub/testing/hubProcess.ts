import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { PROTOCOL_VERSION } from '@3cx-ninja/protocol'
import { askHttp, openRawLink, type Asked, type RawAnswer, type RawLink } from './rawClient.ts'

/** A folder with the settings file of a hub that listens on any free port. */
export interface HubFolder extends AsyncDisposable {
  readonly folder: string
  readonly data: string
  readonly secrets: string
  readonly file: string
}

/** Linux's folder in memory: what a test puts there without flushes costs no later flush of others. */
const MEMORY = '/dev/shm'

/** Makes a fresh folder, in memory where the machine has such; `change` is added to the settings, `data` is another folder for the hub's data. */
export async function makeHubFolder(change: object = {}, data?: string): Promise<HubFolder> {
  const folder = await mkdtemp(path.join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'hub-process-'))
  const file = path.join(folder, 'hub-settings.json')
  const folders = { data: data ?? path.join(folder, 'data'), secrets: path.join(folder, 'secrets') }
  const settings = {
    listen: { host: '127.0.0.1', port: 0 },
    folders,
    recording: { consent: { confirmed: true, basis: 'demonstration', ruleVersion: 1, text: 'Test' } },
    ...change,
  }
  await writeFile(file, JSON.stringify(settings))
  return {
    folder,
    ...folders,
    file,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

export interface HubProcess extends AsyncDisposable {
  readonly url: string
  /** How long the start took. */
  readonly startMs: number
  ask(address: string, options?: Asked): Promise<RawAnswer>
  /** Signs in with the link of the start; resolves with a sender of requests that carry cookie and CSRF token. */
  signIn(): Promise<(address: string, method?: string, body?: unknown) => Promise<RawAnswer>>
  /** Opens a link of an agent, said hello and welcomed. */
  connect(token: string): Promise<RawLink>
  /** Ends the process at once (SIGKILL) and resolves when it is gone. */
  kill(): Promise<void>
}

/** Starts the hub as a process of its own, with so many open files; resolves once it is ready, rejects when it ends before. */
export async function startHubProcess(
  at: HubFolder,
  { files }: { files?: number } = {},
): Promise<HubProcess> {
  const hub = path.resolve(import.meta.dirname, '../hub.mjs')
  const limit = files === undefined ? '' : `ulimit -n ${files} && `
  const command = `${limit}exec "${process.execPath}" "${hub}" --settings "${at.file}" --admin-link`
  const since = performance.now()
  const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')))
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const kill = async () => {
    child.kill('SIGKILL')
    await gone
  }
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text) as { msg: string; port: number; adminLink: string }
    if (line.msg !== 'hub.ready') continue
    child.stdout.resume()
    const startMs = performance.now() - since
    return { startMs, kill, ...(await clientsOf(at, line)), [Symbol.asyncDispose]: kill }
  }
  throw new Error(`the hub ended before it was ready: ${errors}`)
}

async function clientsOf(
  at: HubFolder,
  { port, adminLink }: { readonly port: number; readonly adminLink: string },
): Promise<Pick<HubProcess, 'url' | 'ask' | 'signIn' | 'connect'>> {
  const ca = await readFile(path.join(at.secrets, 'ca.pem'), 'utf8')
  const url = `https://localhost:${port}`
  const ask = (address: string, options: Asked = {}) => askHttp(new URL(address, url), { ca, ...options })
  return {
    url,
    ask,
    async signIn() {
      const once = new URL(adminLink).searchParams.get('once')
      const session = await ask('/api/admin/sessions', { body: JSON.stringify({ once }) })
      const headers = {
        cookie: String(session.headers['set-cookie']).split(';')[0] ?? '',
        'x-csrf': session.json<{ csrf: string }>().csrf,
        'content-type': 'application/json',
      }
      return (address, method = 'GET', body) =>
        ask(address, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    },
    async connect(token) {
      const link = await openRawLink(`${url}/link/agent`, { token, ca })
      link.send({ kind: 'hello', protocol: PROTOCOL_VERSION, role: 'agent', version: 'test' })
      await link.next('agent-settings')
      return link
    },
  }
}

/** Enrolls an agent with a key of its own; resolves with its id and token. */
export async function enrollAgent(
  hub: HubProcess,
  admin: Awaited<ReturnType<HubProcess['signIn']>>,
  name: string,
  extension: string,
): Promise<{ readonly id: string; readonly token: string }> {
  const issued = await admin('/api/admin/enrollment-keys', 'POST', { role: 'agent' })
  const [secret] = issued.json<{ key: string }>().key.split('.')
  const body = JSON.stringify({ role: 'agent', secret, name, extension, machine: name })
  return (await hub.ask('/api/enroll', { body })).json<{ id: string; token: string }>()
}

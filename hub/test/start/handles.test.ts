import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { PROTOCOL_VERSION } from '@3cx-ninja/protocol'
import { aHeader } from '../../../recording-log/testing/records.ts'
import { askHttp, openRawLink } from '../../testing/rawClient.ts'

/** The limit of a login shell; the service's own is 65,536. */
const HANDLES = 1_024
/** Twice that, as one machine without any key can open. */
const STRANGERS = 2_000

/** Starts the hub as its own process with few handles; resolves once it is ready. */
async function aHubProcess() {
  const folder = await mkdtemp(path.join(tmpdir(), 'handles-'))
  const file = path.join(folder, 'hub-settings.json')
  await writeFile(
    file,
    JSON.stringify({
      listen: { host: '127.0.0.1', port: 0 },
      folders: { data: path.join(folder, 'data'), secrets: path.join(folder, 'secrets') },
      recording: { consent: { confirmed: true, basis: 'demonstration', ruleVersion: 1, text: 'Test' } },
    }),
  )
  const hub = path.resolve(import.meta.dirname, '../../hub.mjs')
  const command = `ulimit -n ${HANDLES} && exec "${process.execPath}" "${hub}" --settings "${file}"`
  const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text) as { msg: string; url: string; port: number; adminLink: string }
    if (line.msg !== 'hub.ready') continue
    child.stdout.resume()
    return { ...line, ca: await readFile(path.join(folder, 'secrets', 'ca.pem'), 'utf8') }
  }
  throw new Error('the hub ended before it was ready')
}

it('serves agents, new recordings and /health while one machine opens two thousand silent connections at ulimit -n 1024', async () => {
  const hub = await aHubProcess()
  const url = `https://localhost:${hub.port}`
  const ask = (address: string, options = {}) => askHttp(new URL(address, url), { ca: hub.ca, ...options })
  const once_ = new URL(hub.adminLink).searchParams.get('once')
  const session = await ask('/api/admin/sessions', { body: JSON.stringify({ once: once_ }) })
  const headers = {
    cookie: String(session.headers['set-cookie']).split(';')[0] ?? '',
    'x-csrf': session.json<{ csrf: string }>().csrf,
    'content-type': 'application/json',
  }
  const enroll = async (name: string, extension: string) => {
    const issued = await ask('/api/admin/enrollment-keys', {
      headers,
      body: JSON.stringify({ role: 'agent' }),
    })
    const [secret] = issued.json<{ key: string }>().key.split('.')
    const body = JSON.stringify({ role: 'agent', secret, name, extension, machine: name })
    return (await ask('/api/enroll', { body })).json<{ token: string }>().token
  }
  const link = async (token: string) => {
    const opened = await openRawLink(`${url}/link/agent`, { token, ca: hub.ca })
    onTestFinished(() => opened.socket.terminate())
    opened.send({ kind: 'hello', protocol: PROTOCOL_VERSION, role: 'agent', version: 'test' })
    await opened.next('agent-settings')
    return opened
  }
  const first = await link(await enroll('Anna', '101'))
  const token = await enroll('Bob', '102')

  const strangers: Socket[] = []
  onTestFinished(() => {
    for (const socket of strangers) socket.destroy()
  })
  for (let n = 0; n < STRANGERS; n += 1) {
    const socket = connect(hub.port, '127.0.0.1')
    socket.on('error', () => undefined) // the hub cuts most of them
    strangers.push(socket)
    if (n % 50 === 49) await once(socket, 'connect')
  }

  const second = await link(token)
  const recordingId = 'recording-of-bob'
  second.send({
    kind: 'part-open',
    stream: 1,
    header: aHeader({ extension: '102', recordingId: recordingId as never }),
  })
  expect(await second.next('part-position')).toMatchObject({ position: 0 })
  first.send({ kind: 'ping', n: 1 })
  await first.next('pong')
  const health = await ask('/health')
  expect(health.status).toBe(200)
  const { parts } = health.json<{ parts: { name: string; state: string; reason?: string }[] }>()
  const part = (name: string) => parts.find((one) => one.name === name)
  expect(part('disk')?.state).not.toBe('failed')
  expect(part('handles')?.state).toBe('ok')
  expect(part('connections')).toMatchObject({
    state: 'degraded',
    reason: expect.stringContaining('were closed in the last minutes'),
  })
})

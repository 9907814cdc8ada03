import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { encodeFrame } from '@3cx-ninja/protocol'
import { aHeader, aRecord } from '../../../recording-log/testing/records.ts'
import { aWorkerOffer } from '../../testing/messages.ts'
import { startHub, type TestHub } from '../../testing/startHub.ts'

const partsOf = async (hub: TestHub) => {
  const answer = await hub.ask('/health')
  const { ready, status, parts } = answer.json<{
    ready: boolean
    status: string
    parts: { name: string; state: string; reason?: string; remedy?: string }[]
  }>()
  const part = (name: string) => parts.find((one) => one.name === name)
  return { httpStatus: answer.status, ready, status, parts, part }
}

it('starts again in the same folder with the same clients', async () => {
  await using hub = await startHub()
  const member = await hub.enroll('agent')
  const link = await hub.connect('agent', member)
  await hub.restart()
  expect((await link.closed).code).toBe(1001)
  const again = await hub.connect('agent', member)
  expect((await again.next('agent-settings')).consent).toMatchObject({ confirmed: true })
  expect(hub.log.filter(({ level }) => level === 'error')).toEqual([])
})

it('closes its parts once, in the reverse order of opening, however often it is stopped', async () => {
  await using hub = await startHub()
  await Promise.all([hub.stop(), hub.stop()])
  await hub.stop()
  const closed = hub.log.filter(({ event }) => event === 'stop.closed').map(({ fields }) => fields.what)
  expect(closed).toEqual([
    'announcement',
    'server',
    'loop watch',
    'abandoned calls',
    'wallboard',
    'retention',
    'dispatcher',
    'drafts',
    'outbox',
    'calls',
    'helpdesk',
    'erasures',
    'recordings',
    'access',
    'attempts',
    'database watch',
    'database',
    'metrics',
    'certificates',
    'data folder',
    'ballast',
  ])
  expect(hub.log.filter(({ event }) => event === 'stop.failed')).toEqual([])
})

it('refuses to share a data folder, names the process that uses it, and does not disturb that process', async () => {
  await using hub = await startHub()
  await expect(startHub({ folder: hub.folder })).rejects.toThrow(
    new RegExp(`Another hub \\(process ${process.pid}\\) already uses the data folder .*stop it first`),
  )
  expect((await hub.ask('/health')).status).toBe(200)
})

it('names the port that is in use, and leaves nothing open after half a start', async () => {
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as { port: number }
  await using hub = await startHub()
  const listen = { host: '127.0.0.1', port }
  await expect(hub.restart({ settings: { listen } })).rejects.toThrow(
    new RegExp(`Port ${port} on 127.0.0.1 is in use`),
  )
  await hub.restart()
  expect((await hub.ask('/health')).status).toBe(200)
})

it('refuses to create a new master key beside recordings that only the lost one opens', async () => {
  await using hub = await startHub()
  const agent = await hub.connect('agent', await hub.enroll('agent'))
  agent.send({ kind: 'part-open', stream: 1, header: aHeader({ extension: '101' }) })
  await agent.next('part-position')
  agent.send(encodeFrame(1, [aRecord(0)]))
  await hub.stop()
  await rm(path.join(hub.folder, 'secrets', 'master.key'))
  await expect(hub.restart()).rejects.toThrow(/master\.key is missing, but .* restore it from the backup/)
})

it('refuses a data folder that is a file, and a secrets folder inside the data folder', async () => {
  await using hub = await startHub()
  const file = path.join(hub.folder, 'file')
  await writeFile(file, 'x')
  const secrets = path.join(hub.folder, 'secrets')
  await expect(hub.restart({ settings: { folders: { data: file, secrets } } })).rejects.toThrow(
    /The data folder .*file cannot be used .*folders\.data/,
  )
  await mkdir(path.join(hub.folder, 'data2'))
  await expect(
    hub.restart({
      settings: {
        folders: { data: path.join(hub.folder, 'data2'), secrets: path.join(hub.folder, 'data2/keys') },
      },
    }),
  ).rejects.toThrow(/folders\.secrets .* lies inside folders\.data/)
})

it('reports in /health whether the hub is ready, and for each part the reason and the remedy', async () => {
  await using hub = await startHub({ settings: { recording: { consent: { confirmed: false } } } })
  const { httpStatus, ready, status, part, parts } = await partsOf(hub)
  expect({ httpStatus, ready, status }).toEqual({ httpStatus: 200, ready: true, status: 'degraded' })
  expect(part('database')).toEqual({ name: 'database', state: 'ok' })
  expect(part('certificate')).toMatchObject({ state: 'ok' })
  expect(part('workers')).toMatchObject({ state: 'degraded', remedy: expect.stringContaining('worker') })
  expect(part('helpdesk')).toMatchObject({
    state: 'degraded',
    remedy: expect.stringContaining('ninjaone.host'),
  })
  expect(part('consent')).toMatchObject({
    state: 'degraded',
    remedy: expect.stringContaining('recording.consent'),
  })
  for (const { state, remedy } of parts) expect(state === 'ok' || remedy !== undefined).toBe(true)
})

it('reports in /health that nobody is signed in to NinjaOne once it is configured', async () => {
  const ninjaone = { host: 'https://eu.ninjarmm.com', clientId: 'id', clientSecret: 'secret' }
  await using hub = await startHub({ settings: { ninjaone } })
  expect((await partsOf(hub)).part('helpdesk')).toMatchObject({ reason: 'nobody is signed in to NinjaOne' })
})

it('shows workers in /health once one has offered slots', async () => {
  await using hub = await startHub()
  const worker = await hub.connect('worker', await hub.enroll('worker'))
  worker.send(aWorkerOffer({ slots: 3 }))
  worker.send({ kind: 'ping', n: 1 })
  await worker.next('pong')
  expect((await partsOf(hub)).part('workers')).toMatchObject({
    state: 'ok',
    reason: '3 slots, 0 recordings waiting',
  })
})

it('serves figures that Prometheus can read', async () => {
  await using hub = await startHub()
  await hub.connect('agent', await hub.enroll('agent'))
  const { text, headers } = await hub.ask('/metrics')
  expect(headers['content-type']).toMatch(/^text\/plain/)
  const samples = parsePrometheus(text)
  expect(samples.get('hub_links{role="agent"}')).toBe(1)
  expect(samples.get('hub_records_total')).toBe(0)
  expect(samples.get('hub_hang_up_to_draft_seconds_count')).toBe(0)
  expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(0)
})

it('opens one admin session with a one-time link', async () => {
  await using hub = await startHub()
  const once = new URL(hub.hub.adminLink()).searchParams.get('once')
  const begin = () => hub.ask('/api/admin/sessions', { body: JSON.stringify({ once }) })
  const first = await begin()
  expect(first.status).toBe(200)
  expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly.*Secure.*SameSite=Strict/)
  expect((await begin()).json()).toMatchObject({ error: 'used' })
})

/** Text exposition format 0.0.4: each line is a comment of a known kind or a sample; a sample follows its TYPE. */
function parsePrometheus(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>()
  const types = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*)(?: (.*))?$/.exec(line)
    if (comment) {
      if (comment[1] === 'TYPE') types.set(comment[2]!, comment[3]!)
      continue
    }
    const sample =
      /^([a-zA-Z_:][\w:]*)((?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})?) (\S+)( \d+)?$/.exec(line)
    if (!sample) throw new Error(`no Prometheus line: ${line}`)
    const family = sample[1]!.replace(/_(bucket|sum|count|total)$/, '')
    if (!types.has(sample[1]!) && !types.has(family) && !types.has(`${family}_total`))
      throw new Error(`no TYPE before ${line}`)
    const value = sample[3] === '+Inf' ? Infinity : Number(sample[3])
    if (Number.isNaN(value) && sample[3] !== 'NaN') throw new Error(`no number in ${line}`)
    samples.set(`${sample[1]!}${sample[2]!}`, value)
  }
  return samples
}

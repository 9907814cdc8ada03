import { X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { enroll } from '@3cx-ninja/node-kit/enroll.ts'
import { DAY_MS, HOUR_MS } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { expect, it, onTestFinished } from 'vitest'
import { openAuthority } from '../../src/tls/authority.ts'
import { openCertificates } from '../../src/tls/certificates.ts'
import { hubSettings } from '../../src/settings/schema.ts'
import { startHub } from '../../testing/startHub.ts'

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hub-tls-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

const settingsOf = (secrets: string, tls: object = {}) => ({
  ...hubSettings.parse({ tls, folders: { secrets, data: `${secrets}-data` } }),
})

it('creates an authority once, and leaf certificates for all names and addresses of this machine', async () => {
  const folder = await aFolder()
  const clock = createFakeClock(Date.now())
  const first = await openAuthority({ folder, clock })
  const again = await openAuthority({ folder, clock })
  expect(again.pin).toBe(first.pin)
  const leaf = new X509Certificate((await first.leaf(['hub.example', '192.0.2.7'])).cert)
  for (const name of ['hub.example', 'localhost', hostname()])
    expect(leaf.checkHost(name), name).toBeDefined()
  for (const address of ['192.0.2.7', '127.0.0.1']) expect(leaf.checkIP(address), address).toBeDefined()
  expect(leaf.verify(new X509Certificate(first.pem).publicKey)).toBe(true)
  expect(leaf.ca).toBe(false)
})

it('writes the authority’s keys readable for their own user only', async () => {
  const folder = await aFolder()
  await (await openAuthority({ folder, clock: createFakeClock(Date.now()) })).leaf([])
  if (process.platform === 'win32') return
  for (const name of ['ca-key.pem', 'leaf.pem'])
    expect((await stat(path.join(folder, name))).mode & 0o777, name).toBe(0o600)
})

it('keeps a valid leaf certificate, and issues another before its end, for a new name and for a damaged file', async () => {
  const folder = await aFolder()
  const clock = createFakeClock(Date.now())
  const authority = await openAuthority({ folder, clock })
  const serialOf = async (...names: string[]) =>
    new X509Certificate((await authority.leaf(names)).cert).serialNumber
  const first = await serialOf()
  expect(await serialOf()).toBe(first)
  const named = await serialOf('hub.example')
  expect(named).not.toBe(first)
  await clock.advance(330 * DAY_MS)
  expect(await serialOf('hub.example')).toBe(named)
  await clock.advance(10 * DAY_MS)
  const renewed = await serialOf('hub.example')
  expect(renewed).not.toBe(named)
  await writeFile(path.join(folder, 'leaf.pem'), 'torn')
  expect(await serialOf('hub.example')).not.toBe(renewed)
})

it('names the remedy for an authority that has ended, lacks one file or is damaged', async () => {
  const folder = await aFolder()
  const clock = createFakeClock(Date.now())
  const authority = await openAuthority({ folder, clock })
  await clock.advance(3_649 * DAY_MS)
  const last = new X509Certificate((await authority.leaf([])).cert)
  expect(new Date(last.validTo).getTime()).toBeLessThanOrEqual(authority.endsMs)
  await clock.advance(2 * DAY_MS)
  await expect(openAuthority({ folder, clock })).rejects.toThrow(/ended on .*enroll agents and workers again/)

  const cert = await readFile(path.join(folder, 'ca.pem'), 'utf8')
  await rm(path.join(folder, 'ca.pem'))
  await expect(openAuthority({ folder, clock })).rejects.toThrow(/ca\.pem is missing .*restore/)
  await writeFile(path.join(folder, 'ca.pem'), cert)
  await writeFile(path.join(folder, 'ca-key.pem'), 'torn')
  await expect(openAuthority({ folder, clock })).rejects.toThrow(/damaged: restore the secrets folder/)
})

it('uses the company’s certificate, and loads a renewed one from the same files without a restart', async () => {
  const folder = await aFolder()
  const clock = createFakeClock(Date.now())
  const company = await openAuthority({ folder: path.join(folder, 'company'), clock })
  const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
  const issue = async (name: string) => {
    const { key, cert } = await company.leaf([name])
    await Promise.all([writeFile(keyFile, key), writeFile(certFile, cert)])
    return cert
  }
  const first = await issue('hub.example')
  const certificates = await openCertificates(
    settingsOf(path.join(folder, 's'), { mode: 'files', keyFile, certFile }),
    clock,
  )
  onTestFinished(() => certificates.stop())
  expect(certificates.current?.cert).toBe(first)
  expect(certificates.pin).toBe(company.pin)
  expect(certificates.health()).toMatchObject({ state: 'ok' })

  const renewed = Promise.withResolvers<string>()
  const failure = Promise.withResolvers<string>()
  certificates.watch(
    ({ cert }) => renewed.resolve(cert),
    ({ message }) => failure.resolve(message),
  )
  await writeFile(certFile, 'half written')
  await clock.advance(HOUR_MS)
  expect(await failure.promise).toMatch(/tls\.certFile .*is no PEM/)
  const second = await issue('other.example')
  await clock.advance(HOUR_MS)
  expect(await renewed.promise).toBe(second)

  await clock.advance(380 * DAY_MS)
  expect(certificates.health()).toMatchObject({
    state: 'degraded',
    remedy: expect.stringContaining('tls.certFile'),
  })
  await clock.advance(30 * DAY_MS)
  expect(certificates.health()).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('ended on'),
  })
})

it.each([
  ['a file that is missing', 'missing.pem', 'cert.pem', /tls\.keyFile .*missing\.pem\) cannot be read/],
  ['a file that is no PEM', 'text.pem', 'cert.pem', /is no PEM, or its key has a password/],
  ['a key of another certificate', 'other.pem', 'cert.pem', /does not belong to the certificate/],
])('refuses to use as certificate or key: %s', async (_, keyName, certName, message) => {
  const folder = await aFolder()
  const clock = createFakeClock(Date.now())
  const authority = await openAuthority({ folder: path.join(folder, 'a'), clock })
  const { cert } = await authority.leaf(['one.example'])
  const other = await authority.leaf(['two.example'])
  await writeFile(path.join(folder, 'cert.pem'), cert)
  await writeFile(path.join(folder, 'text.pem'), 'hello')
  await writeFile(path.join(folder, 'other.pem'), other.key)
  const files = {
    mode: 'files',
    keyFile: path.join(folder, keyName),
    certFile: path.join(folder, certName),
  }
  await expect(openCertificates(settingsOf(path.join(folder, 's'), files), clock)).rejects.toThrow(message)
})

it('lets agents enroll and link with a company certificate, pinned by the root of its chain', async () => {
  const folder = await aFolder()
  const company = await openAuthority({
    folder: path.join(folder, 'company'),
    clock: createFakeClock(Date.now()),
  })
  const { key, cert } = await company.leaf(['localhost'])
  const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
  await Promise.all([writeFile(keyFile, key), writeFile(certFile, cert)])
  await using hub = await startHub({ settings: { tls: { mode: 'files', keyFile, certFile } } })
  const who = { role: 'agent' as const, name: 'Anna', extension: '101', machine: 'PC-1' }
  const { token, id, ca } = await enroll(hub.url, await hub.enrollmentKey('agent'), who)
  expect(ca).toBe(company.pem.trim())
  const link = await hub.connect('agent', { id, token })
  expect(await link.next('agent-settings')).toBeDefined()
})

it('reports in /health that no client can enroll while the root is missing from the company’s chain', async () => {
  const folder = await aFolder()
  const clock = createFakeClock(Date.now())
  const company = await openAuthority({ folder: path.join(folder, 'company'), clock })
  const { key, cert } = await company.leaf(['hub.example'])
  const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
  await Promise.all([
    writeFile(keyFile, key),
    writeFile(certFile, cert.slice(0, cert.indexOf('-----END') + 25)),
  ])
  const tls = { mode: 'files', keyFile, certFile }
  const certificates = await openCertificates(settingsOf(path.join(folder, 's'), tls), clock)
  expect({ pin: certificates.pin, caPem: certificates.caPem }).toEqual({ pin: undefined, caPem: undefined })
  expect(certificates.health()).toMatchObject({ state: 'degraded', remedy: expect.stringContaining('Append the root') }) // prettier-ignore
  // Behind a proxy, agents see the proxy's chain.
  const proxied = (change: object) =>
    openCertificates(
      settingsOf(path.join(folder, 's'), { mode: 'off', behindProxy: '192.0.2.1', ...change }),
      clock,
    )
  expect((await proxied({})).health()).toMatchObject({ state: 'degraded' })
  await writeFile(certFile, cert)
  const behind = await proxied({ certFile })
  expect({ pin: behind.pin, current: behind.current }).toEqual({ pin: company.pin, current: undefined })
  expect(behind.health()).toMatchObject({ state: 'ok' })
})

it('starts with an expired company certificate, and reports it in /health', async () => {
  const folder = await aFolder()
  const past = createFakeClock(Date.now() - 500 * DAY_MS)
  const company = await openAuthority({ folder: path.join(folder, 'company'), clock: past })
  const { key, cert } = await company.leaf(['hub.example'])
  const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
  await Promise.all([writeFile(keyFile, key), writeFile(certFile, cert)])
  await mkdir(path.join(folder, 'hub'))
  await using hub = await startHub({ settings: { tls: { mode: 'files', keyFile, certFile } } })
  await expect(hub.ask('/health', { ca: company.pem })).rejects.toThrow(/expired/)
  const answer = await hub.ask('/health', { insecure: true })
  expect(answer.status).toBe(503)
  expect(answer.text).toMatch(/"name":"certificate","state":"failed","reason":"the certificate ended on/)
  expect(hub.log.find(({ event }) => event === 'certificate.bad')).toMatchObject({ level: 'error' })
})

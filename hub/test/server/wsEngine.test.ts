import { connect as connectTls } from 'node:tls'
import { once } from 'node:events'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { expect, it, onTestFinished } from 'vitest'
import { wsEngine } from '../../src/server/wsEngine.ts'
import { openAuthority } from '../../src/tls/authority.ts'
import { serverContract } from '../../testing/serverContract.ts'

const start = wsEngine({ headersMs: 150, requestMs: 300, lookMs: 50, refusalMs: 150, stopMs: 150 })

serverContract('ws engine', start)

it('takes a renewed certificate for new connections while old ones stay', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hub-tls-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const clock = createFakeClock(Date.now())
  const authority = await openAuthority({ folder, clock })
  const first = await authority.leaf(['localhost'])
  const server = await start({
    host: '127.0.0.1',
    port: 0,
    tls: first,
    fetch: () => new Response('hello'),
    sockets: [],
  })
  onTestFinished(() => server.stop())
  const open = async (options = {}) => {
    const socket = connectTls({ port: server.port, servername: 'localhost', ca: authority.pem, ...options })
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined) // looked at through once()
    await once(socket, 'secureConnect')
    return socket
  }
  const old = await open()
  const second = await authority.leaf(['localhost', 'hub.example'])
  server.replaceCertificate(second)
  const fresh = await open()
  expect(fresh.getPeerX509Certificate()?.serialNumber).toBe(new X509Certificate(second.cert).serialNumber)
  expect(fresh.getPeerX509Certificate()?.serialNumber).not.toBe(old.getPeerX509Certificate()?.serialNumber)
  expect(old.destroyed).toBe(false)
  await expect(open({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' })).rejects.toThrow(/version|protocol/i)
})

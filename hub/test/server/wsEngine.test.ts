import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { serverTuning, type ServerTuning } from '../../src/server/tuning.ts'
import { wsEngine } from '../../src/server/wsEngine.ts'
import { openAuthority } from '../../src/tls/authority.ts'
import { serverContract } from '../../testing/serverContract.ts'

const tuning: ServerTuning = {
  ...serverTuning,
  headersMs: 150,
  requestMs: 300,
  checkMs: 50,
  refusalMs: 150,
  stopMs: 150,
}
const start = wsEngine(tuning)

serverContract('ws engine', start)

it('serves a renewed certificate to new connections while old ones stay open', async () => {
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
    socket.on('error', () => undefined) // awaited by once()
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

it('keeps the order of text and audio, although audio is sent in batches, and loses none at a close', async () => {
  const server = await wsEngine({ ...tuning, gatherMs: 60_000 })({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    fetch: () => new Response('hello'),
    sockets: [
      {
        path: '/sound',
        maxPayloadBytes: 1_000,
        maxBufferedBytes: 1_000_000,
        authorize: async () => ({
          ok: true,
          context(socket) {
            for (const data of ['a', Buffer.from('b'), 'c', Buffer.from('d'), Buffer.from('e')])
              socket.send(data)
            return { message: () => socket.close(1000, 'enough'), close: () => undefined }
          },
        }),
      },
    ],
  })
  onTestFinished(() => server.stop())
  const client = new WebSocket(`ws://127.0.0.1:${String(server.port)}/sound`)
  const received: string[] = []
  client.on('message', (data: Buffer) => received.push(data.toString('utf8')))
  await once(client, 'message')
  expect(received).toEqual(['a'])
  client.send('enough')
  await once(client, 'close')
  expect(received).toEqual(['a', 'b', 'c', 'd', 'e'])
})

it('answers only "stopping" while it stops, also over a connection that a browser kept in reserve', async () => {
  const asked: string[] = []
  const server = await wsEngine({ ...tuning, headersMs: 60_000, requestMs: 60_000, stopMs: 60_000 })({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    fetch(request) {
      asked.push(new URL(request.url).pathname)
      return new Response('hello')
    },
    sockets: [],
  })
  onTestFinished(() => server.stop())
  expect(await (await fetch(`http://127.0.0.1:${server.port}/before`)).text()).toBe('hello')
  const reserve = connect(server.port, '127.0.0.1')
  onTestFinished(() => void reserve.destroy())
  await once(reserve, 'connect')
  await (await fetch(`http://127.0.0.1:${server.port}/taken`)).text() // by now the server has accepted the reserve, too
  const stopped = server.stop()
  reserve.write('GET /health HTTP/1.1\r\nhost: hub\r\n\r\n')
  const answer = await text(reserve) // to its end: the connection is not kept
  expect(answer).toMatch(/^HTTP\/1\.1 503 /)
  expect(answer).toContain('"error":"stopping"')
  await stopped // at once, not after the time limit of sockets
  expect(asked).toEqual(['/before', '/taken'])
})

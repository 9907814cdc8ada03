import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { untilTrue } from '../../testing/pbxWorld.ts'
import { Refused, askHttp, openRawLink, type RawLinkOptions } from '../../testing/rawClient.ts'
import { connectionLimits } from '../../src/server/connectionLimits.ts'
import { isOwnOrigin } from '../../src/server/origin.ts'
import type { HubServer, ServerOptions, ServerSocket, SocketRoute } from '../../src/server/serverPort.ts'
import { serverTuning, type ServerTuning } from '../../src/server/tuning.ts'
import { wsEngine } from '../../src/server/wsEngine.ts'
import { openAuthority } from '../../src/tls/authority.ts'

const KIB = 1_024
const tuning: ServerTuning = { ...serverTuning, closeMs: 300, stopMs: 150 }
const limits = { total: 40, unproven: 12, unprovenOfAddress: 8 }

interface Room extends HubServer {
  readonly url: string
  /** Sockets that said hello, and the messages of all. */
  readonly admitted: ServerSocket[]
  readonly messages: (string | Uint8Array)[]
  readonly closes: number[]
}

/** A server whose sockets are admitted by the message "hello", as a link is. */
async function aServer(
  change: Partial<ServerOptions> = {},
  timing: Partial<ServerTuning> = {},
): Promise<Room> {
  const admitted: ServerSocket[] = []
  const messages: (string | Uint8Array)[] = []
  const closes: number[] = []
  const route: SocketRoute = {
    path: '/link/test',
    maxPayloadBytes: 256 * KIB,
    maxBufferedBytes: 256 * KIB,
    authorize: async ({ query }) => ({
      ok: true,
      client: { role: 'agent', id: query.get('id') ?? 'one', name: 'Eve' },
      context: (socket) => ({
        message(data) {
          messages.push(data)
          if (data !== 'hello') return
          if (!socket.admit()) return socket.close(4429, 'tooMany')
          admitted.push(socket)
          socket.send('{"kind":"welcome"}')
        },
        close: (code) => closes.push(code),
      }),
    }),
  }
  const server = await wsEngine({ ...tuning, ...timing })({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    fetch: () => new Response('hello'),
    sockets: [route],
    ...change,
  })
  onTestFinished(() => server.stop())
  return { ...server, url: `http://127.0.0.1:${server.port}`, admitted, messages, closes }
}

const open = async (room: Room, id: string, options: RawLinkOptions = {}) => {
  const link = await openRawLink(`${room.url}/link/test?id=${id}`, options)
  onTestFinished(() => link.socket.terminate())
  return link
}
const linkOf = async (room: Room, id: string) => {
  const link = await open(room, id)
  link.send('hello')
  await link.next('welcome')
  return link
}
/** A connection that says nothing by itself. */
const bare = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined) // a reset ends the socket, too
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

it('serves pipelined requests one at a time, in order, and cuts a connection that sends more than a few at once', async () => {
  let running = 0
  let most = 0
  let served = 0
  const room = await aServer({
    async fetch(request) {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      served += 1
      return new Response(`${new URL(request.url).pathname};`)
    },
  })
  const orderly = await bare(room.port)
  const chunks: string[] = []
  orderly.on('data', (chunk: Buffer) => chunks.push(chunk.toString('latin1')))
  orderly.write([1, 2, 3, 4, 5].map((n) => `GET /${n} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''))
  await untilTrue('all five are answered', () => chunks.join('').includes('/5;'))
  expect(chunks.join('').match(/\/\d;/g)).toEqual(['/1;', '/2;', '/3;', '/4;', '/5;'])
  expect(most).toBe(1)
  served = 0
  const flood = await bare(room.port)
  flood.write(GET.repeat(1_500))
  flood.resume()
  await once(flood, 'close')
  expect(served).toBeLessThanOrEqual(serverTuning.maxPipelined + 1)
  expect((await askHttp(room.url)).status).toBe(200)
})

it('[L15] displaces the idlest connections without a proof, of the address that has most, and never an admitted link', async () => {
  const room = await aServer({ limits })
  const links = [await linkOf(room, 'one'), await linkOf(room, 'two')]
  const silent: Socket[] = []
  for (let n = 0; n < 30; n += 1) silent.push(await bare(room.port))
  await untilTrue('the oldest are closed', () => silent.slice(0, 22).every(({ destroyed, readableEnded }) => destroyed || readableEnded)) // prettier-ignore
  expect(room.figures().connections).toMatchObject({
    unproven: limits.unprovenOfAddress,
    droppedOf: '127.0.0.1',
  })
  expect(room.figures().connections.dropped).toBeGreaterThanOrEqual(22)
  // A newcomer with something to say is served although strangers hold all they may.
  expect((await askHttp(room.url)).text).toBe('hello')
  links.push(await linkOf(room, 'three'))
  for (const link of links) expect(link.socket.readyState).toBe(link.socket.OPEN)
})

it('limits the links of all clients together, and refuses one more with tooMany', async () => {
  const room = await aServer({ limits: { total: 14, unproven: 12, unprovenOfAddress: 12 } })
  await linkOf(room, 'one')
  await linkOf(room, 'two')
  const third = await open(room, 'three')
  third.send('hello')
  expect(await third.closed).toEqual({ code: 4429, reason: 'tooMany' })
})

it('[L15] cuts a socket that sends more than a hello before its hello, in one message or in many, and stores none of it', async () => {
  const room = await aServer()
  const one = await open(room, 'one')
  one.send('x'.repeat(16 * KIB))
  expect((await one.closed).code).toBe(1006)
  const two = await open(room, 'two')
  for (let n = 0; n < 20; n += 1) two.socket.send('x'.repeat(KIB), { fin: false })
  expect((await two.closed).code).toBe(1006)
  const three = await linkOf(room, 'three')
  three.send('x'.repeat(200 * KIB))
  await untilTrue('the large message of a link arrives', () => room.messages.some(({ length }) => length === 200 * KIB)) // prettier-ignore
})

it('[L15] ends the oldest socket of a client that has several without a hello, and refuses a client’s fifth link', async () => {
  const room = await aServer()
  const waiting = []
  for (let n = 0; n <= serverTuning.maxGreetingsOfClient; n += 1) waiting.push(await open(room, 'one'))
  expect((await waiting[0]!.closed).code).toBe(1006)
  await linkOf(room, 'other') // whose own limit it is not
  for (const link of waiting.slice(1)) link.send('hello')
  await Promise.all(waiting.slice(1).map((link) => link.next('welcome')))
  const fifth = await open(room, 'one')
  fifth.send('hello')
  expect(await fifth.closed).toEqual({ code: 4429, reason: 'tooMany' })
  waiting[1]!.close()
  await waiting[1]!.closed
  await untilTrue('its place is free', () => room.closes.includes(1005))
  await linkOf(room, 'one')
})

it('[L15] ends the oldest socket without a hello of an address that a proxy forwards, and of no other one', async () => {
  const room = await aServer({ proxy: '127.0.0.1' }, { maxGreetingsOfAddress: 3 })
  const from = (address: string, id: string) =>
    open(room, id, { headers: { 'x-forwarded-for': `10.9.9.9, ${address}` } })
  const other = await from('10.0.0.2', 'other')
  const waiting = []
  for (const id of ['one', 'two', 'three', 'four']) waiting.push(await from('10.0.0.1', id))
  expect((await waiting[0]!.closed).code).toBe(1006)
  for (const link of [other, ...waiting.slice(1)]) link.send('hello')
  await Promise.all([other, ...waiting.slice(1)].map((link) => link.next('welcome')))
})

it('[L15] closes a message of many fragments or pieces, and keeps none of them', async () => {
  const room = await aServer()
  const fragments = await linkOf(room, 'one')
  for (let n = 0; n < 100; n += 1) fragments.socket.send('x', { fin: false })
  expect((await fragments.closed).code).toBe(1008)
  const pieces = await aServer({}, { maxBufferedChunks: 8 })
  const link = await linkOf(pieces, 'one')
  const raw = (link.socket as unknown as { _socket: Socket })._socket
  raw.setNoDelay(true)
  raw.write(Buffer.of(0x81, 0xfe, 0x10, 0, 1, 2, 3, 4)) // a text frame of 4 KiB
  while (link.socket.readyState === link.socket.OPEN) {
    raw.write('x')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  expect((await link.closed).code).toBe(1008)
})

it('[L15] reads no more of a socket that it has closed, delivers the close code, and cuts it soon', async () => {
  const room = await aServer()
  const link = await linkOf(room, 'one')
  const peer = room.admitted[0]!
  const before = room.messages.length
  // The peer floods and never answers the close.
  const raw = (link.socket as unknown as { _socket: Socket })._socket
  raw.pause()
  const frame = Buffer.concat([Buffer.of(0x82, 0xfe, 0x40, 0, 0, 0, 0, 0), Buffer.alloc(16 * KIB)])
  peer.close(4429, 'tooMany')
  const closed = untilTrue('the hub ends the socket', () => room.closes.length > 0)
  let sent = 0
  const flood = () => {
    if (room.closes.length > 0) return
    while (sent < 64 * KIB * KIB && raw.write(frame)) sent += frame.length
    setImmediate(flood)
  }
  flood()
  await closed
  expect((room.messages.length - before) * 16 * KIB).toBeLessThanOrEqual(8 * serverTuning.maxBytesAfterClose)
  raw.resume()
})

it('ends a TLS handshake that does not go on, offers no CBC cipher, and goes on with those that do', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hub-tls-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const authority = await openAuthority({ folder, clock: createFakeClock(Date.now()) })
  const tls = await authority.leaf(['localhost'])
  const room = await aServer({ tls, limits }, { handshakeMs: 200 })
  const ask = () => askHttp(`https://localhost:${room.port}/`, { ca: authority.pem })
  const halfOpen: Socket[] = []
  for (let n = 0; n < 20; n += 1) halfOpen.push(await bare(room.port))
  expect((await ask()).text).toBe('hello') // while all of them are open
  for (const socket of halfOpen) {
    socket.resume()
    if (!socket.destroyed) await once(socket, 'close')
  }
  const handshake = async (options: object) => {
    const socket = connectTls({ port: room.port, servername: 'localhost', ca: authority.pem, ...options })
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined) // awaited by once()
    await once(socket, 'secureConnect')
    return socket.getCipher().name
  }
  const old = { maxVersion: 'TLSv1.2' }
  for (const ciphers of ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA384'])
    await expect(handshake({ ...old, ciphers })).rejects.toThrow(/handshake failure/)
  expect(await handshake(old)).toMatch(/GCM|CHACHA20/)
  room.replaceCertificate(await authority.leaf(['localhost']))
  await expect(handshake({ ...old, ciphers: 'ECDHE-ECDSA-AES128-SHA' })).rejects.toThrow(/handshake failure/)
})

it('[L14] refuses a socket that a page of another address opens with the hub’s cookie, and asks no Origin of a token', async () => {
  const room = await aServer({ publicUrl: 'https://hub.example.org' })
  const refusal = async (headers: Record<string, string>) => {
    const outcome = await open(room, 'one', { headers }).catch((error: unknown) => error)
    return outcome instanceof Refused ? outcome.body.error : 'opened'
  }
  const cookie = '__Host-wallboard=token'
  expect(await refusal({ cookie, origin: 'https://evil.example' })).toBe('other-origin')
  expect(await refusal({ cookie, origin: 'https://hub.example.org.evil.example' })).toBe('other-origin')
  expect(await refusal({ cookie, origin: 'https://hub.example.org:8443' })).toBe('other-origin')
  expect(await refusal({ cookie, origin: 'null' })).toBe('other-origin')
  expect(await refusal({ cookie })).toBe('other-origin')
  expect(await refusal({ cookie, origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' })).toBe(
    'other-origin',
  )
  expect(await refusal({ cookie, origin: 'https://hub.example.org' })).toBe('opened')
  expect(await refusal({ cookie, origin: room.url })).toBe('opened') // by the host it reached
  expect(await refusal({ authorization: 'Bearer token' })).toBe('opened')
})

it('[L14] knows its own pages behind a reverse proxy, by the host that the proxy kept or forwarded, and by that proxy only', () => {
  const reached = {
    host: '127.0.0.1:3000',
    forwardedHost: 'hub.example.org',
    tls: false,
    publicUrl: undefined,
  }
  expect(isOwnOrigin('https://hub.example.org', reached)).toBe(true)
  expect(
    isOwnOrigin('https://hub.example.org:443', { ...reached, forwardedHost: 'hub.example.org:443' }),
  ).toBe(true)
  expect(isOwnOrigin('https://other.example.org', reached)).toBe(false)
  expect(isOwnOrigin('http://hub.example.org', { ...reached, tls: true })).toBe(false)
  expect(isOwnOrigin('file://', reached)).toBe(false)
  expect(isOwnOrigin('not an origin', reached)).toBe(false)
})

it('names the client that sends most, by its share of the work', async () => {
  const room = await aServer()
  const loud = await linkOf(room, 'loud')
  const quiet = await linkOf(room, 'quiet')
  for (let n = 0; n < 200; n += 1) loud.send('x'.repeat(KIB))
  quiet.send('y')
  await untilTrue('all have arrived', () => room.messages.length >= 203)
  const busiest = room.figures().busiest!
  expect(busiest.client).toEqual({ role: 'agent', id: 'loud', name: 'Eve' })
  expect(busiest.share).toBeGreaterThan(0.9)
})

it('leaves files, database and links their share of the handles, however few there are', () => {
  for (const handles of [64, 256, 1_024, 65_536, undefined]) {
    const { total, unproven, unprovenOfAddress } = connectionLimits(handles)
    expect(total).toBeLessThanOrEqual(((handles ?? 65_536) * 5) / 8)
    expect(unproven).toBeLessThan(total / 3)
    expect(unprovenOfAddress).toBeGreaterThan(3)
  }
})

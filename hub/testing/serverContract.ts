import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Refused, askHttp, openRawLink, type RawLink } from './rawClient.ts'
import type {
  Authorized,
  HubServer,
  ServerOptions,
  ServerSocket,
  SocketHandlers,
  SocketRequest,
  SocketRoute,
  StartServer,
} from '../src/server/serverPort.ts'

type Open = (socket: ServerSocket) => SocketHandlers

const KIB = 1_024
const nothing: SocketHandlers = { message: () => undefined, close: () => undefined }

/** Registers the tests that every engine of the server port must pass, from the network's side. `start` uses short durations. */
export function serverContract(name: string, start: StartServer): void {
  const aRoute = (open: Open, change: Partial<SocketRoute> = {}): SocketRoute => ({
    path: '/link/test',
    maxPayloadBytes: 64 * KIB,
    maxBufferedBytes: 256 * KIB,
    authorize: () =>
      Promise.resolve({
        ok: true,
        context(socket) {
          socket.admit()
          return open(socket)
        },
      }),
    ...change,
  })
  const aServer = async (options: Partial<ServerOptions> = {}): Promise<HubServer & { url: string }> => {
    const server = await start({
      host: '127.0.0.1',
      port: 0,
      tls: undefined,
      fetch: () => new Response('hello'),
      sockets: [],
      ...options,
    })
    onTestFinished(() => server.stop())
    return { ...server, url: `http://127.0.0.1:${server.port}` }
  }
  const open = async (url: string, change: Parameters<typeof openRawLink>[1] = {}): Promise<RawLink> => {
    const link = await openRawLink(`${url}/link/test`, change)
    onTestFinished(() => link.socket.terminate())
    return link
  }
  /** Writes the bytes unchanged; resolves with the whole answer once the server ends the connection. */
  const writeRaw = (port: number, text: string): Promise<string> => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    return endOf(socket, text)
  }

  describe(`${name}: HTTP`, () => {
    it('passes method, address, headers, body and peer to the app, and sends its status, headers and body back', async () => {
      const server = await aServer({
        fetch: async (request, { remoteAddress }) => {
          const reported = {
            method: request.method,
            path: new URL(request.url).pathname,
            from: remoteAddress,
          }
          return Response.json(
            { ...reported, body: await request.text(), head: request.headers.get('x-test') },
            { status: 201, headers: { 'x-answer': 'yes' } },
          )
        },
      })
      const answer = await askHttp(`${server.url}/a/b?c=d`, { body: 'é€', headers: { 'x-test': '1' } })
      expect(answer.status).toBe(201)
      expect(answer.headers['x-answer']).toBe('yes')
      expect(answer.json()).toEqual({
        method: 'POST',
        path: '/a/b',
        from: '127.0.0.1',
        body: 'é€',
        head: '1',
      })
    })

    it('answers a HEAD request without a body', async () => {
      const server = await aServer()
      expect(await askHttp(server.url, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
    })

    it('answers invalid requests with 4xx, and serves the next one', async () => {
      const server = await aServer({ sockets: [aRoute(() => nothing)] })
      for (const broken of [
        'GARBAGE\r\n\r\n',
        'GET / HTTP/9.9\r\n\r\n',
        `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(64 * KIB)}\r\n\r\n`,
        'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
      ])
        expect(await writeRaw(server.port, broken)).toMatch(/^HTTP\/1\.1 4\d\d/)
      for (const address of ['//', '//[', 'http://[', '\\\\', '/%'])
        expect(await writeRaw(server.port, upgradeOf(address))).toMatch(/^HTTP\/1\.1 4\d\d/)
      expect((await askHttp(server.url)).text).toBe('hello')
    })

    it('serves the next request after a peer that leaves in the middle of one', async () => {
      const server = await aServer({ fetch: async (request) => new Response(await request.text()) })
      const socket = connect(server.port, '127.0.0.1')
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
      await once(socket, 'connect')
      socket.resetAndDestroy()
      expect((await askHttp(server.url, { body: 'whole' })).text).toBe('whole')
    })

    it('believes X-Forwarded-For only from its proxy', async () => {
      const fetch: ServerOptions['fetch'] = (_, { remoteAddress }) => new Response(remoteAddress)
      const headers = { 'x-forwarded-for': '198.51.100.9, 192.0.2.44' }
      const behind = await aServer({ fetch, proxy: '127.0.0.1' })
      expect((await askHttp(behind.url, { headers })).text).toBe('192.0.2.44')
      const alone = await aServer({ fetch })
      expect((await askHttp(alone.url, { headers })).text).toBe('127.0.0.1')
    })

    it('ends a connection without a request', async () => {
      const server = await aServer()
      const socket = connect(server.port, '127.0.0.1')
      await endOf(socket, '')
    })

    it('rejects a start on a port in use, naming the port and the setting', async () => {
      const first = await aServer()
      const second = aServer({ port: first.port })
      await expect(second).rejects.toThrow(
        new RegExp(`Port ${first.port} on 127\\.0\\.0\\.1 is in use .*listen\\.port`),
      )
    })

    it('rejects a start on an address of another machine, naming the setting', async () => {
      await expect(aServer({ host: '203.0.113.7' })).rejects.toThrow(/203\.0\.113\.7 .*listen\.host/)
    })
  })

  describe(`${name}: upgrade`, () => {
    it('passes headers, query and peer of an upgrade to its route', async () => {
      const asked: SocketRequest[] = []
      const route = aRoute(() => nothing, {
        authorize: async (request) => {
          asked.push(request)
          return { ok: true, context: () => nothing }
        },
      })
      const server = await aServer({ sockets: [route] })
      await openRawLink(`${server.url}/link/test?a=1`, { token: 'secret' })
      expect(asked[0]?.headers.get('authorization')).toBe('Bearer secret')
      expect(asked[0]?.query.get('a')).toBe('1')
      expect(asked[0]?.remoteAddress).toBe('127.0.0.1')
    })

    it('answers a refused upgrade, an unknown path and a failed check as HTTP, with cause', async () => {
      const refusal: Authorized<Open> = { ok: false, status: 401, error: 'bad-token', message: 'Enroll.' }
      const server = await aServer({
        sockets: [
          aRoute(() => nothing, { authorize: () => Promise.resolve(refusal) }),
          aRoute(() => nothing, { path: '/link/broken', authorize: () => Promise.reject(new Error('no')) }),
        ],
      })
      const refusedAt = async (at: string) => {
        const error = await openRawLink(`${server.url}${at}`).catch((caught: unknown) => caught)
        if (!(error instanceof Refused)) throw new Error(`not refused: ${String(error)}`)
        return { status: error.status, error: error.body.error }
      }
      expect(await refusedAt('/link/test')).toEqual({ status: 401, error: 'bad-token' })
      expect(await refusedAt('/link/other')).toEqual({ status: 404, error: 'not-found' })
      expect(await refusedAt('/link/broken')).toEqual({ status: 503, error: 'internal' })
    })

    it('cuts a refused peer that keeps its connection open', async () => {
      const server = await aServer()
      const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
      const ended = new Promise((resolve) => socket.on('close', resolve))
      socket.on('error', () => undefined) // a reset ends the socket, too
      socket.write(upgradeOf('/nothing'))
      await once(socket, 'data')
      // The peer keeps its half open and only writes: only a reset can end it.
      const writing = setInterval(() => socket.write('x'), 20)
      onTestFinished(() => clearInterval(writing))
      await ended
    })

    it('serves the next upgrade when a peer leaves before its answer', async () => {
      let answer: (value: Authorized<Open>) => void = () => undefined
      const asked = Promise.withResolvers<void>()
      const route = aRoute(() => nothing, {
        authorize: () =>
          new Promise((resolve) => {
            answer = resolve
            asked.resolve()
          }),
      })
      const server = await aServer({ sockets: [route, aRoute(() => nothing, { path: '/link/other' })] })
      const leaving = connect(server.port, '127.0.0.1')
      leaving.write(upgradeOf('/link/test'))
      await asked.promise
      leaving.resetAndDestroy()
      await once(leaving, 'close')
      answer({ ok: true, context: () => nothing })
      const link = await openRawLink(`${server.url}/link/other`)
      link.socket.terminate()
    })
  })

  describe(`${name}: sockets`, () => {
    it('carries text and bytes over a socket both ways, in order', async () => {
      const server = await aServer({
        sockets: [aRoute((socket) => ({ ...nothing, message: (data) => socket.send(data) }))],
      })
      const link = await open(server.url)
      for (let n = 0; n < 200; n += 1) link.send({ kind: 'text', n })
      link.send(Uint8Array.of(0, 255, 128))
      link.send({ kind: 'last' })
      await link.next('last')
      expect(link.received).toEqual([
        ...Array.from({ length: 200 }, (_, n) => ({ kind: 'text', n })),
        Buffer.of(0, 255, 128),
        { kind: 'last' },
      ])
    })

    it('[L9] closes 1009 for a message that is larger than allowed, and accepts the next socket', async () => {
      const ended = Promise.withResolvers<number>()
      const server = await aServer({
        sockets: [aRoute(() => ({ ...nothing, close: (code) => ended.resolve(code) }))],
      })
      const link = await open(server.url)
      link.send('x'.repeat(64 * KIB + 1))
      expect((await link.closed).code).toBe(1009)
      await ended.promise
      await open(server.url)
    })

    it('publishes to the sockets of a topic until they leave or unsubscribe', async () => {
      const members: ServerSocket[] = []
      const server = await aServer({
        sockets: [
          aRoute((socket) => {
            members.push(socket)
            return { ...nothing, message: () => socket.send('{"kind":"here"}') }
          }),
        ],
      })
      const [first, second, third] = [await open(server.url), await open(server.url), await open(server.url)]
      members[0]?.subscribe('wallboard')
      members[1]?.subscribe('wallboard')
      members[2]?.subscribe('other')
      server.publish('wallboard', '{"kind":"one"}')
      await Promise.all([first.next('one'), second.next('one')])
      members[1]?.unsubscribe('wallboard')
      first.socket.terminate()
      await first.closed
      server.publish('wallboard', '{"kind":"two"}')
      for (const link of [second, third]) {
        link.send('are you there')
        await link.next('here')
      }
      expect(second.received).toEqual([{ kind: 'one' }, { kind: 'here' }])
      expect(third.received).toEqual([{ kind: 'here' }])
    })

    it('reports the close code of each socket once, whichever side ended it', async () => {
      const ends: number[] = []
      let waiting = Promise.withResolvers<void>()
      let member: ServerSocket | undefined
      const server = await aServer({
        sockets: [
          aRoute((socket) => {
            member = socket
            return {
              ...nothing,
              close(code) {
                ends.push(code)
                waiting.resolve()
              },
            }
          }),
        ],
      })
      const afterEnd = async (end: (link: RawLink) => void) => {
        waiting = Promise.withResolvers<void>()
        const link = await open(server.url)
        end(link)
        await Promise.all([waiting.promise, link.closed])
        return link.closed
      }
      await afterEnd((link) => link.socket.close(4000, 'enough'))
      await afterEnd((link) => link.socket.terminate())
      expect(await afterEnd(() => member?.close(4401, 'badToken'))).toEqual({
        code: 4401,
        reason: 'badToken',
      })
      expect(ends).toEqual([4000, 1006, 4401])
    })

    it('[L9] cuts a receiver that does not read, and buffers no more for it than allowed', async () => {
      const ends = [Promise.withResolvers<number>(), Promise.withResolvers<number>()]
      const members: ServerSocket[] = []
      const server = await aServer({
        sockets: [
          aRoute((socket) => {
            const end = ends[members.length]
            members.push(socket)
            socket.subscribe('wallboard')
            return { ...nothing, close: (code) => end?.resolve(code) }
          }),
        ],
      })
      const stalled = await open(server.url)
      stalled.socket.pause()
      const text = JSON.stringify({ kind: 'big', filler: 'x'.repeat(32 * KIB) })
      let most = 0
      const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
      let endedWith = 0
      void ends[0]?.promise.then((code) => (endedWith = code))
      for (let n = 0; n < 2_000 && endedWith === 0; n += 1) {
        server.publish('wallboard', text)
        most = Math.max(most, members[0]?.bufferedBytes() ?? 0)
        await turn()
      }
      expect(await ends[0]?.promise).toBe(4413)
      expect(most).toBeGreaterThan(0)
      expect(most).toBeLessThan(256 * KIB + 2 * text.length)

      const other = await open(server.url)
      other.socket.pause()
      endedWith = 0
      void ends[1]?.promise.then((code) => (endedWith = code))
      for (let n = 0; n < 2_000 && endedWith === 0; n += 1) {
        members[1]?.send(text)
        await turn()
      }
      expect(await ends[1]?.promise).toBe(4413)
    })

    it('reports when the buffer of a slow receiver has drained', async () => {
      const drained = Promise.withResolvers<void>()
      let member: ServerSocket | undefined
      const server = await aServer({
        sockets: [
          aRoute(
            (socket) => {
              member = socket
              return { ...nothing, drain: () => drained.resolve() }
            },
            { maxBufferedBytes: 64 * KIB * KIB },
          ),
        ],
      })
      const link = await open(server.url)
      link.socket.pause()
      for (let n = 0; n < 400; n += 1) member?.send('x'.repeat(32 * KIB))
      expect(member?.bufferedBytes()).toBeGreaterThan(0)
      link.socket.resume()
      link.socket.removeAllListeners('message')
      await drained.promise
      expect(member?.bufferedBytes()).toBe(0)
    })
  })

  describe(`${name}: stop`, () => {
    it('closes every socket with 1001 at a stop, completes running requests, and accepts no new ones', async () => {
      const answer = Promise.withResolvers<Response>()
      const begun = Promise.withResolvers<void>()
      const server = await aServer({
        fetch: () => (begun.resolve(), answer.promise),
        sockets: [aRoute(() => nothing)],
      })
      const links = [await open(server.url), await open(server.url)]
      const running = askHttp(server.url)
      await begun.promise
      const stopped = server.stop()
      for (const link of links) expect((await link.closed).code).toBe(1001)
      await expect(askHttp(server.url)).rejects.toThrow(/ECONNREFUSED/)
      answer.resolve(new Response('whole'))
      expect((await running).text).toBe('whole')
      await stopped
      await server.stop()
    })

    it('ends sockets that do not answer, and upgrades being checked, at a stop', async () => {
      const asked = Promise.withResolvers<void>()
      const never = new Promise<Authorized<Open>>(() => undefined)
      const server = await aServer({
        sockets: [
          aRoute(() => nothing),
          aRoute(() => nothing, { path: '/link/slow', authorize: () => (asked.resolve(), never) }),
        ],
      })
      const stalled = await open(server.url)
      stalled.socket.pause()
      const waiting = openRawLink(`${server.url}/link/slow`).catch((error: unknown) => error)
      await asked.promise
      await server.stop()
      expect(await waiting).toBeInstanceOf(Error)
    })
  })
}

function upgradeOf(address: string): string {
  return `GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGVzdGtleTEyMzQ1Njc4OQ==\r\n\r\n`
}

function endOf(socket: Socket, text: string): Promise<string> {
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', () => undefined) // a reset ends the socket, too
    const done = () => {
      socket.destroy()
      resolve(Buffer.concat(chunks).toString('latin1'))
    }
    socket.on('end', done)
    socket.on('close', done)
    if (text) socket.write(text)
  })
}

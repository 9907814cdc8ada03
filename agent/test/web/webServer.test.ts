import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { createServer, request, type IncomingHttpHeaders } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { silentLogger } from '../../src/main/process/log.ts'
import { playSamples } from '../../src/main/history/wav.ts'
import { askHubHealth } from '../../src/main/web/hubHealth.ts'
import { startWebServer } from '../../src/main/web/webServer.ts'
import { aDesk, CALL_ID, someLines } from '../../testing/desk/deskBuilders.ts'
import { createFakeDesk } from '../../testing/desk/fakeDesk.ts'
import { aFolder } from '../../testing/sounds.ts'

const TOKEN = randomBytes(12).toString('base64url')

async function aServer() {
  const folder = await aFolder()
  await mkdir(path.join(folder.path, 'assets'))
  await folder.file('index.html', '<!doctype html><h1>window</h1>')
  await folder.file('assets/app.js', 'void 0')
  await folder.file('../outside.txt', 'outside').catch(() => undefined)
  const desk = createFakeDesk({ desk: aDesk() })
  const server = await startWebServer({
    desk,
    page: folder.path,
    port: 0,
    token: TOKEN,
    openRecording: async (id) => (id === 'recording-0001' ? playSamples(new Int16Array(8)) : undefined),
    soundTest: () => undefined,
    log: silentLogger,
  })
  const host = `127.0.0.1:${server.port}`
  const cookie = `desk-${server.port}=${TOKEN}`
  const get = (target: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
      const asking = request(
        { host: '127.0.0.1', port: server.port, path: target, method, headers: { cookie, ...headers } },
        (answer) => {
          let text = ''
          answer.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
        },
      )
      asking.on('error', reject)
      asking.end()
    })
  const open = (headers: Record<string, string> = {}, target = '/desk') => {
    const socket = new WebSocket(`ws://${host}${target}`, {
      headers: { cookie, origin: `http://${host}`, ...headers },
    })
    const messages: Record<string, unknown>[] = []
    const waits = new Set<() => void>()
    socket.on('message', (data: Buffer) => {
      messages.push(JSON.parse(data.toString('utf8')) as Record<string, unknown>)
      waits.forEach((poll) => poll())
    })
    socket.on('error', () => undefined)
    const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)))
    const opened = new Promise<boolean>((resolve) => {
      socket.on('open', () => resolve(true))
      socket.on('close', () => resolve(false))
    })
    const answerTo = (id: number) =>
      new Promise<Record<string, unknown>>((resolve) => {
        const poll = () => {
          const found = messages.find((each) => each['id'] === id)
          if (!found) return
          waits.delete(poll)
          resolve(found)
        }
        waits.add(poll)
        poll()
      })
    return { socket, opened, closed, answerTo, messages }
  }
  return {
    server,
    host,
    cookie,
    get,
    open,
    desk,
    async [Symbol.asyncDispose]() {
      await server.stop()
      await folder[Symbol.asyncDispose]()
    },
  }
}

describe('the page’s server', () => {
  it('turns the token of the link into a cookie that no script can read, and removes it from the address', async () => {
    await using web = await aServer()
    const link = new URL(web.server.link)
    const answer = await web.get(`${link.pathname}${link.search}`, { cookie: '' })
    expect([answer.status, answer.headers.location]).toEqual([303, '/'])
    expect(answer.headers['set-cookie']?.[0]).toBe(`${web.cookie}; HttpOnly; SameSite=Strict; Path=/`)
    expect((await web.get('/')).text).toContain('window')
  })

  it('refuses a request without the token, with a wrong one, and under another host name', async () => {
    await using web = await aServer()
    const status = async (...of: Parameters<typeof web.get>) => (await web.get(...of)).status
    expect(await status('/', { cookie: '' })).toBe(401)
    expect(await status('/?token=wrong', { cookie: '' })).toBe(401)
    expect(await status('/', { host: 'evil.example' })).toBe(403)
    expect(await status(`/?token=${TOKEN}`, { host: 'evil.example' })).toBe(403)
    expect(await status('/', { origin: 'https://evil.example' })).toBe(403)
    expect(await status('/audio/recording-0001.wav', { cookie: '' })).toBe(401)
    expect(await status('/', {}, 'POST')).toBe(405)
  })

  it('sends a content policy with every answer: nothing inline, nothing from elsewhere, no frame', async () => {
    await using web = await aServer()
    for (const target of ['/', '/none', '/?token=x']) {
      const policy = (await web.get(target)).headers['content-security-policy']
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe')
    }
  })

  it.each([
    '/../outside.txt',
    '/%2e%2e/outside.txt',
    '/..%2foutside.txt',
    '/%5c..%5coutside.txt',
    '/assets/',
    '/%00',
    '/%E0%A4%A',
  ])('serves nothing but its own files: %s', async (target) => {
    await using web = await aServer()
    const answer = await web.get(target).catch(() => ({ status: 0, text: '' }))
    expect(answer.text).not.toContain('outside')
    expect(answer.status === 200).toBe(false)
    expect((await web.get('/assets/app.js')).status).toBe(200)
  })

  it('serves a recording of this disk in ranges, and no other file', async () => {
    await using web = await aServer()
    const part = await web.get('/audio/recording-0001.wav', { range: 'bytes=0-3' })
    expect([part.status, part.text]).toEqual([206, 'RIFF'])
    expect((await web.get('/audio/recording-0002.wav')).status).toBe(404)
    expect((await web.get('/audio/..%2f..%2fetc%2fpasswd.wav')).status).toBe(404)
    expect((await web.get('/audio/test.wav')).status).toBe(404)
  })

  it('explains a start that fails because the port is in use', async () => {
    await using web = await aServer()
    const again = startWebServer({
      desk: web.desk,
      page: '.',
      port: web.server.port,
      token: TOKEN,
      openRecording: async () => undefined,
      soundTest: () => undefined,
      log: silentLogger,
    })
    await expect(again).rejects.toThrow(/--port/)
  })
})

describe('the page’s socket', () => {
  it('sends the whole desk at once, and answers calls by their number', async () => {
    await using web = await aServer()
    const page = web.open()
    await page.opened
    page.socket.send(JSON.stringify({ id: 7, name: 'dismissUserError', input: { id: 1 } }))
    expect(await page.answerTo(7)).toEqual({ id: 7, ok: true, value: {} })
    expect(page.messages[0]).toMatchObject({ kind: 'snapshot' })
    page.socket.send(JSON.stringify({ id: 8, name: 'dismissUserError', input: { id: 'x' } }))
    expect(await page.answerTo(8)).toMatchObject({ ok: false, error: 'broken-argument' })
    page.socket.send(JSON.stringify({ id: 9, name: 'format', input: {} }))
    expect(await page.answerTo(9)).toMatchObject({ ok: false, error: 'broken-argument' })
  })

  it.each([
    ['no cookie', { cookie: '' }, '/desk'],
    ['another origin', { origin: 'https://evil.example' }, '/desk'],
    ['another name', { host: 'evil.example' }, '/desk'],
    ['another path', {}, '/other'],
  ])('does not open with %s', async (_, headers, target) => {
    await using web = await aServer()
    expect(await web.open(headers, target).opened).toBe(false)
    expect(web.desk.asked).toEqual([])
  })

  it.each([
    ['broken JSON', '{"id":'],
    ['no call', '[]'],
    ['a number that is none', '{"id":-1,"name":"diagnose","input":{}}'],
    ['a name of a kilometre', JSON.stringify({ id: 1, name: 'x'.repeat(1_000), input: {} })],
    ['bytes', Buffer.from([1, 2, 3])],
  ])('closes on %s, and the next page is served as before', async (_, message) => {
    await using web = await aServer()
    const page = web.open()
    await page.opened
    page.socket.send(message)
    expect(await page.closed).toBe(4_422)
    const next = web.open()
    expect(await next.opened).toBe(true)
  })

  it('closes a socket that sends a message larger than any call', async () => {
    await using web = await aServer()
    const page = web.open()
    await page.opened
    page.socket.send(JSON.stringify({ id: 1, name: 'searchCalls', input: 'x'.repeat(300_000) }))
    expect(await page.closed).toBe(1_009)
  })

  it('disconnects a page that does not read, instead of buffering without limit', async () => {
    await using web = await aServer()
    const page = web.open()
    await page.opened
    page.socket.pause()
    const text = 'x'.repeat(4_000)
    const lines = Array.from({ length: 3_000 }, (_, at) => ({ ...someLines[0]!, id: `line-${at}`, text }))
    for (let times = 0; times < 4; times++) web.desk.show({ desk: aDesk({ shown: CALL_ID }), lines })
    page.socket.resume()
    expect(await page.closed).toBe(1_006)
    expect(await web.open().opened).toBe(true)
  })

  it('accepts pages up to its limit and refuses the next', async () => {
    await using web = await aServer()
    const pages = Array.from({ length: 9 }, () => web.open())
    await Promise.all(pages.map(({ opened }) => opened))
    expect(await Promise.race(pages.map(({ closed }) => closed))).toBe(4_429)
  })

  it('survives a peer that speaks no HTTP and a peer that vanishes', async () => {
    await using web = await aServer()
    await new Promise<void>((resolve) => {
      const raw = connect(web.server.port, '127.0.0.1', () => raw.end('GARBAGE\r\n\r\n'))
      raw.on('close', () => resolve())
      raw.on('error', () => undefined)
      raw.resume()
    })
    const page = web.open()
    await page.opened
    page.socket.terminate()
    expect((await web.get('/')).status).toBe(200)
  })
})

describe('the health of the hub', () => {
  async function aHub(answer: string, status = 200) {
    const server = createServer((_, response) => response.writeHead(status).end(answer))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return {
      url: `http://127.0.0.1:${port}`,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections()
        await new Promise<void>((resolve) => server.close(() => resolve()))
      },
    }
  }

  it('returns the hub’s parts, also of a hub that is not ready', async () => {
    await using hub = await aHub(
      '{"version":"1","parts":[{"name":"disk","state":"failed","reason":"full"}]}',
      503,
    )
    expect((await askHubHealth(hub.url, undefined)).parts[0]).toMatchObject({ name: 'disk', state: 'failed' })
  })

  it.each([
    ['<html>', 'does not come from a hub'],
    ['{}', 'does not come from a hub'],
    ['x'.repeat(70_000), 'too long'],
  ])('fails in words on anything else', async (text, why) => {
    await using hub = await aHub(text)
    await expect(askHubHealth(hub.url, undefined)).rejects.toThrow(why)
  })

  it('rejects with the cause when no hub answers', async () => {
    await expect(askHubHealth('http://127.0.0.1:1', undefined)).rejects.toThrow(/ECONNREFUSED/)
  })
})

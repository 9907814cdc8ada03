import { readFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  CLOSE,
  acceptLink,
  agentToHub,
  hubToAgent,
  linkTuning,
  openLink,
  type AcceptedLink,
  type AgentToHub,
  type HubToAgent,
  type Link,
  type LinkState,
} from '@3cx-ninja/protocol'
import { connectSocket } from '@3cx-ninja/node-kit/connectSocket.ts'
import { enroll, isWorthRetrying, publicKeyPin } from '@3cx-ninja/node-kit/enroll.ts'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'

const pem = (name: string) =>
  readFileSync(new URL(`../../testing/certificates/${name}`, import.meta.url), 'utf8')
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
const tuning = { ...linkTuning, helloMs: 300, reconnect: { firstMs: 20, maxMs: 50, factor: 2 } }

async function listen(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  closers.push(() => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return (server.address() as AddressInfo).port
}

/** Starts the socket side of a hub: real server, real link, no recordings. */
async function aSocketHub({ secure = false } = {}) {
  const server = secure ? createTlsServer({ cert: pem('hub.pem'), key: pem('hub.key') }) : createServer()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 262_144 })
  closers.push(() => sockets.close())
  const accepted: { link: AcceptedLink<HubToAgent>; raw: WebSocket }[] = []
  const received: AgentToHub[] = []
  const binary: Uint8Array[] = []
  const odd: string[] = []
  server.on('upgrade', (request, socket, head) => {
    if (request.headers.authorization !== 'Bearer good') {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (raw) => {
      const link = acceptLink<AgentToHub, HubToAgent>({
        socket: {
          send: (d) => raw.send(d),
          close: (c, r) => raw.close(c, r),
          bufferedBytes: () => raw.bufferedAmount,
        },
        role: 'agent',
        clientId: 'agent-0001',
        hubVersion: '0.1.0',
        clock: systemClock,
        incoming: agentToHub,
        outgoing: hubToAgent,
        tuning,
        onReady: () => undefined,
        onMessage: (message) => void received.push(message),
        onBinary: (bytes) => {
          binary.push(bytes)
          link.send({ kind: 'part-position', stream: 7, position: 3 })
        },
        onClosed: () => undefined,
        onUnexpectedMessage: ({ kind, broken }) => void odd.push(`${kind} ${broken ? 'broken' : 'unknown'}`),
      })
      accepted.push({ link, raw })
      raw.on('message', (data: Buffer, isBinary) => link.received(isBinary ? data : data.toString()))
      raw.on('error', () => undefined) // a message that is too large; the close code shows it
      raw.on('close', (code) => link.closed(code))
    })
  })
  const port = await listen(server)
  return { hub: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`, accepted, received, binary, odd }
}

function aClient(hub: string, { token = 'good', ca }: { token?: string; ca?: string } = {}) {
  const states: LinkState[] = []
  const messages: HubToAgent[] = []
  const listeners = new Set<() => void>()
  const wake = () => [...listeners].forEach((listener) => listener())
  const link: Link<AgentToHub> = openLink<HubToAgent, AgentToHub>({
    connect: (on) => connectSocket({ hub, path: '/link/agent', token, ...(ca ? { ca } : {}) }, on),
    hello: { role: 'agent', version: '0.1.0' },
    incoming: hubToAgent,
    clock: systemClock,
    random: () => 0.5,
    tuning,
    onMessage: (message) => {
      messages.push(message)
      wake()
    },
    onState: (state) => {
      states.push(state)
      wake()
    },
  })
  closers.push(() => link.stop())
  const until = (isTrue: () => boolean) =>
    new Promise<void>((resolve) => {
      const poll = () => {
        if (!isTrue()) return
        listeners.delete(poll)
        resolve()
      }
      listeners.add(poll)
      poll()
    })
  return {
    link,
    states,
    messages,
    until,
    untilAt: (at: LinkState['at']) => until(() => link.state().at === at),
  }
}

/** Sends the messages of a raw peer one by one; resolves with the close code of its socket. */
function aRawPeer(hub: string, say: (send: (data: string | Uint8Array) => void) => void): Promise<number> {
  return new Promise((resolve) => {
    const socket = connectSocket(
      { hub, path: '/link/agent', token: 'good' },
      {
        open: () => say((data) => socket.send(data)),
        message: () => undefined,
        close: (code) => resolve(code),
      },
    )
  })
}
const hello = JSON.stringify({ kind: 'hello', protocol: 1, role: 'agent', version: '0.1.0' })

describe('a link over real sockets', () => {
  it('[L1] a link carries messages and frames both ways after hello and welcome', async () => {
    const server = await aSocketHub()
    const agent = aClient(server.hub)
    await agent.untilAt('open')
    expect(agent.link.send({ kind: 'part-close', stream: 7 })).toBe(true)
    expect(agent.link.sendBinary(new Uint8Array([1, 2, 3]))).toBe(true)
    await agent.until(() => agent.messages.length === 1)
    expect(agent.messages).toEqual([{ kind: 'part-position', stream: 7, position: 3 }])
    server.accepted[0]!.link.close('goingAway')
    await agent.untilAt('waiting')
    expect(server.received).toEqual([{ kind: 'part-close', stream: 7 }])
    expect([...server.binary[0]!]).toEqual([1, 2, 3])
  })

  it('[L5] a link opens again by itself after a cut', async () => {
    const server = await aSocketHub()
    const agent = aClient(server.hub)
    await agent.untilAt('open')
    server.accepted[0]!.raw.terminate()
    await agent.untilAt('waiting')
    await agent.untilAt('open')
    expect(server.accepted).toHaveLength(2)
  })

  it('[L7] a link does not try again with a token that the hub does not know', async () => {
    const server = await aSocketHub()
    const agent = aClient(server.hub, { token: 'stale' })
    await agent.untilAt('refused')
    expect(agent.link.state()).toMatchObject({ reason: 'badToken', meaning: CLOSE.badToken.meaning })
    expect(agent.states.map(({ at }) => at)).toEqual(['opening', 'refused'])
  })

  it.each([
    ['[L1] another message than hello', JSON.stringify({ kind: 'part-close', stream: 1 }), 'brokenMessage'],
    ['[L1] a frame before hello', new Uint8Array([1]), 'brokenMessage'],
    ['[L2] an older protocol', hello.replace('"protocol":1', '"protocol":0'), 'protocolTooOld'],
    ['[L2] a newer protocol', hello.replace('"protocol":1', '"protocol":9'), 'protocolTooNew'],
    ['[L3] another role than the token has', hello.replace('agent', 'worker'), 'badToken'],
    ['[L6] no JSON', 'hello?', 'brokenMessage'],
    ['[L9] a message that is too large', 'x'.repeat(262_145), 'tooLarge'],
  ] as const)('%s is closed with its code', async (_, first, name) => {
    const server = await aSocketHub()
    expect(await aRawPeer(server.hub, (send) => send(first))).toBe(CLOSE[name].code)
  })

  it('[L1] the hub closes a client that sends nothing', async () => {
    const server = await aSocketHub()
    expect(await aRawPeer(server.hub, () => undefined)).toBe(CLOSE.helloMissing.code)
  })

  it('[L6] a link ignores unknown kinds, logs each once, and closes on a broken known one', async () => {
    const server = await aSocketHub()
    const code = await aRawPeer(server.hub, (send) => {
      send(hello)
      send('{"kind":"hologram"}')
      send('{"kind":"hologram"}')
      send('{"kind":"part-close","stream":0}')
    })
    expect(code).toBe(CLOSE.brokenMessage.code)
    expect(server.odd).toEqual(['hologram unknown', 'part-close broken'])
  })
})

describe('TLS with the pinned authority', () => {
  it('a link opens with the pinned authority and never with another one', async () => {
    const server = await aSocketHub({ secure: true })
    const agent = aClient(server.hub, { ca: pem('hub-ca.pem') })
    await agent.untilAt('open')
    const stranger = aClient(server.hub, { ca: pem('other-ca.pem') })
    await stranger.untilAt('waiting')
    expect(server.accepted).toHaveLength(1)
  })

  it('a link refuses to send a token in clear over a network', () => {
    const on = { open: () => undefined, message: () => undefined, close: () => undefined }
    const go = () => connectSocket({ hub: 'http://hub.example:3000', path: '/link/agent', token: 'x' }, on)
    expect(go).toThrow(/not protected: use https/)
  })
})

describe('enrollment', () => {
  const who = { role: 'agent' as const, name: 'Camille', machine: 'pc-1' }

  async function anEnrollmentHub(
    authority: string,
    status = 200,
    body = JSON.stringify({ id: 'agent-0001', token: 't', hubName: 'Hub' }),
  ) {
    const bodies: string[] = []
    const server = createTlsServer({ cert: pem('hub.pem'), key: pem('hub.key') }, (request, response) => {
      if (request.url === '/ca.pem') return void response.end(authority)
      request.on('data', (chunk: Buffer) => void bodies.push(chunk.toString()))
      request.on('end', () => response.writeHead(status).end(body))
    })
    const port = await listen(server)
    return { hub: `https://127.0.0.1:${port}`, bodies }
  }
  const pin = publicKeyPin(pem('hub-ca.pem'))

  it('an enrollment accepts the authority whose public key the enrollment key pins, also when the hub shows several', async () => {
    const { hub, bodies } = await anEnrollmentHub(pem('other-ca.pem') + pem('hub-ca.pem'))
    const enrolled = await enroll(hub, `secret.${pin}`, who)
    expect(enrolled).toMatchObject({ id: 'agent-0001', token: 't' })
    expect(enrolled.ca?.trim()).toBe(pem('hub-ca.pem').trim())
    expect(JSON.parse(bodies[0]!)).toEqual({ ...who, secret: 'secret' })
  })

  it('an enrollment never sends the secret to a hub with another authority', async () => {
    const { hub, bodies } = await anEnrollmentHub(pem('other-ca.pem'))
    await expect(enroll(hub, `secret.${pin}`, who)).rejects.toMatchObject({
      code: 'wrong-hub',
      message: expect.stringContaining('not the hub that issued this enrollment key') as string,
    })
    expect(bodies).toEqual([])
  })

  it.each([
    ['', /is empty: copy it whole/],
    ['secret', /no pin after its dot/],
  ])('an enrollment names the fault of the incomplete key %j', async (key, reason) => {
    const { hub } = await anEnrollmentHub(pem('hub-ca.pem'))
    await expect(enroll(hub, key, who)).rejects.toMatchObject({
      code: 'key-incomplete',
      message: expect.stringMatching(reason) as string,
    })
  })

  it("an enrollment passes on the hub's own text, and separates a busy or absent hub from a refusal", async () => {
    const refusal = JSON.stringify({ error: 'used', message: 'This key was used: make a new one.' })
    const refusing = await anEnrollmentHub(pem('hub-ca.pem'), 403, refusal)
    const refused = await enroll(refusing.hub, `secret.${pin}`, who).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'key-refused', message: 'This key was used: make a new one.' })
    expect(isWorthRetrying(refused)).toBe(false)
    const busy = await anEnrollmentHub(pem('hub-ca.pem'), 503, 'x')
    expect(
      isWorthRetrying(await enroll(busy.hub, `secret.${pin}`, who).catch((error: unknown) => error)),
    ).toBe(true)
    const absent = await enroll('http://127.0.0.1:1', 'secret.pin', who).catch((error: unknown) => error)
    expect(isWorthRetrying(absent)).toBe(true)
    expect(String(absent)).toMatch(/Cannot reach the hub.*check address/)
  })

  it('an enrollment detects http at an https port, and https at an http port', async () => {
    const { hub } = await anEnrollmentHub(pem('hub-ca.pem'))
    const inClear = new URL(hub)
    inClear.protocol = 'http:'
    inClear.hostname = '127.0.0.1'
    await expect(enroll(inClear.origin, 'secret.pin', who)).rejects.toThrow(
      /reached by https:.*check the port/,
    )

    const port = await listen(createServer((_request, response) => void response.end()))
    await expect(enroll(`https://127.0.0.1:${port}`, 'secret.pin', who)).rejects.toThrow(
      /^Cannot reach the hub[^\n]*nothing speaks HTTPS there: check the port\.$/,
    )
  })
})

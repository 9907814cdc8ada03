import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { WebSocketServer, type WebSocket } from 'ws'
import type { SoundPage } from '../../src/main/capture/sources/chromiumSound.ts'

const SOURCES = path.resolve(import.meta.dirname, '../../src')

/** Main's side of a MessagePort over a WebSocket: blocks travel as binary (a line of JSON and the samples), other messages as text. */
const BRIDGE = `<!doctype html><link rel="icon" href="data:,"><script type="module">
import { startSoundPage } from '/renderer-audio/soundPage.ts'
const socket = new WebSocket('ws://' + location.host)
socket.binaryType = 'arraybuffer'
const port = {
  onmessage: null,
  postMessage({ samples, ...message }) {
    const text = JSON.stringify(message)
    if (!samples) return socket.send(text)
    socket.send(new Blob([text + '\\n', samples]))
  },
}
socket.onmessage = ({ data }) => port.onmessage?.({ data: JSON.parse(data) })
socket.onopen = () => startSoundPage({ port, devices: navigator.mediaDevices })
</script>`

/** Opens the real page in a real Chromium, without Electron. */
export async function startChromium(options: {
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string | undefined>>
}) {
  const server = createServer((request, response) => {
    const answer = async () => {
      const name = new URL(request.url ?? '/', 'http://page').pathname
      if (name === '/') return response.setHeader('content-type', 'text/html').end(BRIDGE)
      const code = stripTypeScriptTypes(await readFile(path.join(SOURCES, name), 'utf8'))
      return response.setHeader('content-type', 'text/javascript').end(code)
    }
    answer().catch(() => response.writeHead(404).end())
  })
  const sockets = new WebSocketServer({ server })
  const arrivals: ((socket: WebSocket) => void)[] = []
  sockets.on('connection', (socket) => arrivals.shift()?.(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      ...options.args,
    ],
    ignoreDefaultArgs: ['--mute-audio'],
    env: Object.fromEntries(
      Object.entries(options.environment ?? process.env).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, value]],
      ),
    ),
  })
  // one context, as in Electron: device ids stay the same from page to page
  const context = await browser.newContext({ permissions: ['microphone'] })
  const pages: Page[] = []

  const page: SoundPage = {
    open(listener) {
      const arrived = new Promise<WebSocket>((resolve) => arrivals.push(resolve))
      const loaded = context.newPage().then(async (opened) => {
        pages.push(opened)
        opened.on('crash', () => listener.gone('crashed'))
        opened.on('console', (message) => {
          if (message.type() === 'error') listener.gone(message.text())
        })
        await opened.goto(url)
        return opened
      })
      void arrived.then((socket) =>
        socket.on('message', (data: Buffer, isBinary) => {
          if (!isBinary) return listener.message(JSON.parse(data.toString('utf8')))
          const end = data.indexOf(10)
          const bytes = Uint8Array.from(data.subarray(end + 1))
          const message = JSON.parse(data.toString('utf8', 0, end)) as object
          listener.message({ ...message, samples: new Int16Array(bytes.buffer) })
        }),
      )
      return {
        post: (request) => void arrived.then((socket) => socket.send(JSON.stringify(request))),
        close: async () => (await loaded).close().catch(() => undefined), // the page may have crashed
      }
    },
  }
  return {
    page,
    browser,
    /** The page that is open now. */
    current: () => pages.at(-1),
    /** Crashes the page as a bug in the page would. */
    crash: async () => {
      await pages
        .at(-1)
        ?.goto('chrome://crash')
        .catch(() => undefined)
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      for (const socket of sockets.clients) socket.terminate()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

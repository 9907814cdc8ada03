// Stands in for the module 'electron' in a plain Node process: windows are pages of the system's Chromium, everything else
// is written down. What it cannot show: Electron's own sandbox, safeStorage's keys, the real tray.
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from '../../../test/browser/launchChromium.ts'
import { EVENT_LIMIT_MS } from '../../../protocol/testing/eventLimit.ts'

type Handler = (event: unknown, ...args: unknown[]) => unknown
const invokes = new Map<string, Handler>()
const sends = new EventEmitter()
let answer: ((request: Request) => Promise<Response>) | undefined
let browser: Browser | undefined
let context: BrowserContext | undefined
let server: Server | undefined
let port = 0
/** One line of JSON for each thing the test asks about. */
const send = (what: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(what)}\n`)

class FakeApp extends EventEmitter {
  readonly isPackaged = false
  setAppUserModelId(): void {}
  enableSandbox(): void {}
  requestSingleInstanceLock(): boolean {
    return true
  }
  whenReady(): Promise<void> {
    return Promise.resolve()
  }
  getPath(name: string): string {
    if (name !== 'userData') throw new Error(`the fake has no path ${name}`)
    return process.env.FAKE_USER_DATA ?? ''
  }
  getLocale(): string {
    return 'fr'
  }
  getVersion(): string {
    return '0.1.0'
  }
  setAsDefaultProtocolClient(scheme: string): void {
    send({ fake: 'protocol-client', scheme })
  }
  setLoginItemSettings(): void {}
  quit(): void {
    const event = { prevented: false, preventDefault: () => void (event.prevented = true) }
    this.emit('before-quit', event)
    if (!event.prevented) void closeAll().then(() => process.exit(0))
  }
  relaunch(): void {
    send({ fake: 'relaunch' })
  }
  exit(code: number): void {
    void closeAll().then(() => process.exit(code))
  }
}
export const app = new FakeApp()

async function closeAll(): Promise<void> {
  await browser?.close()
  server?.closeAllConnections()
  server?.close()
}

export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown) => send({ fake: 'schemes', schemes }),
  handle(_scheme: string, handler: (request: Request) => Promise<Response>) {
    answer = handler
  },
}

/** Chromium knows no app://: the page is fetched over loopback, each request answered by main's own handler. */
async function openPageServer(): Promise<number> {
  if (port > 0) return port
  server = createServer((incoming, outgoing) => {
    const range = incoming.headers.range
    const request = new Request(`app://agent${incoming.url ?? '/'}`, { headers: range ? { range } : {} })
    void answer?.(request).then(async (response) => {
      outgoing.writeHead(response.status, Object.fromEntries(response.headers))
      outgoing.end(Buffer.from(await response.arrayBuffer()))
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  port = typeof address === 'object' && address ? address.port : 0
  return port
}

/** contextBridge and ipcRenderer for the built preload, which runs as written. */
const preloadScript = (preload: string) => `(() => {
  const listeners = new Map()
  globalThis.__events = (channel, value) => (listeners.get(channel) ?? []).forEach((listener) => listener({}, value))
  const electron = {
    contextBridge: { exposeInMainWorld: (name, value) => { globalThis[name] = value } },
    ipcRenderer: {
      invoke: (channel, ...args) => globalThis.__invoke(channel, args),
      send: (channel, ...args) => globalThis.__send(channel, args),
      on: (channel, listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
    },
  }
  const require = (name) => { if (name === 'electron') return electron; throw new Error('the sandbox has no ' + name) };
  ((require, module, exports) => {${readFileSync(preload, 'utf8')}\n})(require, { exports: {} }, {})
})()`

class FakeContents extends EventEmitter {
  page: Page | undefined
  readonly mainFrame = { url: 'app://agent/index.html' }
  getURL(): string {
    return this.mainFrame.url
  }
  isDestroyed(): boolean {
    return this.page === undefined || this.page.isClosed()
  }
  send(channel: string, value: unknown): void {
    this.page
      ?.evaluate(
        ([name, what]) =>
          (globalThis as never as { __events(c: unknown, v: unknown): void }).__events(name, what),
        [channel, value] as const,
      )
      .catch(() => undefined) // the page is closing
  }
  setWindowOpenHandler(): void {}
}

export class BrowserWindow extends EventEmitter {
  readonly webContents = new FakeContents()
  readonly #preload: string
  #visible = false
  #destroyed = false
  constructor(options: { webPreferences: { preload: string } & Record<string, unknown> }) {
    super()
    const { preload, ...safety } = options.webPreferences
    this.#preload = preload
    send({ fake: 'window', safety })
    app.emit('web-contents-created', {}, this.webContents)
  }
  async loadURL(url: string): Promise<void> {
    browser ??= await launchChromium()
    context ??= await browser.newContext({ viewport: { width: 420, height: 720 }, locale: 'fr-FR' })
    const page = await context.newPage()
    this.webContents.page = page
    const event = { sender: this.webContents, senderFrame: this.webContents.mainFrame }
    await page.exposeFunction('__invoke', (channel: string, args: unknown[]) =>
      invokes.get(channel)?.(event, ...args),
    )
    await page.exposeFunction('__send', (channel: string, args: unknown[]) =>
      sends.emit(channel, event, ...args),
    )
    await page.addInitScript(preloadScript(this.#preload))
    page.on('pageerror', (error) => send({ fake: 'page-error', error: String(error) }))
    page.on('console', (said) => {
      if (said.type() === 'error') send({ fake: 'page-error', error: said.text() })
    })
    page.on('crash', () => this.webContents.emit('render-process-gone', {}, { reason: 'crashed' }))
    await page.goto(`http://127.0.0.1:${await openPageServer()}${new URL(url).pathname}`)
    commandPage(page)
    send({ fake: 'loaded' })
  }
  show(): void {
    this.#visible = true
    send({ fake: 'shown', how: 'open' })
  }
  showInactive(): void {
    this.#visible = true
    send({ fake: 'shown', how: 'peek' })
  }
  hide(): void {
    this.#visible = false
  }
  focus(): void {}
  restore(): void {}
  moveTop(): void {}
  isVisible(): boolean {
    return this.#visible
  }
  isMinimized(): boolean {
    return false
  }
  isDestroyed(): boolean {
    return this.#destroyed
  }
  getBounds() {
    return { x: 0, y: 0, width: 420, height: 720 }
  }
  destroy(): void {
    this.#destroyed = true
    this.webContents.emit('destroyed')
  }
}

/** The test drives the page by lines of JSON on stdin, see `Order`. */
function commandPage(page: Page): void {
  current = page
}
let current: Page | undefined
process.stdin.setEncoding('utf8')
let waiting = ''
process.stdin.on('data', (chunk: string) => {
  waiting += chunk
  const lines = waiting.split('\n')
  waiting = lines.pop() ?? ''
  for (const line of lines) void drive(JSON.parse(line) as Order)
})
/** What the page can reach: nothing of Node, and of main only the named functions. */
const REACH = () => {
  const all = globalThis as unknown as Record<string, object | undefined>
  return {
    require: typeof all['require'],
    process: typeof all['process'],
    desk: Object.keys(all['ninjaDesk'] ?? {}),
  }
}
type Asked = readonly [name: string, input: unknown]
const ASK = ([name, input]: Asked) =>
  (globalThis as unknown as { ninjaDesk: Record<string, (input: unknown) => Promise<unknown>> }).ninjaDesk[
    name
  ]?.(input)

async function onPage(page: Page, order: Order): Promise<unknown> {
  switch (order.do) {
    case 'click':
      return page
        .getByRole('button', { name: new RegExp(order.name ?? '', 'i') })
        .first()
        .click()
    case 'press':
      return page.keyboard.press(order.key ?? '')
    case 'see':
      return page
        .getByText(new RegExp(order.text ?? '', 'i'))
        .first()
        .waitFor({ timeout: EVENT_LIMIT_MS })
    case 'ask':
      return page.evaluate(ASK, [order.name ?? '', order.input] as const)
    case 'reach':
      return page.evaluate(REACH)
    case 'shot':
      return void (await page.screenshot({ path: order.path ?? '' }))
    case 'crash':
      return void (await page.goto('chrome://crash').catch(() => undefined))
    default:
      throw new Error(`the fake cannot ${order.do}`)
  }
}

interface Order {
  readonly do: string
  readonly id?: string
  readonly name?: string
  readonly key?: string
  readonly text?: string
  readonly path?: string
  readonly input?: unknown
  readonly argument?: string
}
async function drive(order: Order): Promise<void> {
  const page = current
  try {
    if (order.do === 'quit') return app.quit()
    if (order.do === 'second-start')
      return void app.emit('second-instance', {}, ['agent', order.argument ?? ''])
    if (order.do === 'age') return void (process.uptime = () => Number(order.argument))
    if (order.do === 'break')
      return void setImmediate(() => {
        throw new Error('a bug')
      })
    if (order.do === 'wake') return void powerMonitor.emit('resume')
    if (!page) throw new Error('no page yet')
    send({ fake: 'done', id: order.id, value: await onPage(page, order) })
  } catch (error) {
    send({ fake: 'failed', id: order.id, cause: String(error) })
  }
}

export const ipcMain = {
  handle: (channel: string, handler: Handler) => void invokes.set(channel, handler),
  removeHandler: (channel: string) => void invokes.delete(channel),
  on: (channel: string, handler: Handler) => void sends.on(channel, handler),
  off: (channel: string, handler: Handler) => void sends.off(channel, handler),
}
const handlers = new Map<string, unknown>()
const remember = (name: string) => (handler: unknown) => {
  handlers.set(name, handler)
}
export const session = {
  defaultSession: {
    setPermissionRequestHandler: remember('request'),
    setPermissionCheckHandler: remember('check'),
    setDevicePermissionHandler: remember('device'),
    setDisplayMediaRequestHandler: remember('display'),
  },
}
/** Windows and macOS only: the Linux of the fake records through PulseAudio. */
export const desktopCapturer = { getSources: () => Promise.resolve([]) }
export function MessageChannelMain(): never {
  throw new Error('the fake has no message ports')
}
/** As a key store that is unlocked; not secret. */
export const safeStorage = {
  isAsyncEncryptionAvailable: () => Promise.resolve(true),
  getSelectedStorageBackend: () => 'gnome_libsecret',
  encryptStringAsync: (text: string) =>
    Promise.resolve(Buffer.from(`sealed:${Buffer.from(text).toString('base64')}`)),
  decryptStringAsync: (sealed: Buffer) =>
    Promise.resolve({
      result: Buffer.from(sealed.toString().slice('sealed:'.length), 'base64').toString(),
      shouldReEncrypt: false,
    }),
}
export class Tray extends EventEmitter {
  setImage(image: { path: string }): void {
    send({ fake: 'tray', icon: image.path.replace(/^.*tray-|\.png$/g, '') })
  }
  setToolTip(): void {}
  setContextMenu(): void {}
  destroy(): void {}
}
export const Menu = { buildFromTemplate: (template: unknown) => template }
export const nativeImage = { createFromPath: (path: string) => ({ path }) }
export class Notification extends EventEmitter {
  readonly #title: string
  static isSupported(): boolean {
    return true
  }
  constructor({ title }: { title: string }) {
    super()
    this.#title = title
  }
  show(): void {
    send({ fake: 'notice', title: this.#title })
  }
}
export const globalShortcut = {
  register(key: string) {
    send({ fake: 'hotkey', key })
    return true
  },
  unregisterAll() {},
}
export const powerMonitor = new EventEmitter()
export const screen = {
  getPrimaryDisplay: () => ({ id: 1, workArea: { x: 0, y: 0, width: 1366, height: 728 } }),
  getAllDisplays: () => [{ id: 1, workArea: { x: 0, y: 0, width: 1366, height: 728 } }],
}
export const shell = { openExternal: (url: string) => Promise.resolve(send({ fake: 'outside', url })) }
export const dialog = {
  showErrorBox: (title: string, content: string) => send({ fake: 'error-box', title, content }),
}

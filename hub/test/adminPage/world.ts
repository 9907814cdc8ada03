import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { buildAdmin } from '../../admin/buildAdmin.ts'
import { startHub, type HubSetup, type TestHub } from '../../testing/startHub.ts'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const ARTIFACTS = path.resolve(import.meta.dirname, '../../../test/artifacts')

/** The machine's own Chromium in a profile of its own. Rejects with the remedy where there is none. */
export async function openBrowser(): Promise<Browser> {
  try {
    return await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  } catch (cause) {
    throw new Error(
      `Chromium does not start from ${CHROMIUM}: install it (apt-get install chromium), or name it in the environment variable CHROMIUM.`,
      { cause },
    )
  }
}

let built: Promise<string> | undefined

/** A real hub that serves the page, built once for each file of tests. */
export async function startHubWithPage(setup: HubSetup = {}): Promise<TestHub> {
  const [hub, folder] = await Promise.all([startHub(setup), (built ??= build())])
  await cp(folder, path.join(hub.folder, 'admin'), { recursive: true })
  return hub
}

async function build(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'admin-'))
  await buildAdmin(folder, 'warn')
  return folder
}

/** At the end of a file of tests. */
export async function removeBuild(): Promise<void> {
  if (built) await rm(await built, { recursive: true, force: true })
}

export interface Screen extends AsyncDisposable {
  readonly page: Page
  /** What the page must never do: page errors, violations of the content policy, requests to others than its hub. */
  readonly faults: readonly string[]
  shoot(name: string): Promise<string>
}

export async function openScreen(browser: Browser, options: BrowserContextOptions = {}): Promise<Screen> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    ignoreHTTPSErrors: true,
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`))
  page.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) faults.push(message.text())
  })
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url())
    if (protocol !== 'data:' && hostname !== '127.0.0.1') faults.push(`request to ${request.url()}`)
  })
  return {
    page,
    faults,
    async shoot(name) {
      await mkdir(ARTIFACTS, { recursive: true })
      const file = path.join(ARTIFACTS, name)
      await page.screenshot({ path: file, animations: 'disabled' })
      return file
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** Opens a new one-time link as an administrator does. */
export async function openAdmin(hub: TestHub, screen: Screen, section = 'overview'): Promise<Page> {
  const { page } = screen
  await page.goto(`${hub.hub.adminLink()}#${section}`)
  await page.locator('main h1').waitFor()
  return page
}

import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

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

export interface Screen extends AsyncDisposable {
  readonly page: Page
  /** What a wall must never do: page errors, violations of the content policy, requests to others than its hub. */
  readonly faults: readonly string[]
  shoot(name: string): Promise<string>
}

/** One screen of a room: a page that watches itself for faults. */
export async function openScreen(browser: Browser, options: BrowserContextOptions = {}): Promise<Screen> {
  const context = await browser.newContext({
    viewport: { width: 1920, height: 1080 },
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    ...options,
  })
  const page = await context.newPage()
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

/** Whatever lies outside the window, or is cut by a box that should show it whole: nothing, on a good wall. */
export function whatDoesNotFit(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement
    const found: string[] = []
    if (scrollWidth > innerWidth || scrollHeight > innerHeight)
      found.push(`the page scrolls: ${scrollWidth} × ${scrollHeight} in ${innerWidth} × ${innerHeight}`)
    const slackPx = 1.5
    for (const one of document.querySelectorAll('.figure, .card, .agent, .ticket, .band, .bar__time')) {
      const box = one.getBoundingClientRect()
      if (box.width === 0) continue
      const around = one.parentElement?.parentElement?.getBoundingClientRect() ?? box
      const bottom = Math.min(innerHeight, around.bottom) + slackPx
      const right = Math.min(innerWidth, around.right) + slackPx
      if (box.bottom > bottom || box.right > right || box.left < 0 || box.top < 0)
        found.push(`${one.className} "${one.textContent.slice(0, 40)}" ends at ${box.right} × ${box.bottom}`)
    }
    for (const one of document.querySelectorAll<HTMLElement>('.figure__value, .card__elapsed, .card__phase'))
      if (one.scrollWidth > one.clientWidth + slackPx && one.clientWidth > 0)
        found.push(`${one.className} is cut`)
    return found
  })
}

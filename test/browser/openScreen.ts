import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { EVENT_LIMIT_MS } from '../../protocol/testing/eventLimit.ts'

const ARTIFACTS = path.resolve(import.meta.dirname, '../artifacts')

export interface Screen extends AsyncDisposable {
  readonly page: Page
  /** Faults of the page: page errors, violations of the content policy, requests to hosts other than its hub. */
  readonly faults: readonly string[]
  /** Writes a picture to test/artifacts/ and resolves with its path. */
  shoot(name: string): Promise<string>
}

/** Opens a page on a screen in Paris time that collects its faults. */
export async function openScreen(browser: Browser, options: BrowserContextOptions = {}): Promise<Screen> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(EVENT_LIMIT_MS)
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

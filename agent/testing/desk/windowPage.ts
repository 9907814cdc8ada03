import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { buildRenderer } from '../../scripts/buildRenderer.ts'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
]
export const PAGE_FOLDER = path.resolve(import.meta.dirname, '../../../build/agent-renderer-test')
export const ARTIFACTS = path.resolve(import.meta.dirname, '../../../test/artifacts/agent')

/** The window as people get it: built, in the Chromium of this machine. */
export async function openBrowser(): Promise<Browser> {
  await Promise.all([buildRenderer(PAGE_FOLDER, 'warn'), mkdir(ARTIFACTS, { recursive: true })])
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: FLAGS })
}

export interface WindowLook {
  readonly theme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

/** One window; whatever the page complains about is kept in `complaints`. */
export async function openWindow(browser: Browser, link: string, look: WindowLook = {}) {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1_180, height: look.height ?? 760 },
    colorScheme: look.theme ?? 'light',
    reducedMotion: 'reduce',
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(link)
  await page.locator('h1').first().waitFor({ state: 'attached' })
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
}

export const shoot = (page: Page, name: string) =>
  page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`) })

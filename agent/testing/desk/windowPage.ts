import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser, type Page } from 'playwright-core'
import { EVENT_LIMIT_MS } from '../../../protocol/testing/eventLimit.ts'

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
export const ARTIFACTS = path.resolve(import.meta.dirname, '../../../test/artifacts/agent')

/** Builds the page in a process of its own, because a test's NODE_ENV would build another page than users get. */
async function build(folder: string) {
  const script = path.resolve(import.meta.dirname, '../../scripts/buildRenderer.ts')
  const env = { ...process.env, NODE_ENV: 'production' }
  await promisify(execFile)(process.execPath, [script, '--out', folder], { env, timeout: EVENT_LIMIT_MS })
}

/** Builds the window as users get it and opens the Chromium of this machine. `folder` contains the built page. */
export async function openBrowser() {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-window-'))
  await Promise.all([build(folder), mkdir(ARTIFACTS, { recursive: true })])
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
  })
  return {
    browser,
    folder,
    async [Symbol.asyncDispose]() {
      await browser.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type OpenBrowser = Awaited<ReturnType<typeof openBrowser>>

export interface WindowAppearance {
  readonly theme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** WCAG 2.0 to 2.2, level A and AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** Returns each violation of these rules as a line; none when everyone can use the page. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE)
  const found: unknown = await page.evaluate(async (tags) => {
    const { axe } = window as unknown as {
      axe: {
        run(
          where: Document,
          how: object,
        ): Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] }>
      }
    }
    const { violations } = await axe.run(document, { runOnly: { type: 'tag', values: tags } })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
    )
  }, RULES)
  return found as string[]
}

/** Opens one window; `consoleErrors` collects the errors and warnings of its page. */
export async function openWindow(browser: Browser, link: string, appearance: WindowAppearance = {}) {
  const context = await browser.newContext({
    viewport: { width: appearance.width ?? 1_180, height: appearance.height ?? 760 },
    colorScheme: appearance.theme ?? 'light',
    reducedMotion: 'reduce',
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
  })
  context.setDefaultTimeout(EVENT_LIMIT_MS)
  const page = await context.newPage()
  const consoleErrors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') consoleErrors.push(message.text())
  })
  page.on('pageerror', (error) => consoleErrors.push(error.message))
  await page.goto(link)
  await page.locator('h1').first().waitFor({ state: 'attached' })
  return { page, consoleErrors, [Symbol.asyncDispose]: () => context.close() }
}

/** Writes a picture into test/artifacts/agent/ and returns its path. */
export async function shoot(page: Page, name: string): Promise<string> {
  const file = path.join(ARTIFACTS, `${name}.png`)
  await page.screenshot({ path: file })
  return file
}

import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { openScreen, type Screen } from '../../../test/browser/openScreen.ts'
import { buildAdmin } from '../../admin/buildAdmin.ts'
import { startHub, type HubSetup, type TestHub } from '../../testing/startHub.ts'

let built: Promise<string> | undefined

/** Starts a real hub that serves the page, which is built once for each test file. */
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

/** Removes the built page at the end of a test file. */
export async function removeBuild(): Promise<void> {
  if (built) await rm(await built, { recursive: true, force: true })
}

/** Opens an administrator's screen, which accepts the hub's own certificate authority. */
export const openAdminScreen = (browser: Browser, options: BrowserContextOptions = {}) =>
  openScreen(browser, { ignoreHTTPSErrors: true, ...options })

/** Opens a section by a new one-time link, as an administrator does. */
export async function openAdmin(hub: TestHub, screen: Screen, section = 'overview'): Promise<Page> {
  const { page } = screen
  await page.goto(`${hub.hub.adminLink()}#${section}`)
  await page.locator('main h1').waitFor()
  return page
}

import { copyFile } from 'node:fs/promises'
import { faultsOf } from './axe.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OutboxView } from '../../src/http/admin/messages.ts'
import type { TestHub } from '../../testing/startHub.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { SANDBOX_CLIENT, startSandbox } from '../../testing/sandboxNinjaOne.ts'
import { aBusyHub } from './busyHub.ts'
import { until } from './waiting.ts'
import { launchChromium } from '../../../test/browser/launchChromium.ts'
import { openAdmin, openAdminScreen, removeBuild } from './world.ts'

/** Each section, with the element that appears once the hub has answered. */
const SECTIONS = {
  overview: '.figure',
  keys: 'table',
  clients: 'table',
  settings: '.setting',
  helpdesk: '.steps',
  threecx: '.steps',
  outbox: 'table',
}
const APPEARANCES = [
  { language: 'fr', locale: 'fr-FR', colorScheme: 'light' },
  { language: 'fr', locale: 'fr-FR', colorScheme: 'dark' },
  { language: 'en', locale: 'en-GB', colorScheme: 'light' },
  { language: 'en', locale: 'en-GB', colorScheme: 'dark' },
] as const

let browser: Browser
let hub: TestHub
beforeAll(async () => {
  ;[browser, hub] = await Promise.all([launchChromium(), aBusyHub()])
})
afterAll(async () => {
  await browser.close()
  await hub[Symbol.asyncDispose]()
  await removeBuild()
})

describe('the admin page', () => {
  it.each(APPEARANCES)(
    'the admin page shows every section in $language, $colorScheme, with no violation of WCAG 2.2 AA',
    async ({ language, locale, colorScheme }) => {
      await using screen = await openAdminScreen(browser, { locale, colorScheme })
      const page = await openAdmin(hub, screen)
      expect(await page.locator('html').getAttribute('lang')).toBe(language)
      for (const [name, content] of Object.entries(SECTIONS)) {
        await page.goto(`${hub.url}/admin#${name}`)
        await page.locator(`.nav__link[href="#/${name}"][aria-current=page]`).waitFor()
        await page.locator(`main ${content}`).first().waitFor()
        await screen.shoot(`admin-${name}-${language}-${colorScheme}.png`)
        // colors and structure are the same in both languages
        if (language === 'fr') expect(await faultsOf(page), name).toEqual([])
      }
      expect(screen.faults).toEqual([])
    },
    60_000,
  )

  it('the admin page fits a window of 360 pixels in every section, without horizontal scrolling', async () => {
    await using screen = await openAdminScreen(browser, { viewport: { width: 360, height: 740 } })
    const page = await openAdmin(hub, screen)
    for (const [name, content] of Object.entries(SECTIONS)) {
      await page.goto(`${hub.url}/admin#${name}`)
      await page.locator(`main ${content}`).first().waitFor()
      await screen.shoot(`admin-${name}-360.png`)
      const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(tooWide, name).toBeLessThanOrEqual(0)
      expect(await faultsOf(page), name).toEqual([])
    }
  })

  it('the overview states that everything works on a healthy hub', async () => {
    await using sandbox = await startSandbox(createFakeClock(Date.now()))
    await using well = await aBusyHub({
      ninjaone: { host: sandbox.url, ...SANDBOX_CLIENT, organizationId: 1 },
    })
    const admin = await well.signInAdmin()
    const begun = await admin.ask('/api/admin/helpdesk/sign-in')
    const back = await fetch(String(begun.headers.location), { redirect: 'manual' })
    const { pathname, search } = new URL(back.headers.get('location') ?? '')
    expect((await well.ask(`${pathname}${search}`)).status).toBe(200)
    await until('the ticket is filed', async () => {
      const { writes } = (await admin.ask('/api/admin/outbox')).json<OutboxView>()
      return writes.length === 0 && sandbox.held.tickets.length > 0
    })
    await using screen = await openAdminScreen(browser, {
      locale: 'en-GB',
      viewport: { width: 1280, height: 860 },
    })
    const page = await openAdmin(well, screen)
    await page.getByText('Everything works.').waitFor()
    const file = await screen.shoot('admin.png')
    // ADMIN_PICTURE=docs/images/admin.png renews the picture of the documentation.
    if (process.env['ADMIN_PICTURE']) await copyFile(file, process.env['ADMIN_PICTURE'])
    expect(screen.faults).toEqual([])
  })

  it('the page without a session explains how to get a link, and passes the same check', async () => {
    await using screen = await openAdminScreen(browser)
    const { page } = screen
    await page.goto(`${hub.url}/admin`)
    await page.getByText('npm run hub -- --admin-link').waitFor()
    await screen.shoot('admin-signed-out.png')
    expect(await faultsOf(page)).toEqual([])
    expect(screen.faults).toEqual([])
  })
})

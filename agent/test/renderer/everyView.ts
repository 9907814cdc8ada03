import { copyFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { silentLogger } from '../../src/main/process/log.ts'
import { playSamples } from '../../src/main/history/wav.ts'
import { startWebServer } from '../../src/main/web/webServer.ts'
import { aDesk } from '../../testing/desk/deskBuilders.ts'
import { createFakeDesk } from '../../testing/desk/fakeDesk.ts'
import { withAppearance, SCENARIOS, scenarioAnswers, type Scenario } from '../../testing/desk/scenarios.ts'
import {
  openBrowser,
  openWindow,
  shoot,
  accessibilityViolations,
  type OpenBrowser,
} from '../../testing/desk/windowPage.ts'

const NARROW = { width: 360, height: 720 }
const WIDE = { width: 1_180, height: 760 }

async function aWindow(open: OpenBrowser) {
  const desk = createFakeDesk({ desk: aDesk() }, scenarioAnswers)
  const server = await startWebServer({
    desk,
    page: open.folder,
    port: 0,
    token: 'token',
    openRecording: async () => playSamples(new Int16Array(16_000 * 45)),
    soundTest: () => undefined,
    log: silentLogger,
  })
  const window = await openWindow(open.browser, server.link, WIDE)
  return {
    desk,
    ...window,
    async [Symbol.asyncDispose]() {
      await window[Symbol.asyncDispose]()
      await server.stop()
    },
  }
}

/** Brings the window into the state of the scenario. Resolves once it is drawn. */
async function enter(page: Page, scenario: Scenario) {
  if (scenario.view) await page.keyboard.press(`Alt+${scenario.view}`)
  if (scenario.click) await page.locator(scenario.click).first().click()
  for (const form of scenario.forms ?? []) {
    for (const [label, value] of Object.entries(form)) await page.getByLabel(new RegExp(label)).fill(value)
    await page.locator('button[type=submit]').click()
  }
  // After two frames every answer of main is drawn.
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
}

const PICTURES = new Map([
  ['call-talking-fr-light', 'agent-call.png'],
  ['draft-countdown-fr-dark', 'agent-draft.png'],
])

export type Appearance = readonly [locale: 'fr' | 'en', theme: 'light' | 'dark']

/** The tests of every scenario in each of these looks. */
export function describeEveryView(appearances: readonly Appearance[]): void {
  let open: OpenBrowser
  beforeAll(async () => {
    open = await openBrowser()
  })
  afterAll(() => open[Symbol.asyncDispose]())

  it.concurrent.each(appearances)(
    'meets WCAG AA in %s and %s, fits a window of 360 px, and logs no error',
    async (locale, theme) => {
      await using window = await aWindow(open)
      const { page, desk, consoleErrors } = window
      const blocks: string[] = []
      for (const scenario of SCENARIOS) {
        const shownDesk = withAppearance(scenario.desk, locale, theme)
        desk.show({ desk: shownDesk, ...(scenario.lines ? { lines: scenario.lines } : {}) })
        await page.locator(`html[lang="${locale}"][data-theme="${theme}"]`).waitFor({ state: 'attached' })
        await page.setViewportSize(WIDE)
        await enter(page, scenario)
        const name = `${scenario.name}-${locale}-${theme}`
        blocks.push(...(await accessibilityViolations(page)).map((block) => `${name}: ${block}`))
        const file = await shoot(page, name)
        // AGENT_PICTURES=docs/images writes the pictures of the documentation.
        const picture = PICTURES.get(name)
        const folder = process.env['AGENT_PICTURES']
        if (picture && folder) await copyFile(file, path.join(folder, picture))
        await page.setViewportSize(NARROW)
        if (scenario.pane && !scenario.click)
          await page
            .getByRole('tab')
            .nth(scenario.pane === 'ticket' ? 1 : 0)
            .click()
        const beyond = await page.evaluate(() =>
          [...document.querySelectorAll('body *')]
            .filter(
              (each) =>
                each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('.hidden, .others, svg'),
            )
            .map((each) => each.className),
        )
        expect(beyond, `${name} at 360 px`).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(360)
        if (locale === 'fr') await shoot(page, `${name}-narrow`)
        await page.keyboard.press('Escape')
        // The set-up starts again for the next scenario.
        if (scenario.forms) await page.reload()
        if (scenario.click === '.entry') await page.locator('.past__back button').click()
      }
      expect(blocks).toEqual([])
      expect(consoleErrors).toEqual([])
    },
    120_000,
  )
}

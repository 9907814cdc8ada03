import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  openBrowser,
  openWindow,
  shoot,
  accessibilityViolations,
  type OpenBrowser,
} from '../../agent/testing/desk/windowPage.ts'
import { aPlaybackCompany } from './playbackCompany.ts'

let open: OpenBrowser
beforeAll(async () => {
  open = await openBrowser()
}, 60_000)
afterAll(() => open[Symbol.asyncDispose]())

const SAID = [
  'Bonjour, l’imprimante de l’accueil ne répond plus.',
  'Depuis quand ne répond-elle plus ?',
  'Depuis ce matin, le voyant réseau est éteint.',
]
const position = (page: Page) =>
  page.getByRole('slider').evaluate((slider) => Number((slider as HTMLInputElement).value))

// The test is long because Chromium retries a range more and more slowly before it fails.
it('the window shows the progress over a slow line, reports a hub that goes away in the middle, and continues there', async () => {
  await using company = await aPlaybackCompany({ page: open.folder })
  await company.record('+33240112233')
  await company.transcribe(SAID)
  await using window = await openWindow(open.browser, company.web.link)
  const { page } = window
  await page.keyboard.press('Alt+2')
  await page.locator('button.entry').click()
  await page.getByText('Sur le hub').waitFor()
  company.line.holdAfter(6_000)
  await page.getByRole('button', { name: /voyant réseau/ }).click()
  await page.getByText(/Arrive du hub.: \d+.%/).waitFor()
  await shoot(page, 'history-coming-fr-light')
  expect(await accessibilityViolations(page)).toEqual([])
  company.line.down()
  await page
    .getByRole('alert')
    .getByText('Le son est sur le hub, qui ne répond pas')
    .waitFor({ timeout: 45_000 })
  await shoot(page, 'history-broken-off-fr-light')
  expect(await accessibilityViolations(page)).toEqual([])
  company.line.holdAfter(Infinity)
  company.line.up()
  await page.getByText('Hub relié').waitFor({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Réessayer' }).click()
  await expect.poll(() => position(page), { timeout: 10_000 }).toBeGreaterThanOrEqual(2_000)
}, 90_000)

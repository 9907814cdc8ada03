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
const APPEARANCES = [
  ['fr', 'light'],
  ['fr', 'dark'],
  ['en', 'light'],
  ['en', 'dark'],
] as const

it('the window plays a past call from the hub at the second of a line, and shows its source or the reason of a failure', async () => {
  await using company = await aPlaybackCompany({ page: open.folder })
  const { callId, recordingId } = await company.record('+33240112233')
  await company.transcribe(SAID)
  await using window = await openWindow(open.browser, company.web.link)
  const { page, consoleErrors } = window
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/audio/')) asked.push(request.headers()['range'] ?? 'whole')
  })
  await page.keyboard.press('Alt+2')
  await page.locator('button.entry').click()
  const player = page.getByRole('group', { name: 'Écoute' })
  await player.getByText('Sur le hub').waitFor()
  expect(asked).toEqual([]) // reading the transcript fetches no audio

  await page.getByRole('button', { name: /voyant réseau/ }).click()
  await page.locator('.line[data-playing=true]', { hasText: 'voyant réseau' }).waitFor()
  await expect.poll(() => position(page)).toBeGreaterThanOrEqual(2_000)
  expect(asked.length).toBeGreaterThan(0)
  await player.getByRole('button', { name: 'Écouter' }).waitFor() // playback has reached its end
  expect(consoleErrors).toEqual([])

  for (const [locale, theme] of APPEARANCES) {
    await company.ask('saveSettings', { changes: { locale, theme } })
    await page.getByText(locale === 'fr' ? 'Sur le hub' : 'On the hub').waitFor()
    await page.locator(`html[data-theme=${theme}]`).waitFor()
    await shoot(page, `history-from-hub-${locale}-${theme}`)
    expect(await accessibilityViolations(page), `${locale} ${theme}`).toEqual([])
  }

  company.line.down()
  await page.getByText('Hub unreachable').waitFor()
  await page.keyboard.press('Alt+1')
  await page.keyboard.press('Alt+2')
  for (const [locale, theme] of APPEARANCES) {
    await company.ask('saveSettings', { changes: { locale, theme } })
    const sentence = locale === 'fr' ? 'Le son est sur le hub, qui ne répond pas' : 'The recording is on the hub, which does not answer' // prettier-ignore
    await page.getByText(sentence).waitFor()
    await page.locator(`html[data-theme=${theme}]`).waitFor()
    await shoot(page, `history-hub-away-${locale}-${theme}`)
    expect(await accessibilityViolations(page), `${locale} ${theme}`).toEqual([])
  }

  // Playback recovers without a click.
  company.line.up()
  await page.getByText('On the hub').waitFor()
  await page.getByRole('button', { name: /voyant réseau/ }).click()
  await expect.poll(() => position(page)).toBeGreaterThanOrEqual(2_000)

  await company.ask('saveSettings', { changes: { locale: 'fr', theme: 'light' } })
  await page.getByRole('button', { name: 'Effacer l’enregistrement' }).click()
  await page.getByRole('button', { name: 'Tout effacer' }).click()
  await page.getByText('Le son de cet appel a été effacé.').waitFor()
  expect((await company.wav(recordingId)).status).toBe(404)
  expect(callId).toBeDefined()
}, 60_000)

import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CLOSE } from '@3cx-ninja/protocol'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWallboard } from '../../../tv/scripts/buildWallboard.ts'
import { actAfternoon } from './afternoon.ts'
import { launchChromium } from '../../../test/browser/launchChromium.ts'
import type { Screen } from '../../../test/browser/openScreen.ts'
import { openWallboardScreen, whatDoesNotFit } from './browser.ts'
import { openRoom, type Room } from './room.ts'
import { faultsOf } from '../adminPage/axe.ts'

let folder: string
let browser: Browser
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'wallboard-'))
  await buildWallboard(folder, 'warn')
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await rm(folder, { recursive: true })
})

const SCREENS = [
  { name: '1920', viewport: { width: 1920, height: 1080 } },
  { name: '3840', viewport: { width: 3840, height: 2160 } },
  { name: '1280', viewport: { width: 1280, height: 720 } },
  { name: '1280-high', viewport: { width: 1280, height: 1024 } },
]

async function lookAt(room: Room, options: BrowserContextOptions = {}, query = ''): Promise<Screen> {
  const screen = await openWallboardScreen(browser, options)
  await screen.page.goto(`${room.url}?once=${room.code()}${query}`)
  await screen.page.locator('.wallboard[data-tone=live] .figure').first().waitFor()
  await screen.page.evaluate(() => document.fonts.ready)
  return screen
}

async function expectWhole(screen: Screen): Promise<void> {
  expect(await whatDoesNotFit(screen.page)).toEqual([])
  expect(screen.faults).toEqual([])
}

describe('the wallboard on screens of all sizes', () => {
  it.each(SCREENS)(
    'the wallboard fits an afternoon of four calls on $name, without scrolling',
    async ({ name, viewport }) => {
      await using room = await openRoom(folder)
      await actAfternoon(room)
      await using screen = await lookAt(room, { viewport })
      await screen.page.locator('.card').nth(3).waitFor()
      const file = await screen.shoot(`wallboard-${name}.png`)
      // WALLBOARD_PICTURE=docs/images/wallboard.png renews the picture of the README.
      if (process.env['WALLBOARD_PICTURE'] && name === '1920')
        await copyFile(file, process.env['WALLBOARD_PICTURE'])
      await expectWhole(screen)
    },
  )

  it.each(['dark', 'light'])(
    'the wallboard in a %s room has enough contrast everywhere (WCAG AA)',
    async (theme) => {
      await using room = await openRoom(folder)
      await actAfternoon(room)
      await room.clock.advance(30_000)
      await using screen = await lookAt(room, {}, `&theme=${theme}`)
      await screen.page.locator('.card[data-urgency=late]').waitFor()
      await screen.shoot(`wallboard-${theme}.png`)
      expect(await faultsOf(screen.page)).toEqual([])
      await expectWhole(screen)
    },
  )

  it('the bar shows an alarm for a telephone that rings too long, and its call is marked', async () => {
    await using room = await openRoom(folder)
    await actAfternoon(room)
    await room.clock.advance(30_000)
    await using screen = await lookAt(room)
    await screen.page.locator('.bar__alarm', { hasText: 'Nadia Benali' }).waitFor()
    await screen.page.locator('.card[data-urgency=late]').waitFor()
    await screen.shoot('wallboard-alarm.png')
    await expectWhole(screen)
  })

  it('the wallboard counts the calls and technicians that do not fit', async () => {
    await using room = await openRoom(folder)
    for (let n = 1; n <= 19; n++) {
      const name = room.agent(
        n % 5 === 0 ? `Maximilienne-Anastasie de La Tour ${n}` : `Technicien ${n}`,
        `${200 + n}`,
      )
      if (n > 9) continue
      room.call(`${n}`, name, { phase: 'talking', talkingSinceMs: room.nowMs() - n * 60_000 })
      for (let line = 0; line < 6; line++)
        room.say(
          `${n}`,
          line % 2 ? 'caller' : 'agent',
          line * 2_000,
          `Voici la phrase numéro ${line}. `.repeat(3),
        )
    }
    await using screen = await lookAt(room)
    await screen.page.locator('.card').nth(5).waitFor()
    await screen.shoot('wallboard-crowded.png')
    expect(await screen.page.locator('.card').count()).toBe(6)
    expect(await screen.page.locator('.calls .section__more').textContent()).toBe('+3 autres appels')
    expect(await screen.page.locator('.agents .section__more').textContent()).toBe('+5 autres')
    await expectWhole(screen)
  })

  it.each([1, 2, 3])('the wallboard uses its whole area for %i calls', async (count) => {
    await using room = await openRoom(folder)
    await actAfternoon(room)
    for (const key of ['1', '2', '3', '4'].slice(count))
      room.call(key, 'Hugo Lefèvre', { phase: 'done', endedAtMs: room.nowMs() })
    await room.clock.advance(20_000)
    await using screen = await lookAt(room)
    await screen.shoot(`wallboard-${count}-calls.png`)
    expect(await screen.page.locator('.card').count()).toBe(count)
    await expectWhole(screen)
  })

  it('the wallboard shows that no call is active, and a dash for a figure that was never measured', async () => {
    await using room = await openRoom(folder)
    room.slots = { total: 0, used: 0 }
    await using screen = await lookAt(room)
    await screen.shoot('wallboard-empty.png')
    expect(await screen.page.locator('.calls .empty').textContent()).toBe('Aucun appel en cours')
    expect(await screen.page.locator('[data-figure=ready] dd').textContent()).toBe('–')
    expect(await screen.page.locator('[data-figure=places] dd').textContent()).toBe('indisponible')
    await expectWhole(screen)
  })

  it('the wallboard is in English by ?lang=en, and by the browser’s language', async () => {
    await using room = await openRoom(folder)
    await actAfternoon(room)
    await using asked = await lookAt(room, {}, '&lang=en')
    await asked.page.locator('.card').nth(3).waitFor()
    await asked.shoot('wallboard-en.png')
    expect(await asked.page.locator('h1').textContent()).toBe('Live calls')
    expect(await asked.page.locator('html').getAttribute('lang')).toBe('en')
    await expectWhole(asked)
    await using native = await lookAt(room, { locale: 'en-US' })
    expect(await native.page.locator('h1').textContent()).toBe('Live calls')
  })

  it('the wallboard has no motion when the system asks for reduced motion', async () => {
    await using room = await openRoom(folder)
    await actAfternoon(room)
    await using screen = await lookAt(room, { reducedMotion: 'reduce' })
    await screen.page.locator('.line[data-provisional=yes]').first().waitFor()
    const running = await screen.page.evaluate(
      () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
    )
    expect(running).toBe(0)
  })
})

describe('a wallboard that the hub does not admit', () => {
  it('[L2] a wallboard without a token asks for an enrollment key, and is live after it', async () => {
    await using room = await openRoom(folder)
    await actAfternoon(room)
    await using screen = await openWallboardScreen(browser)
    const { page } = screen
    await page.goto(`${room.url}?lang=fr`)
    await page.getByText('Le hub a refusé cet écran').waitFor()
    await screen.shoot('wallboard-refused.png')
    await expectWhole(screen)
    await page.getByLabel('Clé d’inscription').fill('wrong')
    await page.getByRole('button', { name: 'Inscrire cet écran' }).click()
    await page.getByText('Cette clé est inconnue').waitFor()
    await page.getByLabel('Clé d’inscription').fill(`${await room.enrollmentKey()}.pin-of-the-authority`)
    await page.getByRole('button', { name: 'Inscrire cet écran' }).click()
    await page.locator('.wallboard[data-tone=live] .card').nth(3).waitFor()
    expect(page.url()).not.toMatch(/token|once|secret/)
    expect(await page.evaluate(() => document.cookie)).toBe('') // no script can read the token
  })

  it(`[L7] a wallboard grays out its picture when its token is revoked (${CLOSE.badToken.code})`, async () => {
    await using room = await openRoom(folder)
    await actAfternoon(room)
    await using screen = await lookAt(room)
    await room.revoke()
    await screen.page.getByText('Le hub a refusé cet écran').waitFor()
    expect(await screen.page.locator('.wallboard').getAttribute('data-tone')).toBe('cut')
    await screen.shoot('wallboard-revoked.png')
    await expectWhole(screen)
  })
})

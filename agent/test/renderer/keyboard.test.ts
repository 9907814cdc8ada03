import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Input } from '../../src/ipc/channels.ts'
import { playSamples } from '../../src/main/history/wav.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { startWebServer } from '../../src/main/web/webServer.ts'
import {
  aDesk,
  aDeskCall,
  aDeskDraft,
  aTalkingDesk,
  CALL_ID,
  someLines,
} from '../../testing/desk/deskBuilders.ts'
import { createFakeDesk } from '../../testing/desk/fakeDesk.ts'
import { scenarioAnswers } from '../../testing/desk/scenarios.ts'
import {
  openBrowser,
  openWindow,
  shoot,
  accessibilityViolations,
  type OpenBrowser,
} from '../../testing/desk/windowPage.ts'

let open: OpenBrowser
beforeAll(async () => {
  open = await openBrowser()
})
afterAll(() => open[Symbol.asyncDispose]())

async function aWindow(first: Parameters<typeof createFakeDesk>[0]) {
  const desk = createFakeDesk(first, scenarioAnswers)
  const server = await startWebServer({
    desk,
    page: open.folder,
    port: 0,
    token: 'token',
    openRecording: async () => playSamples(new Int16Array(16_000 * 45)),
    soundTest: () => undefined,
    log: silentLogger,
  })
  const window = await openWindow(open.browser, server.link)
  const { page } = window
  return {
    ...window,
    desk,
    server,
    asked: (name: string) => desk.asked.filter((each) => each.name === name).map(({ input }) => input),
    focused: () => page.evaluate(() => document.activeElement?.textContent ?? ''),
    async [Symbol.asyncDispose]() {
      await window[Symbol.asyncDispose]()
      await server.stop()
    },
  }
}

describe('without a pointer', () => {
  it('moves through the views by arrow keys, and opens one by Enter', async () => {
    await using window = await aWindow({ desk: aDesk() })
    const { page } = window
    await page.getByRole('button', { name: 'Appel', exact: true }).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await window.focused()).toBe('Réglages')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Réglages', level: 1 }).waitFor()
    expect(await page.locator('[aria-current=page]').textContent()).toBe('Réglages')
  })

  it('reaches the newest line by one Tab stop, moves up by arrow keys, and plays a line by Enter', async () => {
    await using window = await aWindow({ desk: aTalkingDesk(), lines: someLines })
    const { page } = window
    await page.locator('button.line').last().waitFor()
    await page.locator('.transcript__scroll').focus()
    await page.keyboard.press('Tab')
    expect(await window.focused()).toContain('Alors c’est sans doute le câble')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    expect(await window.focused()).toContain('Est-ce que le voyant')
    await page.keyboard.press('Enter')
    await page.locator('.line[data-playing=true]', { hasText: 'voyant réseau est allumé' }).waitFor()
    expect(window.asked('decideDraft')).toEqual([])
  })

  it('opens the search in all calls by Alt+F from anywhere, with its text selected', async () => {
    await using window = await aWindow({ desk: aTalkingDesk(), lines: someLines })
    const { page } = window
    await page.locator('body').press('Alt+F')
    await page.keyboard.type('Nadia')
    await page.getByText('2 appels', { exact: true }).waitFor()
    await page.keyboard.press('Alt+F')
    await page.keyboard.type('Paul')
    await page.getByText('1 appel', { exact: true }).waitFor()
    expect(await page.getByRole('searchbox').inputValue()).toBe('Paul')
  })

  it('finds, opens and plays a past call', async () => {
    await using window = await aWindow({ desk: aDesk() })
    const { page } = window
    await page.keyboard.press('Alt+2')
    await page.getByRole('searchbox').focus()
    await page.keyboard.type('Hélène')
    await page.getByText('1 appel', { exact: true }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Écouter', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Suspendre' }).waitFor()
    await page.getByRole('slider').fill('41000')
    const last = page.locator('.past__body .line[data-playing=true]', { hasText: 'Je vous envoie quelqu’un' })
    await last.waitFor()
    expect(await last.evaluate((line) => line.getBoundingClientRect().bottom <= innerHeight)).toBe(true)
  })

  it('keeps the focus in a dialog, and returns it after Escape', async () => {
    await using window = await aWindow({ desk: aTalkingDesk(), lines: someLines })
    const { page } = window
    const erase = page.getByRole('button', { name: 'Ne pas enregistrer' })
    await erase.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    expect(await window.focused()).toBe('Annuler')
    for (let presses = 0; presses < 3; presses++) {
      await page.keyboard.press('Tab')
      expect(
        await page.evaluate(
          () =>
            document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
        ),
      ).toBe(true)
    }
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await window.focused()).toContain('Ne pas enregistrer')
    expect(window.asked('actOnCall')).toEqual([])
  })

  it('shows the focus at every Tab stop', async () => {
    await using window = await aWindow({ desk: aTalkingDesk(), lines: someLines })
    const { page } = window
    for (let stop = 0; stop < 25; stop++) {
      await page.keyboard.press('Tab')
      const seen = await page.evaluate(() => {
        const at = document.activeElement
        if (!at || at === document.body) return 'none'
        const ring = (each: Element | null) => each !== null && getComputedStyle(each).outlineStyle !== 'none'
        return ring(at) || ring(at.closest('.choices__one')) ? 'ring' : at.outerHTML.slice(0, 120)
      })
      expect(['ring', 'none']).toContain(seen)
    }
  })
})

describe('a draft that was discarded', () => {
  const held = () =>
    aTalkingDesk({
      calls: [],
      drafts: [
        aDeskDraft({ at: 'countdown', deadlineMs: 1_767_225_600_000, remainingMs: 9_000, totalMs: 15_000 }),
      ],
      shown: CALL_ID,
    })
  const decisions = (asked: readonly unknown[]) =>
    asked.map((input) => (input as Input<'decideDraft'>).choice.kind)

  it('holds a discarded draft at once, does not file it by Enter, and restores it by Alt+Z', async () => {
    await using window = await aWindow({ desk: held() })
    const { page } = window
    await page.getByRole('button', { name: 'Abandonner' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Abandonner' }).click()
    await page.getByRole('heading', { name: 'Abandonné' }).waitFor()
    await page.getByRole('status').getByText('Brouillon abandonné.').waitFor()
    expect(await accessibilityViolations(page)).toEqual([])
    await shoot(page, 'draft-leaving')
    await page.locator('body').press('Enter')
    await page.locator('body').press('Alt+Z')
    await page.getByRole('button', { name: 'Créer le ticket' }).waitFor()
    expect(decisions(window.asked('decideDraft'))).toEqual(['hold'])
  })

  it('sends a discard to the hub when the page closes first', async () => {
    await using window = await aWindow({ desk: held() })
    const { page } = window
    await page.getByRole('button', { name: 'Abandonner' }).click()
    await page.getByRole('radio', { name: 'Doublon' }).check()
    await page.getByRole('dialog').getByRole('button', { name: 'Abandonner' }).click()
    await page.getByRole('heading', { name: 'Abandonné' }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Créer le ticket' }).waitFor()
    await expect.poll(() => decisions(window.asked('decideDraft'))).toEqual(['hold', 'discard'])
  })
})

describe('the list of all keys', () => {
  it('opens the list of shortcuts by F1 and by ?, but not while a technician types, nor once ? is turned off', async () => {
    await using window = await aWindow({ desk: aTalkingDesk(), lines: someLines })
    const { page } = window
    const list = page.getByRole('dialog', { name: 'Raccourcis clavier' })
    await page.locator('body').press('?')
    await list.getByText('Marquer ce moment').waitFor()
    await page.getByLabel('La touche').uncheck()
    await page.keyboard.press('Escape')
    await list.waitFor({ state: 'detached' })
    await page.locator('body').press('?')
    await page.getByLabel('Titre').press('?')
    expect(await list.count()).toBe(0)
    expect(await page.getByLabel('Titre').inputValue()).toContain('?')
    await page.keyboard.press('F1')
    await list.waitFor()
  })
})

describe('the clipboard', () => {
  const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText())

  it('copies the transcript with times and speakers, without its partials', async () => {
    await using window = await aWindow({ desk: aTalkingDesk(), lines: someLines })
    const { page } = window
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copier la conversation' }).click()
    await page.getByText('Conversation copiée.').waitFor()
    const text = await clipboard(page)
    expect(text).toContain('[0:04] Thomas Girard : Oui bonjour, c’est Thomas Girard, du cabinet Morel.')
    expect(text).toContain('[0:24] Moment marqué')
    expect(text).not.toContain('Merci. Vous pouvez me rappeler')
  })

  it('copies the number as it can be dialed', async () => {
    await using window = await aWindow({ desk: aTalkingDesk() })
    const { page } = window
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copier le numéro' }).click()
    await page.getByText('Numéro copié.').waitFor()
    expect(await clipboard(page)).toMatch(/^\+33\d{9}$/)
  })
})

describe('the checklist', () => {
  it('shows the source of a tick, and marks those words in the transcript', async () => {
    await using window = await aWindow({ desk: aTalkingDesk(), lines: someLines })
    const { page } = window
    await page.getByText('4 sur 5. À demander : Rappel').waitFor()
    await page.getByRole('button', { name: /^Déjà essayé/ }).focus()
    await page.locator('.checks__message', { hasText: '(entendu)' }).waitFor()
    await page.locator('.turns mark').first().waitFor()
    await page.getByLabel('Titre').focus()
    await page.locator('.turns mark').first().waitFor({ state: 'detached' })
  })
})

describe('a call behind another view', () => {
  it('keeps the active call in the bar with its time and a way back', async () => {
    await using window = await aWindow({ desk: aTalkingDesk(), lines: someLines })
    const { page } = window
    await page.keyboard.press('Alt+3')
    const chip = page.getByRole('button', { name: /Thomas Girard.*Revenir à l’appel/ })
    expect(await chip.textContent()).toMatch(/0:4\d/)
    expect(await page.title()).toBe('● Thomas Girard · 3CX-Ninja Realtime')
    await chip.click()
    await page.getByRole('heading', { name: 'Thomas Girard' }).waitFor()
    expect(await chip.count()).toBe(0)
  })
})

describe('a low window beside the softphone', () => {
  it('keeps name, time, buttons and several lines of the transcript in 360 by 420 pixels', async () => {
    await using window = await aWindow({ desk: aTalkingDesk(), lines: someLines })
    const { page } = window
    await page.setViewportSize({ width: 360, height: 420 })
    for (const name of ['Pause', 'Marquer', 'Ne pas enregistrer'])
      expect(await page.getByRole('button', { name }).isVisible()).toBe(true)
    const box = await page.locator('.transcript__scroll').boundingBox()
    expect(box?.height).toBeGreaterThan(130)
    await page.waitForFunction(() => {
      const each = document.querySelector('.transcript__scroll')!
      return each.scrollHeight - each.scrollTop - each.clientHeight < 5
    })
    expect(await accessibilityViolations(page)).toEqual([])
    await shoot(page, 'low-window')
  })
})

describe('colors that the system chooses', () => {
  it('distinguishes levels, speakers and the chosen priority under forced colors', async () => {
    await using window = await aWindow({ desk: aTalkingDesk(), lines: someLines })
    const { page } = window
    await page.emulateMedia({ forcedColors: 'active' })
    const outline = await page
      .locator('.choices__one:has(:checked)')
      .first()
      .evaluate((each) => getComputedStyle(each).outlineStyle)
    expect(outline).toBe('solid')
    await shoot(page, 'forced-colors')
  })
})

describe('the live transcript', () => {
  it('follows the newest line, lets the reader scroll up, and follows again on request', async () => {
    const many = Array.from({ length: 60 }, (_, at) => ({
      ...someLines[at % 5]!,
      id: `line-${at}`,
      fromMs: at * 3_000,
    }))
    await using window = await aWindow({ desk: aTalkingDesk(), lines: many })
    const { page, desk } = window
    const box = page.locator('.transcript__scroll')
    const left = () => box.evaluate((each) => each.scrollHeight - each.scrollTop - each.clientHeight)
    await page.locator('.line').nth(59).waitFor()
    expect(await left()).toBeLessThan(5)
    await box.evaluate((each) => {
      each.scrollTop = 100
    })
    await page.getByRole('button', { name: 'Revenir au direct' }).waitFor()
    desk.show({
      desk: aTalkingDesk(),
      lines: [...many, { ...someLines[0]!, id: 'line-new', fromMs: 300_000 }],
    })
    await page.locator('.line').nth(60).waitFor()
    expect(await box.evaluate((each) => each.scrollTop)).toBe(100)
    await page.getByRole('button', { name: 'Revenir au direct · 1 nouvelle ligne' }).click()
    await page.waitForFunction(() => {
      const each = document.querySelector('.transcript__scroll')!
      return each.scrollHeight - each.scrollTop - each.clientHeight < 5
    })
  })

  it('shows markup in a transcript as text', async () => {
    const nasty = '<img src=x onerror="document.title=1"><script>document.title=2</script> {{t}} $t(app.name)'
    const line = { ...someLines[0]!, text: nasty }
    const call = aDeskCall({ name: nasty })
    await using window = await aWindow({ desk: aTalkingDesk({ calls: [call] }), lines: [line] })
    await window.page.locator('.line', { hasText: nasty }).waitFor()
    expect(await window.page.title()).toContain('3CX-Ninja')
    expect(window.consoleErrors).toEqual([])
  })
})

describe('a window whose agent is gone', () => {
  it('reports a lost agent, and recovers when the agent is back', async () => {
    await using window = await aWindow({ desk: aTalkingDesk(), lines: someLines })
    await window.page.getByText('Hub relié').waitFor()
    await window.server.stop()
    await window.page.getByText('La fenêtre n’est plus reliée à l’agent').waitFor()
    const again = await startWebServer({
      desk: window.desk,
      page: open.folder,
      port: window.server.port,
      token: 'token',
      openRecording: async () => undefined,
      soundTest: () => undefined,
      log: silentLogger,
    })
    await window.page.getByText('La fenêtre n’est plus reliée').waitFor({ state: 'detached' })
    await again.stop()
  })
})

describe('the ticket’s link', () => {
  it('links to a ticket only at an https address', async () => {
    const filed = (ticketUrl: string) =>
      aTalkingDesk({
        drafts: [aDeskDraft({ at: 'filed', ticketId: '1', ticketUrl, filedAtMs: 1_767_225_600_000 })],
        shown: CALL_ID,
      })
    await using window = await aWindow({ desk: filed('https://ninja.example.com/1') })
    const link = window.page.getByRole('link', { name: 'Ouvrir dans le helpdesk' })
    expect(await link.getAttribute('rel')).toBe('noreferrer')
    window.desk.show({ desk: filed('javascript:document.title=1') })
    await link.waitFor({ state: 'detached' })
  })
})

describe('the diagnosis', () => {
  it('copies the diagnosis as a report that can be sent', async () => {
    await using window = await aWindow({ desk: aDesk() })
    const { page } = window
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.keyboard.press('Alt+4')
    await page.getByRole('button', { name: 'Copier le rapport' }).click()
    await page.getByText('Rapport copié.').waitFor()
    const report = await page.evaluate(() => navigator.clipboard.readText())
    expect(report.split('\n')[0]).toBe('3CX-Ninja Realtime 0.1.0 · PC-201 · 2026-01-05T09:00:00.000Z')
    expect(report).toContain('[BON] Hub – Relié à https://hub.example.com:3000 (version 0.1.0).')
    expect(report).toContain('    seconds=7.2')
  })
})

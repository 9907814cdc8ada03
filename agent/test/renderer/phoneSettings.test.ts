import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeskSettings } from '../../src/ipc/deskSnapshot.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { startWebServer } from '../../src/main/web/webServer.ts'
import { aDesk } from '../../testing/desk/deskBuilders.ts'
import { createFakeDesk } from '../../testing/desk/fakeDesk.ts'
import { scenarioAnswers } from '../../testing/desk/scenarios.ts'
import { openBrowser, openWindow, type OpenBrowser } from '../../testing/desk/windowPage.ts'

let open: OpenBrowser
beforeAll(async () => {
  open = await openBrowser()
})
afterAll(() => open[Symbol.asyncDispose]())

type Field = DeskSettings['fields']['phonePrograms']

/** The list of programs as the technician sees it, opened. */
async function aList(field: Field = { value: '', from: 'default', locked: false }) {
  const first = aDesk()
  const settings = { ...first.settings, fields: { ...first.settings.fields, phonePrograms: field } }
  const desk = createFakeDesk({ desk: { ...first, settings } }, scenarioAnswers)
  const server = await startWebServer({
    desk,
    page: open.folder,
    port: 0,
    token: 'token',
    openRecording: async () => undefined,
    soundTest: () => undefined,
    log: silentLogger,
  })
  const window = await openWindow(open.browser, server.link)
  const { page } = window
  await page.keyboard.press('Alt+3')
  await page.getByText('Programmes du téléphone (avancé)').click()
  return {
    ...window,
    list: page.getByLabel('Programmes qui comptent comme le téléphone'),
    saved: () => desk.asked.flatMap(({ name, input }) => (name === 'saveSettings' ? [input] : [])),
    async [Symbol.asyncDispose]() {
      await window[Symbol.asyncDispose]()
      await server.stop()
    },
  }
}

describe('the phone’s programs in the settings', () => {
  it('saves the phone’s programs, one per line, when the technician leaves the list', async () => {
    await using window = await aList()
    await window.list.fill(' msedge.exe;linphone \n')
    await window.list.blur()
    await window.page.getByText('Enregistré.').waitFor()
    expect(window.saved()).toEqual([{ changes: { phonePrograms: 'msedge.exe\nlinphone' } }])
  })

  it('names an invalid program with its remedy while it is typed, and saves nothing', async () => {
    await using window = await aList()
    await window.list.fill('msedge.exe\nC:\\Program Files\\3CX\\3CX.exe')
    await window.page.getByRole('alert').waitFor()
    expect(await window.page.getByRole('alert').textContent()).toMatch(
      /3CX\.exe.*écrivez seulement le nom du fichier, par exemple 3CXDesktopApp\.exe/,
    )
    await window.list.blur()
    await window.list.fill('msedge.exe')
    await window.list.blur()
    await window.page.getByText('Enregistré.').waitFor()
    expect(window.saved()).toEqual([{ changes: { phonePrograms: 'msedge.exe' } }])
  })

  it('adds a program that uses the microphone, and shows that the phone’s own counts already', async () => {
    await using window = await aList({ value: 'linphone', from: 'user', locked: false })
    await window.page.getByRole('button', { name: 'Ajouter msedge.exe' }).press('Enter')
    await window.page.getByText('Enregistré.').waitFor()
    expect(window.saved()).toEqual([{ changes: { phonePrograms: 'linphone\nmsedge.exe' } }])
    const known = window.page.getByRole('listitem').filter({ hasText: '3CXDesktopApp.exe' })
    expect(await known.textContent()).toContain('Compte comme le téléphone')
    expect(await known.getByRole('button').count()).toBe(0)
  })

  it('shows the phone’s programs without editing where the organization’s policy sets them', async () => {
    await using window = await aList({ value: 'chrome.exe', from: 'policy', locked: true })
    await window.page.getByText('Fixé par la stratégie de votre organisation.').last().waitFor()
    expect(await window.list.getAttribute('readonly')).not.toBeNull()
    expect(await window.page.getByRole('button', { name: 'Ajouter msedge.exe' }).isDisabled()).toBe(true)
  })
})
